"""Results of one name but of different fluids are different rows: glucose of the blood and of the urine never share a line.

A LOINC code names its specimen itself. A source's own code, or words alone, may stand for several: there the stated
specimen decides, as soon as two fluids are stated. Every kind of blood is one row, with breaks between them. Not yet
reviewed by a clinician.
"""

from __future__ import annotations

from collections.abc import Mapping

from clinical.reconcile import localcodes
from clinical.records import Observation

GroupKey = tuple[str, str, str]

_OWN = frozenset({"text", "code"})
_ANY_FLUID = "fluid"  # pleural, of a joint, of the belly: which one is in the other words
_TELL_NOTHING = frozenset({"fluid", "body", "specimen", "sample", "spec"})
# Words of `localcodes` for what a vein, an artery or a finger gives: the line breaks between them, the row is one.
_BLOOD = frozenset({"blood", "whole blood", "arterial", "capillary", "poc", "fasting"})


def apart(groups: Mapping[GroupKey, list[Observation]]) -> dict[GroupKey, list[Observation]]:
    """The groups, those that mix fluids split. Only the part of blood keeps the key: what a person or a name says that
    the code means is not believed of another fluid, nor of what states none beside them."""
    found: dict[GroupKey, list[Observation]] = {}
    for key, members in groups.items():
        stated = {record.specimen for record in members} if key[0] in _OWN else set[str]()
        parts = _by_fluid(members) if len(stated) > 1 else {}
        if len(parts.keys() - {""}) < 2:
            found[key] = members
            continue
        for fluid, own in parts.items():
            found[_key(key, fluid)] = own
    return found


def _key(key: GroupKey, fluid: str) -> GroupKey:
    if fluid == "blood":
        return key
    kind, first, second = key
    mark = f"\x1f{fluid}"
    return (kind, first + mark, second) if kind == "text" else (kind, first, second + mark)


def _by_fluid(members: list[Observation]) -> dict[str, list[Observation]]:
    known: dict[str, str] = {}
    parts: dict[str, list[Observation]] = {}
    for record in members:
        stated = record.specimen
        if stated not in known:
            known[stated] = _fluid(stated)
        parts.setdefault(known[stated], []).append(record)
    return parts


def _fluid(stated: str) -> str:
    """ "urine", "blood", "pleural"; the stated words when they name several or none that is known. "" when nothing is
    stated but a number of the laboratory: each sample has another one, and none is a fluid of its own."""
    named, words = localcodes.fluids(stated), localcodes.plain(stated)
    if "cord" in words.split():
        return "cord blood"
    if named and named <= _BLOOD:
        return "blood"
    if named - {_ANY_FLUID}:
        return next(iter(named)) if len(named) == 1 else words
    told = [one for one in words.split() if one not in _TELL_NOTHING and not _is_number(one)]
    if all(one.isdigit() for one in told):
        return _ANY_FLUID if named else ""
    return " ".join(sorted(told))


def _is_number(word: str) -> bool:
    """ "s2411873", "0042"; the 2 of "drain 2" tells two drains apart."""
    return len(word) > 2 and any(letter.isdigit() for letter in word)
