"""Whose patients there are: the encounters in progress of an EHR by unit and bed, and the lists it keeps of a person.

Who lies where is kept for a minute, and so is that an EHR did not say it: no look waits for a silent EHR anew.

Read with rights that are not confined to one patient: the clinician's own where the sign-in gave such, else the
product's where a written policy lets clinicians see what it read.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from clinical import resources as fhir
from clinical.errors import SourceError
from clinical.fhir import rosters as fhir_rosters
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull_one
from clinical.fhir.searches import PAGE_SIZE, Search
from clinical.pipeline import section_records
from clinical.records import Chart, Encounter, FetchState, Section
from summary_app.access import door
from summary_app.access import queries as access_queries
from summary_app.access.models import User
from summary_app.connections import queries as connection_queries
from summary_app.connections.models import Connection
from summary_app.summary.services import rights
from summary_app.ward.services import rosters
from summary_app.ward.services.rosters import Told

_FRESH = timedelta(minutes=1)
_KEPT = 64
_STAYING = frozenset(
    {"IMP", "ACUTE", "NONAC", "OBSENC", "EMER", "SS"}
)  # v3-ActCode: somebody lies here
_GOOD = rosters.GOOD
_WHO_LIES_WHERE = ("Encounter", "search-type")


@dataclass(frozen=True)
class Bed:
    """One patient of the board. key: stands in addresses and says nothing. mine: assigned to this person.

    encounter: None, and unit and bed "", of somebody who is on a list and not known to lie anywhere. lists: the keys
    of the lists that name this patient.
    """

    key: str
    connection: Connection
    patient: str
    encounter: Encounter | None
    unit: str
    bed: str
    mine: bool
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Listing:
    """What one EHR said about who its patients are. problem: why who lies where is not known or not whole, "" when it is.

    state: how the question for who lies where ended, or why it was not asked. told: what the lists there hold.
    aside: (reason, how many stays name nobody who could be taken for a patient of that EHR). tried: when it was last
    asked. since: when it first did not say it, and has not since; None while it does, or where it was not asked.
    """

    connection: Connection
    beds: tuple[Bed, ...]
    at: datetime | None
    problem: str = ""
    state: FetchState = FetchState.OK
    told: tuple[Told, ...] = ()
    aside: tuple[tuple[str, int], ...] = ()
    tried: datetime | None = None
    since: datetime | None = None

    @property
    def knows_beds(self) -> bool:
        """It has said, now or before, who lies where."""
        return self.at is not None

    def is_of(self, as_of: datetime) -> bool:
        """It need not be asked for anew, however it ended."""
        return self.tried is not None and as_of - self.tried < _FRESH


_known: OrderedDict[tuple[int | None, int], Listing] = OrderedDict()
_no_rights: OrderedDict[tuple[int, int], Listing] = OrderedDict()
_locks: dict[int, threading.Lock] = {}
_lock = threading.Lock()


def listings(user: User, *, unit: str, as_of: datetime) -> tuple[Listing, ...]:
    """One per EHR that knows this person. The look is written down before anything is asked."""
    mine = access_queries.practitioners(user.pk)
    found = []
    for connection in connection_queries.active():
        if connection.key in mine:
            door.enter_ward(user, connection, unit=unit, as_of=as_of)
            found.append(_of(user, connection, mine[connection.key], as_of))
    return tuple(found)


def _of(user: User, connection: Connection, people: Sequence[str], as_of: datetime) -> Listing:
    silent = _no_rights.get((user.pk, connection.pk))
    if silent is not None and silent.is_of(as_of):
        return silent
    capability, problem = rosters.capability_of(connection)
    try:
        reader = rights.for_lookup(user.pk, connection, lists=rosters.wanted(capability))
    except rights.NotPermitted as refusal:
        return Listing(connection, (), None, str(refusal), FetchState.NOT_AUTHORISED)
    except SourceError as error:
        return _without_rights(user, connection, error)
    with _lock:
        _no_rights.pop((user.pk, connection.pk), None)
    told = rosters.told(connection, reader, capability, problem, people, as_of=as_of)
    if capability is not None and capability.types and not capability.offers(*_WHO_LIES_WHERE):
        listing = Listing(connection, (), None, "", FetchState.NOT_SUPPORTED)
    else:
        listing = _listing(reader, connection, as_of)
    return _with_lists(_with_mine(listing, people), told)


def _without_rights(user: User, connection: Connection, error: SourceError) -> Listing:
    """The rights themselves could not be had: as with a silent EHR, nobody waits for them again for a minute."""
    now, state = timezone.now(), FetchState(error.state)
    with _lock:
        before = _no_rights.pop((user.pk, connection.pk), None)
        since = before.since if before is not None else now
        made = Listing(connection, (), None, error.reason, state, tried=now, since=since)
        _no_rights[user.pk, connection.pk] = made
        while len(_no_rights) > _KEPT:
            _no_rights.popitem(last=False)
    return made


def _with_mine(listing: Listing, people: Sequence[str]) -> Listing:
    return replace(
        listing, beds=tuple(replace(b, mine=_takes_part(b, people)) for b in listing.beds)
    )


def _takes_part(bed: Bed, people: Sequence[str]) -> bool:
    if bed.encounter is None:
        return False
    return any(p.reference.target in people for p in bed.encounter.participants)


def _with_lists(listing: Listing, told: tuple[Told, ...]) -> Listing:
    """Everybody once, in a bed or not. The same id at the same EHR is the same patient; nothing else is taken for it."""
    beds = {bed.patient: bed for bed in listing.beds}
    for one in (each for kind in told for each in kind.lists):
        for patient in one.members:
            bed = beds.get(patient) or _without_bed(listing.connection, patient)
            # A care team may last for years: it makes a patient mine only in a bed, or where beds are not known.
            mine = not one.long_term or bed.encounter is not None or not listing.knows_beds
            beds[patient] = replace(bed, mine=bed.mine or mine, lists=bed.lists | {one.key})
    return replace(listing, beds=tuple(beds.values()), told=told)


def _without_bed(connection: Connection, patient: str) -> Bed:
    return Bed(_key(connection, patient), connection, patient, None, "", "", mine=False)


def _listing(reader: rights.Reader, connection: Connection, as_of: datetime) -> Listing:
    """One request a minute and reader, whoever asks, and however it ends; a failure leaves the last answer standing."""
    key = (reader.user_id, connection.pk)
    with _lock:
        mine = _locks.setdefault(connection.pk, threading.Lock())
    with mine:
        known = _known.get(key)
        if known is not None and known.is_of(as_of):
            return known
        made = _asked(connection, reader)
        if made.problem and known is not None and (known.beds or made.at is None):
            since = known.since or made.since if made.since is not None else None
            made = replace(made, beds=known.beds, at=known.at, aside=known.aside, since=since)
        with _lock:
            _known[key] = made
            while len(_known) > _KEPT:
                _known.popitem(last=False)
        return made


def ask_again(user: User) -> None:
    """Whatever did not answer this person is asked with the next look. What is known of before stays."""
    mine = access_queries.practitioners(user.pk)
    reached = [one.pk for one in connection_queries.active() if one.key in mine]
    rosters.ask_again(reached)
    with _lock:
        for key, listing in _known.items():
            if key[1] in reached and listing.problem:
                _known[key] = replace(listing, tried=None)
        for place in [one for one in _no_rights if one[0] == user.pk]:
            _no_rights[place] = replace(_no_rights[place], tried=None)


def forget() -> None:
    rosters.forget()
    with _lock:
        _known.clear()
        _no_rights.clear()


def _asked(connection: Connection, reader: rights.Reader) -> Listing:
    asked = (("status", "in-progress"),)
    search = Search(
        key="ward.encounters",
        section=Section.ENCOUNTERS,
        resource="Encounter",
        params=(*asked, ("_include", "Encounter:location"), ("_count", str(PAGE_SIZE))),
        fallbacks=((*asked, ("_count", str(PAGE_SIZE))), asked),
        tier=1,
    )
    fetched = pull_one(reader.wire, search, now=timezone.now)
    state = fetched.state
    if state.state not in _GOOD and not fetched.entries:
        words = state.reason or "the list of patients did not come"
        now = timezone.now()
        return Listing(connection, (), None, words, state.state, tried=now, since=now)
    problem = "" if state.state in _GOOD else (state.reason or "the list is not whole")
    aside: Counter[str] = Counter()
    beds = tuple(_beds(connection, reader, fetched, aside))
    now = timezone.now()
    told = tuple(aside.items())
    return Listing(connection, beds, now, problem, state.state, aside=told, tried=now)


def _beds(
    connection: Connection, reader: rights.Reader, fetched: Fetched, aside: Counter[str]
) -> Iterable[Bed]:
    """aside: counts the stays of nobody."""
    bases = {
        f"{e.type}/{e.id}": fhir_rosters.bases_of(e, reader.wire.base) for e in fetched.entries
    }
    raw = {f"{e.type}/{e.id}": e.resource for e in fetched.entries if e.resource is not None}
    units = _unit_names(reader, raw)
    seen: set[str] = set()
    for record in section_records(fetched, base=reader.wire.base).records:
        if not isinstance(record, Encounter) or record.class_code not in _STAYING:
            continue
        resource = raw.get(record.source.reference)
        subject = resource.subject if isinstance(resource, fhir.Encounter) else None
        patient, why = fhir_rosters.patient_at(subject, bases.get(record.source.reference, ()))
        if why:
            aside[why] += 1
        if not patient or patient in seen:
            continue
        seen.add(patient)
        unit, bed = _place(record, resource, raw, units)
        yield Bed(_key(connection, patient), connection, patient, record, unit, bed, mine=False)


def _is_stay(record: Encounter) -> bool:
    """Somebody lies there now."""
    return record.status == "in-progress" and record.class_code in _STAYING


def stay_of(chart: Chart) -> Encounter | None:
    """The stay under way of somebody who is known from a list: the one that began last."""
    stays = [
        record
        for item in chart.encounters
        for record in item.members
        if isinstance(record, Encounter) and _is_stay(record)
    ]
    return max(stays, key=_began, default=None)


def _began(stay: Encounter) -> tuple[bool, float]:
    period = stay.period
    return (False, 0.0) if period is None else (True, period.start.timestamp())


def _key(connection: Connection, patient: str) -> str:
    return hashlib.sha256(f"bed/{connection.key}/{patient}".encode()).hexdigest()[:20]


def _location(resource: fhir.Resource | None) -> fhir.Reference | None:
    """Where the patient lies now: the active place, else the last one named."""
    places = [p for p in getattr(resource, "location", None) or () if p is not None]
    active = [p for p in places if p.status == "active"] or places[-1:]
    return active[0].location if active else None


def _place(
    record: Encounter,
    resource: fhir.Resource | None,
    raw: dict[str, fhir.Resource],
    units: dict[str, str],
) -> tuple[str, str]:
    """(unit, bed) in words. Without a Location that says what it is part of, the bed's own words are all there is."""
    reference = _location(resource)
    location = raw.get((reference.reference or "") if reference is not None else "")
    words = record.location or (reference.display if reference is not None else "") or ""
    if not isinstance(location, fhir.Location):
        return "unit not stated", words or "bed not stated"
    name = location.name or words
    part = location.partOf
    unit = ""
    if part is not None:
        unit = units.get(part.reference or "", "") or part.display or ""
    return unit or name or "unit not stated", _bed_words(name, unit)


def _bed_words(name: str, unit: str) -> str:
    short = name.removeprefix(unit).strip(" ,-")
    return short.removeprefix("bed").strip() or short or name


def _unit_names(reader: rights.Reader, raw: dict[str, fhir.Resource]) -> dict[str, str]:
    """Names of the units that the beds are part of, read one by one where they did not come along: they are few."""
    wanted = {
        one.partOf.reference: one.partOf.display or ""
        for one in raw.values()
        if isinstance(one, fhir.Location) and one.partOf is not None and one.partOf.reference
    }
    for target, display in wanted.items():
        known = raw.get(target)
        if isinstance(known, fhir.Location) and known.name:
            wanted[target] = known.name
        elif not display:
            wanted[target] = _read_name(reader, target)
    return wanted


def _read_name(reader: rights.Reader, target: str) -> str:
    search = Search(
        key="ward.unit",
        section=Section.ENCOUNTERS,
        resource="Location",
        read=target.rpartition("/")[2],
        tier=1,
    )
    for entry in pull_one(reader.wire, search, now=timezone.now).entries:
        if isinstance(entry.resource, fhir.Location) and entry.resource.name:
            return entry.resource.name
    return ""
