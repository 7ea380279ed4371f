"""What each row of measurements is called on one page: short, but never as another row is called.

"Glucose" of the blood and of the urine are told apart by the specimen, where it is known; else by what more the name as
sent says, and where that is the same too, by the source's own code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from clinical.codes import LOINC
from clinical.records import Series
from clinical.summary import fmt, names

_BY_METHOD = re.compile(r"\s+by\s+.+$", re.IGNORECASE)
_OF = re.compile(r"\s+(?:in|of)\s+([^\[\]]+)$|\s+-\s+([^\[\]-]+)$", re.IGNORECASE)
_METHOD = re.compile(r"^\s*by\s+|\s+method$", re.IGNORECASE)
_PROPERTY = re.compile(r"\[[^\]]+\]")
_WIDE = 25  # characters; a longer one is a phrase, not a specimen
_LETTERS = 3  # "CSF" keeps its capitals, "URINE" does not

Way = Callable[[str, Series], str]


def names_of(series: Iterable[Series]) -> Mapping[str, str]:
    """Name by key of the series. Those whose short name is theirs alone keep it."""
    every = tuple(series)
    found = {row.key: names.test(row.label) for row in every}
    for way in (_with_specimen, _with_method, _with_property, _as_sent, _with_code, _with_unit):
        for alike in _alike(found, every):
            _apply(found, alike, way)
    return found


def _alike(found: Mapping[str, str], every: Sequence[Series]) -> list[list[Series]]:
    groups: dict[str, list[Series]] = {}
    for row in every:
        groups.setdefault(found[row.key].lower(), []).append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _apply(found: dict[str, str], alike: Sequence[Series], way: Way) -> None:
    """Only where it tells some of them apart: "Glucose, blood" twice would be no better than "Glucose" twice."""
    made = {row.key: way(found[row.key], row) for row in alike}
    if len({name.lower() for name in made.values()}) > 1:
        found.update(made)


def _with_specimen(name: str, row: Series) -> str:
    where = specimen(row)
    if not where:
        return row.label or name
    if where.lower() in name.lower():
        return name
    return f"{name}, {where if where.isupper() and len(where) <= _LETTERS else where.lower()}"


def _with_method(name: str, row: Series) -> str:
    """ "Troponin I, high sensitivity" beside the one of which no method is said."""
    found = _BY_METHOD.search(row.label)
    method = _METHOD.sub("", found.group(0)).lower().strip() if found is not None else ""
    return f"{name}, {method}" if method and method not in name.lower() else name


def _with_property(name: str, row: Series) -> str:
    """ "Glucose, urine [Presence]" beside the amount."""
    found = _PROPERTY.search(row.label)
    return f"{name} {found.group(0)}" if found is not None and found.group(0) not in name else name


def _as_sent(name: str, row: Series) -> str:
    return row.label or name


def _with_code(name: str, row: Series) -> str:
    own = [code for system, code in row.codes if system != LOINC]
    codes = own or [code for _, code in row.codes]
    return f"{name} (code {codes[0]})" if codes else name


def _with_unit(name: str, row: Series) -> str:
    quantity = row.latest.record.value.quantity
    unit = fmt.unit_of(quantity) if quantity is not None else ""
    return f"{name} ({unit})" if unit else name


def specimen(row: Series) -> str:
    """Where it was taken from, "" when nobody says: the end of a name in LOINC's way ("… in Urine"), else the specimen
    that the source states for all of the row."""
    record = row.latest.record
    displays = (one.display for one in record.concept.codings if one.system == LOINC)
    for text in (row.label, *displays):
        end = _OF.search(_BY_METHOD.sub("", text or ""))
        where = (end.group(1) or end.group(2)).strip() if end is not None else ""
        if where and len(where) < _WIDE:
            return where
    stated = {
        point.record.specimen.lower()
        for point in (*row.points, *row.undated)
        if point.record.specimen
    }
    return record.specimen or next(iter(stated), "") if len(stated) == 1 else ""
