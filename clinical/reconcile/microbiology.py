"""Cultures as one thing each: the test, what grew, and what it is susceptible to, however a source links them.

Sources nest them as hasMember from the test down, or as derivedFrom from the antibiotic up; some send the organism as
the value, some as the code. Without this a culture would be a dozen rows named after antibiotics, and the organism,
which often has no value of its own, would look like an empty panel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from clinical.reconcile.clusters import clusters
from clinical.reconcile.items import stable_key
from clinical.records import Item, Observation, Record, Report

_BY_NAME = re.compile(
    r"\bcultures?\b|\[susceptibility\]|\bsusceptibility\b|\bgram stain\b|\borganism\b|\bbacteria identified\b"
)
_DRUG = re.compile(r"\[susceptibility\]|\bsusceptibility\b")
_RATED = frozenset({"S", "I", "R", "SDD", "NS"})
_TOLERATED = frozenset(
    {"registered", "preliminary", "final", "amended", "corrected", "unknown", ""}
)

Reference = tuple[str, str]  # (server, "Observation/5")


def split(observations: Iterable[Observation]) -> tuple[list[Observation], list[list[Observation]]]:
    """(everything that is no microbiology, cultures with all their parts). Order of the input does not matter."""
    every = list(observations)
    named: dict[str, bool] = {}
    seeds, linked = [], []
    for record in every:
        text = record.concept.text
        by_name = named.get(text)
        if by_name is None:
            by_name = named[text] = bool(_BY_NAME.search(text.lower()))
        if by_name:
            seeds.append(record)
        if record.members or record.derived_from:
            linked.append(record)
    if not seeds and not any(_rates(record) for record in linked):
        return every, []
    usable = [record for record in every if _is_usable(record)]
    found = _closure(usable, [record for record in seeds if _is_usable(record)])
    rest = [record for record in every if _key(record) not in found]
    return rest, _together([record for record in usable if _key(record) in found])


def build(groups: Sequence[Sequence[Observation]], reports: Sequence[Report]) -> tuple[Item, ...]:
    """One item per culture; its report, when it reports nothing else, is one of the entries."""
    made = []
    for members in groups:
        own = sorted(members, key=_key)
        references = {record.source.reference for record in own}
        told = [
            report
            for report in reports
            if report.source.server == own[0].source.server and _reports_only(report, references)
        ]
        lead = _root(own)
        rest = [record for record in own if record is not lead]
        entries: tuple[Record, ...] = (lead, *rest, *sorted(told, key=_key))
        made.append(
            Item(
                kind="microbiology",
                key=stable_key("microbiology", [("entry", *_key(record)) for record in own]),
                label=lead.concept.text,
                lead=lead,
                members=entries,
            )
        )
    return tuple(sorted(made, key=lambda item: item.key))


def _reports_only(report: Report, references: set[str]) -> bool:
    return bool(report.results) and set(report.results) <= references


def _key(record: Record) -> Reference:
    return record.source.server, record.source.reference


def _is_usable(record: Observation) -> bool:
    return record.status in _TOLERATED and not record.about_other


def _rates(record: Observation) -> bool:
    """An antibiotic with its rating: as a coded value, or as the interpretation of a number or of nothing."""
    value = record.value
    if value.concept is not None:
        return any(coding.code in _RATED for coding in value.concept.codings)
    if value.string is not None or value.boolean is not None:
        return False
    return not _RATED.isdisjoint(record.interpretation)


def _parents(records: Sequence[Observation]) -> dict[Reference, set[Reference]]:
    """Child -> parents, from both directions in which sources say it."""
    known = {_key(record) for record in records}
    found: dict[Reference, set[Reference]] = {}
    for record in records:
        own = _key(record)
        for target in record.members:
            found.setdefault((own[0], target), set()).add(own)
        for target in record.derived_from:
            found.setdefault(own, set()).add((own[0], target))
    return {
        child: kept
        for child, several in found.items()
        if child in known and (kept := several & known)
    }


def _closure(records: Sequence[Observation], seeds: Sequence[Observation]) -> set[Reference]:
    """Named cultures with everything below them, rated antibiotics, and what holds nothing but such entries."""
    parents = _parents(records)
    children: dict[Reference, set[Reference]] = {}
    for child, several in parents.items():
        for parent in several:
            children.setdefault(parent, set()).add(child)
    found = {_key(record) for record in seeds}
    found |= {_key(r) for r in records if _key(r) in parents and _rates(r)}
    waiting = list(found)
    while waiting:
        own = waiting.pop()
        near = set(children.get(own, ()))
        near |= {parent for parent in parents.get(own, ()) if children[parent] <= found}
        fresh = near - found
        found |= fresh
        waiting += fresh
    return found


def _together(records: Sequence[Observation]) -> list[list[Observation]]:
    """Entries that are linked, or that a later version replaces (same identifier, same test), are one culture."""
    ordered = sorted(records, key=_key)
    inside = {_key(record) for record in ordered}
    keys = []
    for record in ordered:
        own = _key(record)
        near = [(own[0], t) for t in (*record.members, *record.derived_from)]
        keys.append(
            [
                ("entry", *own),
                *(("entry", *target) for target in near if target in inside),
                *(
                    ("id", own[0], i.system, i.value, record.concept.text)
                    for i in record.identifiers
                    if i.system and i.value
                ),
            ]
        )
    return clusters(ordered, keys)


def _root(members: Sequence[Observation]) -> Observation:
    """The test itself: no part of another, no antibiotic; the newest of several versions."""
    below = {target for record in members for target in record.members}
    tops = [r for r in members if r.source.reference not in below and not r.derived_from]
    tops = [r for r in tops if not _DRUG.search(r.concept.text.lower())] or tops or list(members)
    return max(tops, key=_version)


def _version(record: Observation) -> tuple[int, float, str, Reference]:
    rank = {"registered": 0, "preliminary": 1, "final": 2, "amended": 3, "corrected": 3}
    issued = record.issued.start.timestamp() if record.issued is not None else 0.0
    return rank.get(record.status, 1), issued, record.source.updated or "", _key(record)
