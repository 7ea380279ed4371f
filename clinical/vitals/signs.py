"""The bedside signs of a chart as readings: one per measurement and sign, in one unit, with what is wrong with it.

Nothing is left out: a value that cannot be used is a reading that says why. Systolic and diastolic are two signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter, lt

from clinical import units
from clinical.codes import LOINC
from clinical.dates import plot_time
from clinical.judgement import entry_error, pressure_error
from clinical.records import (
    Chart,
    Component,
    Concept,
    FhirTime,
    Observation,
    Point,
    Quantity,
    Value,
)
from clinical.units.read import bare

from .oxygen import oxygen_readings
from .reading import Reading, Readings, status_words
from .terms import ACVPU_CODES, ACVPU_WORDS, BY_KEY, OWN_SCORE_WORDS, OXYGEN_CODES, SIGN_OF

_TIMED = ("minute", "second", "period")


def readings_of(chart: Chart) -> Readings:
    """Every reading of every sign. Source times are taken as sent; nothing depends on the clock."""
    found: dict[str, list[Reading]] = {}
    undated: dict[str, int] = {}
    meant = _Meanings()
    for row in chart.series:
        for point in row.points:
            for reading in _readings(point, meant):
                found.setdefault(reading.sign, []).append(reading)
        for point in row.undated:
            for sign in _signs_of(point.record):
                undated[sign] = undated.get(sign, 0) + 1
    without_clock = sum([not one.timed for several in found.values() for one in several])
    by_sign = {key: _in_order(several) for key, several in found.items()}
    return Readings(by_sign=by_sign, undated=undated, without_clock=without_clock)


def _in_order(several: list[Reading]) -> tuple[Reading, ...]:
    """Oldest first; at one moment by their source, whatever the order they came in."""
    times = list(map(_time, several))
    if not all(map(lt, times, times[1:])):  # rows come in order: mostly there is nothing to do
        several.sort(key=_order)
    return tuple(several)


_time = attrgetter("at")
_order = attrgetter("at", "record.source.server", "record.source.reference")


class _Meaning:
    """What one concept says. measured: what numbers with this concept came to, since the same few come again."""

    __slots__ = ("codes", "measured", "oxygen", "sign")

    def __init__(self, concept: Concept) -> None:
        self.sign = sign_of(concept)
        self.codes = _codes(concept)
        self.oxygen = _is_oxygen(concept)
        self.measured: dict[object, tuple[Decimal | None, str]] = {}

    def number(self, quantity: Quantity, sign: str) -> tuple[Decimal | None, str]:
        """(the number in the sign's unit, why it is taken for an entry error)."""
        key = (sign, quantity.value, quantity.unit, quantity.code, quantity.system)
        found = self.measured.get(key)
        if found is None:
            wrong = entry_error(quantity, self.codes)
            found = self.measured[key] = (in_unit(quantity, sign, self.codes), wrong)
        return found


class _Meanings:
    """Of the concepts of one chart: many observations share one concept, mostly the very same object."""

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[Concept, _Meaning]] = {}
        self._by_concept: dict[Concept, _Meaning] = {}

    def of(self, concept: Concept) -> _Meaning:
        known = self._by_id.get(id(concept))
        if known is None:
            meaning = self._by_concept.get(concept)
            if meaning is None:
                meaning = self._by_concept[concept] = _Meaning(concept)
            # The concept is held as well, so that no other one can get its id.
            known = self._by_id[id(concept)] = (concept, meaning)
        return known[1]


def _readings(point: Point, meant: _Meanings) -> Iterable[Reading]:
    record = point.record
    own = meant.of(record.concept)
    sign, parts = own.sign, record.components
    if not parts:
        if sign == "oxygen":
            return oxygen_readings(point, _at(record.taken), _timed(record.taken))
        return (_reading(point, sign, None, own),) if sign else ()
    found: list[Reading] = []
    if sign and sign != "oxygen" and record.value != Value():
        found.append(_reading(point, sign, None, own))
    oxygen = False
    for part in parts:
        of = meant.of(part.concept)
        oxygen = oxygen or of.oxygen
        if of.sign and of.sign != "oxygen":
            found.append(_reading(point, of.sign, part, of))
    if oxygen:
        found.extend(oxygen_readings(point, _at(record.taken), _timed(record.taken)))
    return found


