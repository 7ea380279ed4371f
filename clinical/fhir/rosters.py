"""Rosters: the patients of one person as the EHR keeps them, in a Group, a List or as the subjects of care teams.

Only what names the person asked for is used, whatever the server sent. A member that cannot be taken for a patient of
this server is counted with the reason. Source: https://hl7.org/fhir/R4/ group.html, list.html, careteam.html.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from clinical import resources as fhir
from clinical.dates import parse_period
from clinical.fhir import scopes
from clinical.fhir.capability import Capability
from clinical.fhir.entries import Entry
from clinical.fhir.searches import Search
from clinical.records import FetchState, Frozen, Section

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

ENDED = "no longer on it"
NOT_NAMED = "not named"
WORDS_ONLY = "named in words only"
IDENTIFIER_ONLY = "named by an identifier only"
ELSEWHERE = "at another server"
NO_PATIENT = "not a patient"
CANNOT_FOLLOW = "named in a way that cannot be followed"
NOT_UNDERSTOOD = "with a modifier we do not know"
NOT_LISTED = "counted by the list but not on it"

OF_OTHERS = "of somebody else"
NOT_IN_FORCE = "not in force"
NOT_OF_PATIENTS = "not of patients"


class RosterKind(msgspec.Struct, frozen=True):
    """One way to keep such a list. words: for people. person: the search parameter that names whose it is."""

    resource: str
    words: str
    person: str
    fixed: tuple[tuple[str, str], ...]


KINDS: tuple[RosterKind, ...] = (
    RosterKind("CareTeam", "care teams", "participant", (("status", "active"),)),
    RosterKind("List", "lists", "source", (("status", "current"),)),
    RosterKind("Group", "groups", "managing-entity", (("type", "person"), ("actual", "true"))),
)


class Roster(Frozen, frozen=True):
    """key: "List/5"; "CareTeam" for all care teams together. members: ids of patients, each once, in their order.

    left_out: (reason, how many members). long_term: it may outlast a stay by years, so it says nothing of this shift.
    """

    key: str
    title: str
    members: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    long_term: bool = False


class Rosters(Frozen, frozen=True):
    """All of one kind. aside: (reason, how many lists were not used)."""

    found: tuple[Roster, ...] = ()
    aside: tuple[tuple[str, int], ...] = ()


def why_not(
    kind: RosterKind, capability: Capability, granted: Collection[scopes.Scope] | None
) -> tuple[FetchState, str] | None:
    """Why this kind is not asked for, with the reason; None when it is. granted: None = no scopes are known.

    Unlike the searches about a patient, nothing is asked that is not declared: without the person it would be a
    search for everybody's lists.
    """
    declared = capability.parameters.get(kind.resource, frozenset())
    if kind.resource not in capability.types or not capability.offers(kind.resource, "search-type"):
        return FetchState.NOT_SUPPORTED, ""
    if declared and kind.person not in declared:
        return FetchState.NOT_SUPPORTED, f"they cannot be searched by {kind.person}"
    if granted is not None and not scopes.allows(granted, kind.resource, "s"):
        return FetchState.NOT_AUTHORISED, f"the sign-in does not cover {kind.resource}"
    return None


def offered(capability: Capability) -> tuple[RosterKind, ...]:
    """The kinds that a server declares in a way that can be used: the scopes asked for are those of these."""
    return tuple(kind for kind in KINDS if why_not(kind, capability, None) is None)


def search_for(kind: RosterKind, people: Sequence[str], page_size: int) -> Search:
    """One request. people: the references that are this person there ("Practitioner/5"), at least one."""
    asked = ((kind.person, ",".join(people)), *kind.fixed)
    return Search(
        key=f"ward.{kind.resource.lower()}",
        section=Section.ENCOUNTERS,
        resource=kind.resource,
        params=(*asked, ("_count", str(page_size))),
        fallbacks=(asked, asked[:1]),
        tier=1,
    )


def read(
    entries: Iterable[Entry], people: Collection[str], *, base: str, as_of: datetime
) -> Rosters:
    """What these entries of one kind say. base: FHIR base of the server. Never raises for what a server may send."""
    found: dict[str, _Reading] = {}
    aside: Counter[str] = Counter()
    for entry in entries:
        resource = entry.resource
        reader = _READERS.get(type(resource))
        if resource is None or reader is None:
            continue
        reading = _Reading(frozenset(people), bases_of(entry, base), as_of)
        why = _modified(resource) or reader(resource, reading)
        if why:
            aside[why] += 1
            continue
        key = "CareTeam" if isinstance(resource, fhir.CareTeam) else entry.reference
        found.setdefault(key, reading).join(reading)
    made = tuple(reading.roster(key) for key, reading in found.items())
    return Rosters(found=made, aside=tuple(aside.items()))


class _Reading:
    """One roster being read."""

    def __init__(self, people: frozenset[str], bases: frozenset[str], as_of: datetime) -> None:
        self.people = people
        self.title = ""
        self.members: dict[str, None] = {}
        self.left_out: Counter[str] = Counter()
        self.as_of = as_of
        self._bases = bases

    def join(self, other: _Reading) -> None:
        if other is not self:
            self.members |= other.members
            self.left_out += other.left_out

    def roster(self, key: str) -> Roster:
        team = key == "CareTeam"
        return Roster(
            key=key,
            title="My care teams" if team else self.title,
            members=tuple(self.members),
            left_out=tuple(self.left_out.items()),
            long_term=team,
        )

    def takes(self, named: fhir.Reference | None) -> None:
        """A member as it is named: a patient of this server, or one more that is left out."""
        patient, why = patient_at(named, self._bases)
        if patient:
            self.members[patient] = None
        else:
            self.left_out[why] += 1

    def is_person(self, named: fhir.Reference | None) -> bool:
        return named is not None and _relative(named.reference or "", self._bases) in self.people

    def ended(self, period: fhir.Period | None) -> bool:
        """Also when an end is stated that cannot be read."""
        if period is None or not period.end:
            return False
        found = parse_period(period.start, period.end)
        return found is None or (found.end or found.start) <= self.as_of


def bases_of(entry: Entry, base: str) -> frozenset[str]:
    """The addresses under which this server names what is its own: as we know it, and as it names this entry."""
    return frozenset({base, entry.full_url.rpartition(f"/{entry.type}/")[0]} - {""})


def patient_at(named: fhir.Reference | None, bases: Collection[str]) -> tuple[str, str]:
    """(id of the patient of this server, ""), or ("", why it is none). bases: see `bases_of`."""
    if named is None or not named.reference:
        return "", _unreferenced(named)
    plain = _relative(named.reference, bases)
    kind, _, identifier = plain.partition("/")
    if "://" in plain:
        return "", ELSEWHERE
    if plain.startswith(("urn:", "#")) or "?" in plain or not _ID.fullmatch(identifier):
        return "", CANNOT_FOLLOW
    if kind != "Patient" or named.type not in (None, "", "Patient"):
        return "", NO_PATIENT
    return identifier, ""


def _relative(reference: str, bases: Collection[str]) -> str:
    plain = reference.partition("/_history/")[0].partition("|")[0]
    for base in bases:
        plain = plain.removeprefix(f"{base}/")
    return plain


def _unreferenced(named: fhir.Reference | None) -> str:
    if named is not None and named.identifier is not None:
        return IDENTIFIER_ONLY
    return WORDS_ONLY if named is not None and named.display else NOT_NAMED


def _modified(resource: fhir.Resource) -> str:
    """A modifier may turn a list into its opposite."""
    return NOT_UNDERSTOOD if resource.modifierExtension or resource.implicitRules else ""


def _care_team(team: fhir.CareTeam, reading: _Reading) -> str:
    """A care team is of one patient: the person's place in it must be in force."""
    if team.status not in (None, "active") or reading.ended(team.period):
        return NOT_IN_FORCE
    places = [
        one for one in team.participant or () if one is not None and reading.is_person(one.member)
    ]
    if not places:
        return OF_OTHERS
    sure = [one for one in places if not one.modifierExtension]
    if not sure:
        return NOT_UNDERSTOOD
    if all(reading.ended(one.period) for one in sure):
        return NOT_IN_FORCE
    reading.takes(team.subject)
    return ""


