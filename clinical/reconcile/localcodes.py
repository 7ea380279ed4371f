"""Results under a source's own codes: which concept they mean, when a person said so or when name, specimen and unit
allow one suggestion. For sources that send no LOINC.

A suggestion is marked on screen until somebody at the site confirms it; what is neither stays a row of its own. One
unit that cannot belong to the concept, one other specimen or one doubt about either is enough for "no suggestion".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from clinical import units
from clinical.records import Frozen, Observation

TABLE = Path(__file__).with_name("laboratory_names.csv")

How = Literal["suggested", "confirmed", "unmapped"]

# (server, system, code, or with system "" the name in `plain` form) -> LOINC code; "" = a person said it is none of
# ours, so that nothing is suggested either.
Mappings = Mapping[tuple[str, str, str], str]
NO_MAPPINGS: Mappings = {}

_PUNCTUATION = re.compile(r"[^a-z0-9%]+")
# What a name or a specimen says about where it comes from. The longest phrase is looked for first.
_FLUIDS = (
    ("whole blood", "whole blood"), ("serum or plasma", "blood"), ("serum plasma", "blood"), ("ser plas", "blood"),
    ("platelet poor plasma", "blood"), ("venous blood", "blood"), ("blood venous", "blood"), ("random urine", "urine"),
    ("arterial", "arterial"), ("capillary", "capillary"), ("point of care", "poc"), ("poc", "poc"), ("poct", "poc"),
    ("serum", "blood"), ("plasma", "blood"), ("blood", "blood"), ("urine", "urine"), ("csf", "csf"),
    ("cerebrospinal fluid", "csf"), ("pleural", "fluid"), ("ascites", "fluid"), ("body fluid", "fluid"),
    ("fluid", "fluid"), ("stool", "stool"), ("saliva", "saliva"), ("cord blood", "cord"), ("fasting", "fasting"),
    ("24 hour", "timed"), ("24 hr", "timed"), ("24h", "timed"),
)  # fmt: skip


class Known(Frozen, frozen=True):
    """One concept of the table. dimensions: what its unit may measure; empty for a test without a unit."""

    code: str
    dimensions: frozenset[str]
    specimen: str
    alone: bool


def plain(text: str) -> str:
    """A name for comparison: lower case, one space, "%" the only sign that is kept."""
    return _PUNCTUATION.sub(" ", text.lower()).strip()


@lru_cache(maxsize=1)
def names() -> dict[str, tuple[Known, ...]]:
    """Every name of the table with the concepts it may mean. Raises ValueError for a table that contradicts itself."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found: dict[str, list[Known]] = {}
    for row in rows:
        sent = row["dimensions"].strip()
        known = Known(
            code=row["code"],
            dimensions=frozenset() if sent == "none" else _dimensions(sent),
            specimen=row["specimen"],
            alone=row["alone"] == "yes",
        )
        for name in row["names"].split(";"):
            if plain(name) != name:
                raise ValueError(f"{TABLE.name}: {name!r} is not in plain form")
            found.setdefault(name, []).append(known)
    return {name: tuple(several) for name, several in found.items()}


def _dimensions(text: str) -> frozenset[str]:
    """ "mass/volume charge/volume" as two; every one has to be a dimension that some unit has."""
    found = frozenset(text.split())
    unknown = found - frozenset(kind for kind, _ in units.UNITS.values())
    if unknown:
        raise ValueError(f"{TABLE.name}: no unit has the dimension {', '.join(sorted(unknown))}")
    return found


def target(
    server: str, system: str, code: str, members: Sequence[Observation], mappings: Mappings
) -> tuple[str, How]:
    """(LOINC code or "", how it came about) for the entries of one server under one code of its own.

    system, code: of the source; system "" when there are only words (then `code` is those words).
    """
    said = mappings.get((server, system, code if system else plain(code)))
    if said is not None:
        fits = said and all(_fits(record, said) for record in members)
        return (said, "confirmed") if fits else ("", "unmapped")
    found = suggestion(members)
    return (found, "suggested") if found else ("", "unmapped")


def _fits(record: Observation, loinc: str) -> bool:
    """A confirmed mapping still needs a unit that can belong to the concept."""
    quantity = record.value.quantity
    return quantity is None or units.fits(quantity, [loinc]) is not False


def suggestion(members: Sequence[Observation]) -> str:
    """The one concept that the names, specimens and units of these entries all allow; "" when there is none."""
    found: set[str] | None = None
    specimens = {plain(record.specimen) for record in members}
    dimensions = _dimensions_of(members)
    if dimensions is None:
        return ""
    for text in {record.concept.text for record in members}:
        own = {known.code for known in _named(text, specimens) if _allows(known, dimensions)}
        found = own if found is None else found & own
    return next(iter(found)) if found and len(found) == 1 else ""


def _named(text: str, specimens: Collection[str]) -> Iterable[Known]:
    """Concepts that this name may mean in these specimens. The whole name first, then without the fluid in it."""
    whole = plain(text)
    rest, told = _without_fluid(whole)
    known = names().get(whole)
    if known is None:
        known, fluids = names().get(rest, ()), told
    else:
        fluids = frozenset()
    stated = {_fluid(one) for one in specimens if one}
    silent = not fluids and ("" in specimens or not specimens)
    for one in known:
        if (fluids | stated) <= {one.specimen} and (one.alone or not silent):
            yield one


def _without_fluid(text: str) -> tuple[str, frozenset[str]]:
    told = set()
    padded = f" {text} "
    for phrase, fluid in _FLUIDS:
        if f" {phrase} " in padded:
            padded = padded.replace(f" {phrase} ", " ")
            told.add(fluid)
    return padded.strip(), frozenset(told)


def fluids(specimen: str) -> frozenset[str]:
    """Every fluid that the words of a specimen name, whatever else they say: "Blood, EDTA" is of blood."""
    return _without_fluid(plain(specimen))[1]


def _fluid(specimen: str) -> str:
    """The one fluid a specimen's words name; the words themselves when they name none or several."""
    rest, told = _without_fluid(specimen)
    return next(iter(told)) if len(told) == 1 and not rest else specimen


def _dimensions_of(members: Iterable[Observation]) -> frozenset[str] | None:
    """What the units measure; None when one is not known, so that nothing can be suggested. Text results have none."""
    found = set()
    for record in members:
        quantity = record.value.quantity
        if quantity is None:
            continue
        code = units.ucum(quantity)
        if not code and (quantity.unit or quantity.code):
            return None
        kind = units.dimension(code) if code else ""
        found.add("" if kind == "number" else kind)
    return frozenset(found) if found else None


def _allows(known: Known, dimensions: frozenset[str]) -> bool:
    return dimensions <= known.dimensions if known.dimensions else dimensions == {""}
