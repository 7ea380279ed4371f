"""Whether anything of an entry is lost between its raw bytes and the record made of it: read twice, compared.

The raw reading here shares nothing with the normalisers: plain JSON with every number kept as the text it was. It looks
at what harms when it is lost (fields by type in `_CHECKS`), not at everything that FHIR can carry.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinical.fhir.entries import Entry
from clinical.pipeline import FetchedSearch, section_records
from clinical.records import (
    Allergy,
    Component,
    Medication,
    Observation,
    Quantity,
    Record,
)

Json = Mapping[str, Any]
Check = Callable[[Json, Any], bool]


@dataclass
class Loss:
    """compared: how often each field was looked at. lost: (field, reference) where it did not arrive as sent.

    unaccounted: references that became neither a record nor a reason.
    """

    compared: Counter[str] = field(default_factory=Counter)
    lost: list[tuple[str, str]] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.lost and not self.unaccounted


def compare(fetched: Iterable[FetchedSearch], *, base: str = "") -> Loss:
    """Every entry that came as a match, against what the pipeline made of it."""
    found = Loss()
    for search in fetched:
        made = section_records(search, base=base)
        records = {record.source.reference: record for record in made.records}
        accounted = {*records, *(one.source.reference for one in made.not_shown)}
        for entry in search.entries:
            if not isinstance(entry, Entry) or entry.mode == "include" or entry.resource is None:
                continue
            record = records.get(entry.reference)
            if record is not None:
                _compare(read(entry.raw), record, found)
            elif entry.id and entry.reference not in accounted and entry.type in _CHECKS:
                found.unaccounted.append(entry.reference)
    return found


def read(raw: bytes) -> Json:
    """JSON with numbers as the text they were sent as."""
    return json.loads(raw, parse_float=str, parse_int=str)


def _compare(raw: Json, record: Record, found: Loss) -> None:
    for name, check in _CHECKS.get(str(raw.get("resourceType")), {}).items():
        found.compared[name] += 1
        if not check(raw, record):
            found.lost.append((name, record.source.reference))


# ---- reading the raw JSON ---------------------------------------------------------------------------------------


def _codes(sent: Any) -> set[str]:
    return {str(c.get("code")) for c in (sent or {}).get("coding") or () if c and c.get("code")}


def _words(sent: Any) -> set[str]:
    displays = {
        str(c["display"]) for c in (sent or {}).get("coding") or () if c and c.get("display")
    }
    return displays | ({str(sent["text"])} if (sent or {}).get("text") else set())


def _status(sent: Any, got: str) -> bool:
    """A coded status arrives as one of its codes; none, or a reason for having none, as nothing."""
    if not sent:
        return got == ""
    return got in _codes(sent) | {text.strip().lower() for text in _words(sent)} | {""}


def _stated(sent: Any, got: str) -> bool:
    """The same, and a plain status must not get lost."""
    known = _codes(sent) - {"unknown", "UNK", "NI", "ASKU", "NASK", "MSK"}
    return _status(sent, got) and (bool(got) or not known)


def _same_number(sent: Json | None, got: Quantity | None) -> bool:
    """Digits, comparator and unit as sent. A quantity without a number is none."""
    if not sent or sent.get("value") is None:
        return got is None or got.value is None
    if got is None or got.value is None:
        return False
    same = Decimal(str(sent["value"])).as_tuple() == got.value.as_tuple()
    unit = str(sent.get("unit") or sent.get("code") or "")
    return same and (got.comparator or "") == (sent.get("comparator") or "") and got.unit == unit


# ---- what is looked at, by type ---------------------------------------------------------------------------------


def _reactions(raw: Json, got: Allergy) -> bool:
    sent = [one for one in raw.get("reaction") or () if one]
    if len(sent) != len(got.reactions):
        return False
    return all(
        (one.get("severity") or "") == made.severity
        and len(one.get("manifestation") or ()) == len(made.manifestations)
        for one, made in zip(sent, got.reactions, strict=True)
    )


def _value(raw: Json, got: Observation | Component) -> bool:
    value = got.value
    if raw.get("valueQuantity"):
        return _same_number(raw["valueQuantity"], value.quantity)
    if raw.get("valueString"):
        return value.string == raw["valueString"]
    if raw.get("valueCodeableConcept"):
        text = value.concept.text if value.concept is not None else got.absent
        sent = raw["valueCodeableConcept"]
        return text in _words(sent) | _codes(sent) or bool(got.absent)
    if "valueBoolean" in raw:
        return value.boolean is raw["valueBoolean"]
    return True


def _components(raw: Json, got: Observation) -> bool:
    sent = [one for one in raw.get("component") or () if one]
    if len(sent) != len(got.components):
        return False
    return all(_value(one, made) for one, made in zip(sent, got.components, strict=True))


def _interpretation(raw: Json, got: Observation) -> bool:
    sent = [one for one in raw.get("interpretation") or () if one and (_codes(one) or _words(one))]
    return (
        len(got.interpretation) <= len(sent)
        and all(
            any(word in _codes(one) | _words(one) for one in sent) for word in got.interpretation
        )
        and (bool(got.interpretation) or not sent)
    )


def _ranges(raw: Json, got: Observation) -> bool:
    sent = [one for one in raw.get("referenceRange") or () if one]
    return len(sent) == len(got.ranges) and all(
        _same_number(one.get("low"), made.low) and _same_number(one.get("high"), made.high)
        for one, made in zip(sent, got.ranges, strict=True)
    )


def _absent(raw: Json, got: Observation) -> bool:
    return not raw.get("dataAbsentReason") or bool(got.absent)


def _taken(raw: Json, got: Observation) -> bool:
    sent = raw.get("effectiveDateTime") or raw.get("effectiveInstant")
    if not sent:
        return True
    return (got.taken.text if got.taken is not None else got.taken_text) == sent


def _dose(raw: Json, got: Medication) -> bool:
    sent = [
        one.get("text") for one in raw.get("dosageInstruction") or raw.get("dosage") or () if one
    ]
    return all(text in got.dose_text for text in sent if text)


def _plain(raw_name: str, name: str) -> Check:
    return lambda raw, got: (raw.get(raw_name) or "") == getattr(got, name)


_ALLERGY: dict[str, Check] = {
    "allergy criticality": _plain("criticality", "criticality"),
    "allergy reactions and their severity": _reactions,
    "allergy status": lambda raw, got: _stated(raw.get("clinicalStatus"), got.clinical),
    "allergy verification": lambda raw, got: _stated(
        raw.get("verificationStatus"), got.verification
    ),
}
_OBSERVATION: dict[str, Check] = {
    "result value and unit": _value,
    "result components": _components,
    "result flag": _interpretation,
    "result range": _ranges,
    "result status": _plain("status", "status"),
    "result reason for no value": _absent,
    "result time": _taken,
}
_MEDICATION: dict[str, Check] = {
    "medicine do not give": lambda raw, got: bool(raw.get("doNotPerform")) is got.avoid,
    "medicine status": _plain("status", "status"),
    "medicine dose as written": _dose,
}
_PROBLEM: dict[str, Check] = {
    "problem status": lambda raw, got: _stated(raw.get("clinicalStatus"), got.clinical),
    "problem verification": lambda raw, got: _stated(
        raw.get("verificationStatus"), got.verification
    ),
}
_CHECKS: dict[str, Mapping[str, Check]] = {
    "AllergyIntolerance": _ALLERGY,
    "Observation": _OBSERVATION,
    "MedicationRequest": _MEDICATION,
    "MedicationStatement": {
        name: _MEDICATION[name] for name in ("medicine status", "medicine dose as written")
    },
    "Condition": _PROBLEM,
    "Immunization": {"vaccine status": _plain("status", "status")},
    "Procedure": {"procedure status": _plain("status", "status")},
}


def as_text(found: Loss, *, most: int = 20) -> Sequence[str]:
    """Plain lines: counts by field, and where something was lost. References only, nothing of what they say."""
    lost = Counter(name for name, _ in found.lost)
    lines = [
        f"  {name:<40} {count:>7} compared {lost[name]:>5} lost"
        for name, count in sorted(found.compared.items())
    ]
    lines += [f"  lost: {name} of {reference}" for name, reference in found.lost[:most]]
    lines += [f"  neither shown nor counted: {reference}" for reference in found.unaccounted[:most]]
    return lines
