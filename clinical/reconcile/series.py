"""All measurements of one analyte or vital sign as one row, oldest first (fhir-rules 4, rules 18-19, 25, 31-35).

A row holds what a clinician reads as one thing; where its line may not go on (unit, method, specimen) there is a
break. The same measurement told by two sources, or by an order and a report, is one point with both entries.
Speed matters here (ten thousand observations in tens of milliseconds), so keys are looked up, not recomputed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter, is_
from types import MappingProxyType
from typing import NamedTuple

from clinical import dates
from clinical.reconcile import bloodpressure, breaks, localcodes, points, specimens
from clinical.reconcile.analytes import FAMILY_OF, LOINC
from clinical.reconcile.identity import words
from clinical.records import (
    Concept,
    FhirTime,
    NotShown,
    Observation,
    Patient,
    Point,
    Section,
    Series,
)

GroupKey = tuple[str, str, str]

_start = attrgetter("taken.start")
SECTIONS = {
    "laboratory": Section.LABS,
    "vital-signs": Section.VITALS,
    "social-history": Section.SOCIAL,
    "survey": Section.SURVEYS,
}


def build(
    observations: Iterable[Observation],
    *,
    launch_server: str,
    mappings: localcodes.Mappings = localcodes.NO_MAPPINGS,
    life: Life | None = None,
    before: Rows = MappingProxyType({}),
) -> tuple[Rows, tuple[NotShown, ...]]:
    """Rows ordered by key of their series, and the entries that are no row of their own (with the reason).

    life: when results of this patient can have been; None = not known, then every time is believed. before: rows of an
    earlier chart; one that is made of the same again is not worked out again.
    """
    groups: dict[GroupKey, list[Observation]] = {}
    aside: list[NotShown] = []
    known: dict[Concept, tuple[GroupKey, bool]] = {}
    places: dict[int, tuple[GroupKey, bool]] = {}
    for record in observations:
        reason = _no_row(record)
        if reason:
            aside.append(_not_shown(record, *reason))
            continue
        concept = record.concept
        found = places.get(id(concept))  # hashing a concept takes long; most entries share theirs
        if found is None:
            found = known.get(concept) or _group(concept)
            known[concept] = places[id(concept)] = found
        key, by_text = found
        if by_text:
            key = (key[0], key[1], _unit(record))
        group = groups.get(key)
        if group is None:
            groups[key] = [record]
        else:
            group.append(record)
    groups, origins = _mapped(specimens.apart(groups), mappings)
    rows = {
        key: _row(key, Parts(members, launch_server, origins.get(key, Origin()), life), before)
        for key, members in groups.items()
    }
    aside.sort(key=lambda entry: (entry.source.server, entry.source.reference))
    return dict(sorted(rows.items(), key=lambda row: row[1].series.key)), tuple(aside)


def _no_row(record: Observation) -> tuple[str, str] | None:
    """Why an entry is no measurement: cancelled, wrong, about somebody else, or only a heading of others."""
    if record.status == "final" and not record.members and not record.about_other:
        return None
    if record.status == "cancelled":
        return "withdrawn", "cancelled: it carries no result"
    if record.status == "entered-in-error":
        return "entered-in-error", "entered in error"
    if record.about_other:
        return "other", "about somebody or something else than the patient"
    if (
        record.members
        and not record.components
        and not record.absent
        and not points.has_value(record)
    ) and record.status not in ("registered", "preliminary"):
        return "other", "a panel; its results are listed one by one"
    return None


def _not_shown(record: Observation, reason: str, detail: str) -> NotShown:
    section = SECTIONS.get(record.category, Section.LABS)
    return NotShown(source=record.source, section=section, reason=reason, detail=detail)


def _group(concept: Concept) -> tuple[GroupKey, bool]:
    """The row a code belongs to. True with it: the words are all there is, so the unit has to agree too."""
    fallback: GroupKey | None = None
    for coding in concept.codings:
        if coding.system == LOINC:
            return _standard_key(coding.code), False
        if fallback is None and coding.system and coding.code:
            fallback = ("code", coding.system, coding.code)
    if fallback is not None:
        return fallback, False
    return ("text", words(concept.text), ""), True


class Life(NamedTuple):
    """What a time is held against. Without `as_of` no time is in the future."""

    as_of: datetime
    birth: FhirTime | None = None
    death: FhirTime | None = None

    @classmethod
    def of(cls, patient: Patient | None, as_of: datetime | None) -> Life | None:
        if as_of is None:
            return None
        if patient is None:
            return cls(as_of)
        return cls(as_of, patient.birth, patient.deceased_at)

    def holds(self, record: Observation) -> bool:
        """Whether the time of a result can be right (rule 38)."""
        taken = record.taken
        return taken is None or not dates.implausible(
            taken, as_of=self.as_of, birth=self.birth, death=self.death
        )


def _within_life(
    dated: list[Observation], life: Life | None
) -> tuple[list[Observation], list[Observation]]:
    """(those whose time can be right, the others), both by time: where every time is wrong, the last one still leads.

    Wrong ones stand at the ends only. Of one moment, a result that can be used comes after one that cannot yet.
    """
    if life is None or not dated:
        return dated, []
    first, last = 0, len(dated)
    while first < last and not life.holds(dated[first]):
        first += 1
    while last > first and not life.holds(dated[last - 1]):
        last -= 1
    return dated[first:last], sorted(dated[:first] + dated[last:], key=_by_time)


def _by_time(record: Observation) -> tuple[object, ...]:
    return _start(record), *points.usable(record)


class Origin(NamedTuple):
    """How a row came by its concept: state as in Series.mapping, and the LOINC codes it was mapped to."""

    state: str = ""
    loinc: frozenset[str] = frozenset()

    def and_also(self, state: str, loinc: str) -> Origin:
        """The same row with further entries: the least certain state counts."""
        return Origin(
            max(self.state, state, key=_DOUBT.index),
            self.loinc | {loinc} if loinc else self.loinc,
        )


class Parts(NamedTuple):
    """Everything that a series is made of: the same parts make the same series."""

    members: list[Observation]
    launch_server: str
    origin: Origin
    life: Life | None


class Row(NamedTuple):
    """A series, and what it was made of."""

    parts: Parts
    series: Series

    def still_holds(self, parts: Parts) -> bool:
        """Whether these parts make the same series. The very same entries: 1.0 equals 1.00 and is not printed like it.

        Of a later moment when no time was wrong before, since none becomes wrong by waiting.
        """
        members, *given = parts
        own, *others = self.parts
        old, new = self.parts.life, parts.life
        if old is not None and new is not None and old.as_of < new.as_of:
            if any(point.record.taken is not None for point in self.series.undated):
                return False
            given[-1] = new._replace(as_of=old.as_of)
        return others == given and len(own) == len(members) and all(map(is_, own, members))


Rows = Mapping[GroupKey, Row]


def _row(key: GroupKey, parts: Parts, before: Rows) -> Row:
    known = before.get(key)
    if known is not None and known.still_holds(parts):
        return known
    return Row(parts, _series(key, *parts))


Groups = dict[GroupKey, list[Observation]]


def _mapped(groups: Groups, mappings: localcodes.Mappings) -> tuple[Groups, dict[GroupKey, Origin]]:
    """Groups under a source's own code moved to the concept they mean, and how each row came by it.

    Decided server by server: two sites may use one system URI for different things.
    """
    found = {key: members for key, members in groups.items() if key[0] in _STANDARD}
    origins: dict[GroupKey, Origin] = {}
    for key, members in groups.items():
        if key[0] in _STANDARD:
            continue
        for own in _by_server(members):
            loinc, state = _meaning(key, own, mappings)
            place = _standard_key(loinc) if loinc else key
            found.setdefault(place, []).extend(own)
            origins[place] = origins.get(place, Origin()).and_also(state, loinc)
    return found, origins


def _by_server(members: Sequence[Observation]) -> list[list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for record in members:
        found.setdefault(record.source.server, []).append(record)
    return [found[server] for server in sorted(found)]


def _meaning(
    key: GroupKey, own: Sequence[Observation], mappings: localcodes.Mappings
) -> tuple[str, str]:
    """(LOINC code or "", state) for the entries of one server under one code of its own."""
    if own[0].category not in _CODED_BY_LOINC:
        return "", ""
    system, code = (key[1], key[2]) if key[0] == "code" else ("", key[1])
    return localcodes.target(own[0].source.server, system, code, own, mappings)


_STANDARD = frozenset({"family", "loinc"})
_CODED_BY_LOINC = frozenset({"laboratory", ""})
_DOUBT = ("", "confirmed", "suggested", "unmapped")


def _standard_key(loinc: str) -> GroupKey:
    family = FAMILY_OF.get(loinc)
    return ("family", family[0], "") if family is not None else ("loinc", loinc, "")


def _unit(record: Observation) -> str:
    quantity = record.value.quantity
    return (quantity.code or quantity.unit) if quantity is not None else ""


def _series(
    key: GroupKey, members: list[Observation], launch_server: str, origin: Origin, life: Life | None
) -> Series:
    halves: bloodpressure.Halves = {}
    if key[1] == "bp":
        members, halves = bloodpressure.paired(members)
    dated = [record for record in members if record.taken is not None]
    dated.sort(key=_start)
    dated, wrong = _within_life(dated, life)
    undated = sorted((r for r in members if r.taken is None), key=points.order)
    undated = [*wrong, *undated]
    merged, conflicts = points.merge(dated, launch_server)
    newest = merged[-1].record if merged else undated[-1]
    # The entries of one source share a concept: its codings are looked at once.
    concepts = {id(r.concept): r.concept for r in members}.values()
    codes = {(c.system, c.code) for concept in concepts for c in concept.codings if c.system}
    codes |= {(LOINC, code) for code in origin.loinc}
    return Series(
        key=_name(key),
        label="Blood pressure" if key[1] == "bp" else newest.concept.text,
        category=newest.category or _any_category(members),
        codes=tuple(sorted(codes)),
        points=bloodpressure.with_halves(merged, halves),
        undated=bloodpressure.with_halves(tuple(Point(record=r) for r in undated), halves),
        breaks=breaks.find(merged, by_code=origin.state == "suggested"),
        mapping=origin.state,
        conflicts=conflicts,
    )


def _any_category(members: Sequence[Observation]) -> str:
    return min((r.category for r in members if r.category), default="")


def _name(key: GroupKey) -> str:
    return f"series-{blake2b(chr(31).join(key).encode(), digest_size=6).hexdigest()}"
