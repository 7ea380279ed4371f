"""Numbers with their precision, values of every type, reference ranges (rules 20-24, 28)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Literal, cast

import msgspec

from clinical import resources as fhir
from clinical.errors import ResourceUnreadable
from clinical.judgement.dose import unit_words
from clinical.records import Quantity, ReferenceRange, Value

from . import words
from .reading import Reading

Comparator = Literal["<", "<=", ">", ">=", "ad"]

_COMPARATORS = frozenset({"<", "<=", ">", ">=", "ad"})
_NUMBER_START = b"-0123456789"
_DIGITS_AT_MOST = 40  # no laboratory reports more; it stops a number made to be expensive
_EXPONENT_AT_MOST = 30
_OTHER_AT_MOST = 500  # characters of a value that is shown as text only
NO_VALUE = Value()


# ---- numbers ----------------------------------------------------------------------------------------------------


def number(raw: msgspec.Raw, ref: str) -> Decimal | None:
    """The JSON number as sent, trailing zeros and all; None for null or nothing.

    Raises ResourceUnreadable for anything else: a string is never turned into a number (rule 23).
    """
    token = bytes(raw)
    if not token or token == b"null":
        return None
    if token[0] not in _NUMBER_START or len(token) > _DIGITS_AT_MOST:
        raise ResourceUnreadable(ref, f"a number is not one: {_shown(token)}")
    value = _decimal(token)
    if abs(value.adjusted()) > _EXPONENT_AT_MOST:
        raise ResourceUnreadable(ref, f"a number is out of any range: {_shown(token)}")
    return value


@lru_cache(maxsize=4096)
def _decimal(token: bytes) -> Decimal:
    """Only of a number: the cache outlives the patient, and a number alone says nothing about anybody."""
    return Decimal(token.decode("ascii"))


def _shown(token: bytes) -> str:
    return token[:60].decode("utf-8", "replace")


def quantity(sent: fhir.Quantity | None, ref: str, reading: Reading) -> Quantity | None:
    """A Quantity as sent; None when it holds no number.

    Raises ResourceUnreadable for a value that is not a number, or a comparator we do not know (it changes meaning).
    """
    if sent is None:
        return None
    value = number(sent.value, ref)
    if value is None:
        return None
    comparator = sent.comparator or None
    if comparator is not None and comparator not in _COMPARATORS:
        raise ResourceUnreadable(ref, f"comparator {comparator!r} is not known")
    share = reading.share
    return Quantity(
        value=value,
        comparator=cast("Comparator | None", comparator),
        unit=share(sent.unit or sent.code),
        code=share(sent.code),
        system=share(sent.system),
    )


def quantity_words(sent: fhir.Quantity | None) -> str:
    """ "<5.10 mg/dL" with the digits as sent, whatever they are; for text that is only shown. [iU] are "units"."""
    if sent is None:
        return ""
    token = bytes(sent.value)
    digits = "" if token == b"null" else _shown(token)
    unit = unit_words(sent.unit or sent.code or "")
    joint = "" if unit == "%" else " "
    return f"{sent.comparator or ''}{digits}{joint if digits and unit else ''}{unit}".strip()


# ---- value[x] ---------------------------------------------------------------------------------------------------

_USUAL = (
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueBoolean",
    "valueInteger",
    "valueRange",
    "valueRatio",
    "valueSampledData",
    "valueTime",
    "valueDateTime",
    "valuePeriod",
)
_UNUSUAL = (
    "valueDecimal",
    "valueDate",
    "valueInstant",
    "valueCode",
    "valueUri",
    "valueAttachment",
    "valueReference",
)
_usual_of = attrgetter(*_USUAL)
_unusual_of = attrgetter(*_UNUSUAL)
_beside_quantity = attrgetter(*_USUAL[1:], *_UNUSUAL)
_NOTHING_BESIDE = (None,) * (len(_USUAL) - 1) + (fhir.NOTHING,) * len(_UNUSUAL)

Holder = fhir.Observation | fhir.ObservationComponent


def value_of(holder: Holder, ref: str, reading: Reading) -> tuple[Value, str]:
    """(value, why absent). Both empty: the source sent neither, which is neither zero nor normal.

    Raises ResourceUnreadable for two values, a number that is not one, or a value beside a reason for having none.
    """
    value, reason = _sent_value(holder, ref, reading)
    stated = _stated_reason(holder, reading)
    if stated and value is not NO_VALUE:
        raise ResourceUnreadable(ref, f"it has a value and says the value is absent ({stated})")
    return value, stated or reason


def _sent_value(holder: Holder, ref: str, reading: Reading) -> tuple[Value, str]:
    if _beside_quantity(holder) == _NOTHING_BESIDE:
        if holder.valueQuantity is not None:
            return _quantity_value(holder.valueQuantity, ref, reading)
        return NO_VALUE, _absent_primitive(holder)
    usual = zip(_USUAL, _usual_of(holder), strict=True)
    unusual = zip(_UNUSUAL, _unusual_of(holder), strict=True)
    sent = [name for name, one in usual if one is not None]
    sent += [name for name, raw in unusual if bytes(raw) not in _NULLS]
    if len(sent) > 1:
        raise ResourceUnreadable(ref, f"it has more than one value ({', '.join(sent)})")
    if not sent:
        return NO_VALUE, _absent_primitive(holder)
    return _one_value(sent[0], holder, ref, reading)


_NULLS = (b"", b"null")


def _one_value(name: str, holder: Holder, ref: str, reading: Reading) -> tuple[Value, str]:
    if name == "valueQuantity":
        return _quantity_value(holder.valueQuantity, ref, reading)
    if name == "valueCodeableConcept":
        return _concept_value(holder.valueCodeableConcept, reading)
    if name == "valueString":
        return _text_value(holder.valueString, _absent_primitive(holder))
    if name == "valueBoolean":
        return Value(boolean=holder.valueBoolean), ""
    if name == "valueInteger":
        return Value(integer=holder.valueInteger), ""
    shown = _other_words(name, holder)
    return (Value(other=shown[:_OTHER_AT_MOST]), "") if shown else (NO_VALUE, "")


def _quantity_value(sent: fhir.Quantity | None, ref: str, reading: Reading) -> tuple[Value, str]:
    found = quantity(sent, ref, reading)
    if found is not None:
        return Value(quantity=found), ""
    if sent is None:
        return NO_VALUE, ""
    return NO_VALUE, words.absent_primitive(sent.value_ext) or words.absent_extension(
        sent.extension
    )


def _concept_value(sent: fhir.CodeableConcept | None, reading: Reading) -> tuple[Value, str]:
    found = reading.concept(sent)
    reason = words.absent_reason(found)
    if reason:  # "unknown" as a code is a missing value, never a finding (rule 56)
        return NO_VALUE, reason
    if found.text or found.codings:
        return Value(concept=found), ""
    return NO_VALUE, words.absent_extension(sent.extension) if sent is not None else ""


def _text_value(text: str | None, reason: str) -> tuple[Value, str]:
    return (Value(string=text), "") if text and text.strip() else (NO_VALUE, reason)


def _stated_reason(holder: Holder, reading: Reading) -> str:
    sent = holder.dataAbsentReason
    if sent is None:
        return ""
    found = reading.concept(sent)
    if found.codings and found.codings[0].code:
        return words.absent_reason(found) or found.codings[0].code
    return found.text or words.absent_extension(sent.extension)


def _absent_primitive(holder: Holder) -> str:
    for primitive in (
        holder.value_string_ext,
        holder.value_boolean_ext,
        holder.value_integer_ext,
        holder.value_time_ext,
        holder.value_date_time_ext,
    ):
        if primitive is not None:
            return words.absent_primitive(primitive)
    return ""


def _other_words(name: str, holder: Holder) -> str:
    if name == "valueRange" and holder.valueRange is not None:
        return range_words(holder.valueRange)
    if name == "valueRatio" and holder.valueRatio is not None:
        return ratio_words(holder.valueRatio)
    if name == "valueSampledData" and holder.valueSampledData is not None:
        points = len((holder.valueSampledData.data or "").split())
        return f"recorded curve, {points} points"
    if name == "valuePeriod" and holder.valuePeriod is not None:
        return f"{holder.valuePeriod.start or '?'} to {holder.valuePeriod.end or 'open'}"
    if name in ("valueTime", "valueDateTime"):
        return str(getattr(holder, name))
    return _raw_words(getattr(holder, name))


def range_words(sent: fhir.Range) -> str:
    """ "5 to 10 mg/dL", "at least 5 mg/dL", "at most 10 mg/dL"."""
    low, high = quantity_words(sent.low), quantity_words(sent.high)
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""


def ratio_words(sent: fhir.Ratio) -> str:
    """ "1:64" for a titre, "10 mg / 5 mL" otherwise."""
    above, below = quantity_words(sent.numerator), quantity_words(sent.denominator)
    plain = not any(
        part is not None and (part.unit or part.code) for part in (sent.numerator, sent.denominator)
    )
    if not above or not below:
        return above or below
    return f"{above}:{below}" if plain else f"{above} / {below}"


def _raw_words(raw: msgspec.Raw) -> str:
    """A value of a type R4 does not have here: its words if it has any, else its JSON."""
    token = bytes(raw)
    decoded = msgspec.json.decode(token)
    if isinstance(decoded, str):
        return decoded
    if isinstance(decoded, dict):
        for name in ("display", "title", "text", "reference", "contentType"):
            if isinstance(decoded.get(name), str):
                return str(decoded[name])
    return token.decode("utf-8", "replace")


# ---- reference ranges -------------------------------------------------------------------------------------------


def ranges_of(raw: msgspec.Raw, ref: str, reading: Reading) -> tuple[ReferenceRange, ...]:
    """Every range as sent; which one counts is decided where age and sex are known (`clinical.judgement`).

    Equal JSON is read once per search. Raises ResourceUnreadable when it cannot be read.
    """
    token = bytes(raw)
    if token in _NULLS:
        return ()
    known = reading.ranges.get(token)
    if known is None:
        known = reading.ranges[token] = _read_ranges(token, ref, reading)
    return known


_RANGES = msgspec.json.Decoder(fhir.ReferenceRanges | None)


def _read_ranges(token: bytes, ref: str, reading: Reading) -> tuple[ReferenceRange, ...]:
    try:
        sent = _RANGES.decode(token)
    except msgspec.MsgspecError as error:
        raise ResourceUnreadable(ref, f"its reference range cannot be read: {error}") from error
    return tuple(_range(one, ref, reading) for one in sent or () if one is not None)


def _range(sent: fhir.ReferenceRange, ref: str, reading: Reading) -> ReferenceRange:
    if sent.modifierExtension:
        raise ResourceUnreadable(ref, "its reference range carries a modifier we do not know")
    age = sent.age
    return ReferenceRange(
        low=quantity(sent.low, ref, reading),
        high=quantity(sent.high, ref, reading),
        text=sent.text or "",
        type=reading.optional(sent.type),
        applies_to=reading.concepts(sent.appliesTo),
        age_low=quantity(age.low, ref, reading) if age is not None else None,
        age_high=quantity(age.high, ref, reading) if age is not None else None,
    )