def _list(sent: fhir.List, reading: _Reading) -> str:
    """`changes` says what came and went, not who is on it now."""
    if sent.status != "current" or sent.mode == "changes":
        return NOT_IN_FORCE
    if not reading.is_person(sent.source):
        return OF_OTHERS
    reading.title = _title(sent.title, sent.code, "My list")
    for one in sent.entry or ():
        if one is None:
            reading.left_out[NOT_NAMED] += 1
        elif one.modifierExtension:
            reading.left_out[NOT_UNDERSTOOD] += 1
        elif one.deleted:
            reading.left_out[ENDED] += 1
        else:
            reading.takes(one.item)
    only_others = set(reading.left_out) == {NO_PATIENT} and not reading.members
    return NOT_OF_PATIENTS if only_others else ""


def _group(sent: fhir.Group, reading: _Reading) -> str:
    """A group that is not actual describes people instead of naming them."""
    if sent.type != "person" or sent.actual is not True:
        return NOT_OF_PATIENTS
    if sent.active is False:
        return NOT_IN_FORCE
    if not reading.is_person(sent.managingEntity):
        return OF_OTHERS
    reading.title = _title(sent.name, sent.code, "My group")
    members = sent.member or ()
    for one in members:
        if one is None:
            reading.left_out[NOT_NAMED] += 1
        elif one.modifierExtension:
            reading.left_out[NOT_UNDERSTOOD] += 1
        elif one.inactive or reading.ended(one.period):
            reading.left_out[ENDED] += 1
        else:
            reading.takes(one.entity)
    if sent.quantity is not None and sent.quantity > len(members):
        reading.left_out[NOT_LISTED] += sent.quantity - len(members)
    return ""


def _title(name: str | None, code: fhir.CodeableConcept | None, otherwise: str) -> str:
    return (name or "").strip() or (code.text if code is not None else "") or otherwise


_READERS: dict[type, Callable[[fhir.Resource, _Reading], str]] = {
    fhir.CareTeam: _care_team,  # type: ignore[dict-item]  # each is given its own kind only
    fhir.List: _list,  # type: ignore[dict-item]
    fhir.Group: _group,  # type: ignore[dict-item]
}