def _signs_of(record: Observation) -> set[str]:
    concepts = (record.concept, *(part.concept for part in record.components))
    return {sign for concept in concepts if (sign := sign_of(concept))}


@lru_cache(maxsize=2048)
def sign_of(concept: Concept) -> str:
    """The sign a code belongs to, "" for none. Words decide only for a score that is named exactly."""
    for coding in concept.codings:
        found = SIGN_OF.get((coding.system or "", coding.code))
        if found is not None:
            return found
    words = concept.text.lower()
    return "news2" if any(words.startswith(one) for one in OWN_SCORE_WORDS) else ""


def _is_oxygen(concept: Concept) -> bool:
    return any(one.system == LOINC and one.code in OXYGEN_CODES for one in concept.codings)


def _at(taken: FhirTime | None) -> datetime:
    assert taken is not None  # noqa: S101  points of a series are dated
    return plot_time(taken)


def _timed(taken: FhirTime | None) -> bool:
    """A period of days, or a day, has no time of day."""
    if taken is None or taken.precision not in _TIMED:
        return False
    return taken.precision != "period" or taken.zone_known


def _reading(point: Point, sign: str, part: Component | None, meaning: _Meaning) -> Reading:
    record = point.record
    holder = part if part is not None else record
    value, letter, why, error = _judged(record, holder, sign, meaning)
    quantity = holder.value.quantity
    return Reading(
        sign=sign,
        at=_at(record.taken),
        record=record,
        value=value,
        letter=letter,
        unusable=why,
        implausible=error,
        comparator=(quantity.comparator or "") if quantity is not None else "",
        timed=_timed(record.taken),
        part=part,
        also=point.also,
    )


def _judged(
    record: Observation, holder: Observation | Component, sign: str, meaning: _Meaning
) -> tuple[Decimal | None, str, str, bool]:
    """(value, letter, why it is unusable, whether it is an entry error)."""
    if sign == "consciousness":
        letter = letter_of(holder.value)
        why = status_words(record) or ("" if letter else _no_value(holder, "answer not understood"))
        return None, letter, why, False
    number = _number(holder.value)
    if number is None or number.value is None:
        return None, "", _no_value(holder, "no number"), False
    value, wrong = meaning.number(number, sign)
    wrong = wrong or (pressure_error(record) if holder is not record else "")
    if wrong:
        return value, "", wrong, True
    if number.comparator:
        return value, "", f"only a bound is known ({number.comparator} {number.value:f})", False
    if value is None:
        unit = number.unit or number.code
        return None, "", f"unit {unit!r} is not usable" if unit else "unit not stated", False
    return value, "", status_words(record), False


def _number(value: Value) -> Quantity | None:
    if value.integer is not None:
        return Quantity(value=Decimal(value.integer))
    return value.quantity


def _no_value(holder: Observation | Component, otherwise: str) -> str:
    return holder.absent.replace("-", " ") if holder.absent else otherwise


def letter_of(value: Value) -> str:
    """A, C, V, P or U from a coded answer, or from words that are exactly one of the known ones; else ""."""
    concept = value.concept
    for coding in concept.codings if concept is not None else ():
        letter = ACVPU_CODES.get((coding.system or "", coding.code))
        if letter is not None:
            return letter
    words = value.string if value.string is not None else concept.text if concept else ""
    return ACVPU_WORDS.get(words.strip().lower(), "")


@lru_cache(maxsize=512)
def _codes(concept: Concept) -> tuple[str, ...]:
    return tuple(one.code for one in concept.codings if one.system == LOINC)


def in_unit(quantity: Quantity, sign: str, codes: Sequence[str] = ()) -> Decimal | None:
    """The number in the unit of the sign; None when its unit is missing, not known, or of another kind.

    A score (pain, NEWS2) is a bare number whatever its unit is called. "{beats}/min" is "/min".
    """
    to = BY_KEY[sign].unit
    if not to:
        return quantity.value
    sent = _bare_unit(quantity.code, quantity.unit, quantity.system)
    if sent == to:
        return quantity.value
    if not sent:
        return None
    plain = Quantity(value=quantity.value, code=sent, unit=sent, system="http://unitsofmeasure.org")
    converted = units.convert(plain, to, codes=codes)
    return None if isinstance(converted, units.Refused) else converted.value


@lru_cache(maxsize=512)
def _bare_unit(code: str, unit: str, system: str) -> str:
    return bare(units.ucum(Quantity(value=None, code=code, unit=unit, system=system)))
