"""The page of an opening, from everything that is known at this moment. Fetches nothing."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.conf import settings

from clinical import rank, units
from clinical.pipeline import Built, build_summary
from clinical.records import Encounter, FetchState, SearchState, Section, SectionRecords
from clinical.summary import Site, Viewer
from clinical.summary.view_model import Summary
from summary_app.access import door
from summary_app.access import queries as access_queries
from summary_app.connections import queries as connection_queries
from summary_app.quality.services import decisions, noting
from summary_app.summary import queries
from summary_app.summary.models import Pull
from summary_app.summary.services import identity, linking, live, store

_PAGES_KEPT = 8
_FRESH = timedelta(minutes=5)  # ages on the page are right to this much
_NOT_SEEN = timedelta(hours=12)  # an earlier visit is one that is over for so long
_STATES = {
    "looking": FetchState.FETCHING,
    "none": FetchState.NOT_CONNECTED,
    "offered": FetchState.NOT_CONNECTED,
    "not-permitted": FetchState.NOT_AUTHORISED,
    "failed": FetchState.FAILED,
}


@dataclass(frozen=True)
class Page:
    """version: of what the page was made from. asking: searches that are under way, as "mercy/labs.recent"."""

    summary: Summary
    version: int
    as_of: datetime
    asking: tuple[str, ...] = ()


_built: OrderedDict[str, tuple[str, datetime, Built]] = (
    OrderedDict()
)  # by the first half of the key
_building: dict[str, threading.Lock] = {}
_lock = threading.Lock()


def page_of(opening: door.Opening, *, as_of: datetime) -> Page:
    """The page now: the one in memory, the one kept in the snapshot, or a new one."""
    version = refresh(opening)
    key = _key(opening, version)
    known = _remembered(key, as_of)
    if known is not None:
        return _page(known[1], version, known[0])
    first = opening.sources[0]
    if first.snapshot_id is not None and not _is_running(opening):
        kept = store.kept_page(first.snapshot_id, _day(key, as_of))
        if kept is not None:
            return Page(kept, version, as_of)
    return _page(_built_of(opening, key, as_of), version, as_of)


def _page(built: Built, version: int, as_of: datetime) -> Page:
    asking = tuple(
        f"{state.server}/{state.search}"
        for state in built.chart.states
        if state.state == FetchState.FETCHING
    )
    return Page(built.summary, version, as_of, asking)


def built_of(opening: door.Opening, *, as_of: datetime) -> Built:
    """Chart, ranking and page; made at most once for the same content."""
    return _built_of(opening, _key(opening, refresh(opening)), as_of)


def _built_of(opening: door.Opening, key: str, as_of: datetime) -> Built:
    with _lock:
        mine = _building.setdefault(key, threading.Lock())
    with mine:
        known = _remembered(key, as_of)
        if known is not None:
            return known[1]
        built = _build(opening, as_of)
        with _lock:
            # An earlier page of the same chart would hold all of its records a second time.
            _built[_whose(key)] = (key, as_of, built)
            _built.move_to_end(_whose(key))
            _building.pop(key, None)
            while len(_built) > _PAGES_KEPT:
                _built.popitem(last=False)
    first = opening.sources[0]
    if built.summary.complete and first.snapshot_id is not None and not _is_running(opening):
        store.keep_page(first.snapshot_id, _day(key, as_of), built.summary)
        noting.note(built.chart, now=as_of)
    return built


def site() -> Site:
    return Site(
        zone=settings.VISIT_LENS_ZONE,
        names=connection_queries.names(),
        units=units.preferred(settings.VISIT_LENS_UNITS),
    )


def warm_up() -> None:
    """Loads what the first page would otherwise wait for (units, packs): at the start of a web process."""
    units.warm()
    rank.load()


def forget() -> None:
    with _lock:
        _built.clear()


def refresh(opening: door.Opening) -> int:
    """Brings what this process knows up to what is stored; returns the version of it all."""
    version = opening.revision
    for source in opening.sources:
        if source.snapshot_id is None:
            continue
        current = live.of(source.snapshot_id)
        if not current.here:
            _load(source.snapshot_id, current)
        version += current.version
    return version


def sections_of(opening: door.Opening) -> tuple[SectionRecords, ...]:
    """Everything that may be shown of every source, as it stands."""
    found: list[SectionRecords] = []
    for place, source in enumerate(opening.sources):
        if source.snapshot_id is None:
            found.append(_without_snapshot(source))
            continue
        own = live.of(source.snapshot_id).sections()
        if place == 0:
            found += _with_prepared(opening, source, own)
        else:
            found += _if_the_same_person(opening, source, own)
    return tuple(found)


# ---- what goes in ---------------------------------------------------------------------------------------------


def _load(snapshot_id: int, current: live.Live) -> None:
    pull = queries.pull(snapshot_id)
    if pull is None or pull.version <= current.version:
        return
    snapshot = queries.snapshot(snapshot_id)
    if snapshot is None:
        return
    parts, plan = store.read_parts(snapshot, above=current.version)
    running = pull.state == Pull.State.RUNNING
    planned = current.planned if plan is None else {s.search: s for s in plan.planned}
    current.load(
        run=pull.run,
        version=pull.version,
        planned=planned if running else {},
        parts=parts,
        gone=plan.gone if plan is not None else (),
    )


def _without_snapshot(source: door.SourceOf) -> SectionRecords:
    return SectionRecords(
        state=SearchState(
            server=source.key,
            search="patient.link",
            section=Section.PATIENT,
            state=_STATES.get(source.how, FetchState.NOT_CONNECTED),
            reason=source.words,
        )
    )


def _with_prepared(
    opening: door.Opening, source: door.SourceOf, own: list[SectionRecords]
) -> list[SectionRecords]:
    """Where the clinician's own reading has not come yet, what was prepared with our rights, as an earlier copy.

    Only after the clinician's own token has read this very Patient, and only for searches that it may send; entries
    with a restricted label are left to the clinician's own reading.
    """
    waiting = [s for s in own if s.state.state == FetchState.FETCHING and not s.state.stale]
    patient = next((s for s in own if s.state.search == "patient"), None)
    if not waiting or identity.patient_of(patient) is None:
        return own
    prepared = queries.snapshot_of(source.connection.pk, source.patient, None)
    if prepared is None:
        return own
    current = live.of(prepared.pk)
    if not current.here:
        _load(prepared.pk, current)
    ready = {part.state.search: part for part in current.sections()}
    return [_earlier(ready.get(s.state.search), s) if s in waiting else s for s in own]


def _earlier(prepared: SectionRecords | None, waiting: SectionRecords) -> SectionRecords:
    if prepared is None or prepared.state.state == FetchState.FETCHING:
        return waiting
    open_to_all = tuple(r for r in prepared.records if not r.source.restricted)
    state = msgspec.structs.replace(
        waiting.state, at=prepared.state.at, stale=True, received=len(open_to_all)
    )
    return SectionRecords(state=state, records=open_to_all)


def _if_the_same_person(
    opening: door.Opening, source: door.SourceOf, own: list[SectionRecords]
) -> list[SectionRecords]:
    """A linked EHR's entries once both Patients are here and agree; until then its searches are still being asked."""
    first = opening.sources[0]
    lead = live.of(first.snapshot_id) if first.snapshot_id is not None else None
    ours = identity.patient_of(lead.part("patient") if lead is not None else None)
    theirs_section = live.of(source.snapshot_id or 0).part("patient")
    theirs = identity.patient_of(theirs_section)
    if ours is None or (theirs is None and theirs_section is None):
        return _held(own, FetchState.FETCHING, "")
    if theirs is None:
        return [s for s in own if s.state.search == "patient"] + _held(
            [s for s in own if s.state.search != "patient"],
            FetchState.FAILED,
            "the patient's record there could not be read, so nothing else of it is shown",
        )
    systems = set(opening.connection.identifier_systems) & set(source.connection.identifier_systems)
    verdict, words = identity.compare(ours, theirs, systems=systems)
    confirmed = source.how == "confirmed" and verdict == "unsure"
    if verdict == "same" or confirmed:
        return own
    linking.refuse(opening, source)
    return _held(
        own, FetchState.RESTRICTED, f"not shown: {words}, so it may be another person's record"
    )


def _held(own: Iterable[SectionRecords], state: FetchState, reason: str) -> list[SectionRecords]:
    return [
        SectionRecords(
            state=msgspec.structs.replace(
                s.state,
                state=state,
                reason=reason,
                received=0,
                unreadable=0,
                foreign=0,
                stale=False,
            )
        )
        for s in own
    ]


# ---- the page -------------------------------------------------------------------------------------------------


def _build(opening: door.Opening, as_of: datetime) -> Built:
    sections = sections_of(opening)
    return build_summary(
        sections,
        visit_choice=opening.visit_choice or None,
        site=site(),
        viewer=_viewer(opening, sections, as_of),
        library=rank.load(),
        launch_server=opening.connection.key,
        encounter_id=opening.encounter,
        as_of=as_of,
        mappings=decisions.of(source.key for source in opening.sources).mappings,
    )


def _viewer(opening: door.Opening, sections: Iterable[SectionRecords], as_of: datetime) -> Viewer:
    """The clinician. Without an encounter of theirs on the chart, our own record says when they were here."""
    mine = access_queries.practitioners(opening.user_id)
    seen = None
    if not _met(sections, mine):
        seen = access_queries.last_opened(
            opening.user_id,
            opening.connection.pk,
            opening.patient,
            before=as_of - _NOT_SEEN,
        )
    return Viewer(name=opening.user_name, role=opening.role, practitioners=mine, last_seen=seen)


def _met(sections: Iterable[SectionRecords], mine: dict[str, tuple[str, ...]]) -> bool:
    return any(
        participant.reference.target in mine.get(record.source.server, ())
        for section in sections
        if section.state.section == Section.ENCOUNTERS
        for record in section.records
        if isinstance(record, Encounter) and record.status == "finished"
        for participant in record.participants
        if participant.reference.target
    )


def _key(opening: door.Opening, version: int) -> str:
    """Of a page: whose and for which visit, then of what. Two openings of one patient share it."""
    whose = (
        str(opening.user_id), opening.role, opening.encounter, opening.visit_choice,
        opening.connection.key, opening.patient,
    )  # fmt: skip
    content = (
        decisions.of(s.key for s in opening.sources).version,
        *(f"{name}={unit}" for name, unit in sorted(settings.VISIT_LENS_UNITS.items())),
        *(f"{s.key}:{s.how}:{s.words}:{s.snapshot_id}:{_version(s)}" for s in opening.sources),
    )  # fmt: skip
    halves = ("\n".join(half) for half in (whose, content))
    return "/".join(hashlib.sha256(half.encode()).hexdigest() for half in halves)


def _whose(key: str) -> str:
    return key.partition("/")[0]


def _version(source: door.SourceOf) -> int:
    current = live.peek(source.snapshot_id) if source.snapshot_id is not None else None
    return current.version if current is not None else 0


def _day(key: str, as_of: datetime) -> str:
    return hashlib.sha256(f"{key} {as_of:%Y-%m-%d}".encode()).hexdigest()


def _remembered(key: str, as_of: datetime) -> tuple[datetime, Built] | None:
    with _lock:
        known = _built.get(_whose(key))
        if known is None or known[0] != key or as_of - known[1] > _FRESH:
            return None
        _built.move_to_end(_whose(key))
        return known[1:]


def _is_running(opening: door.Opening) -> bool:
    lives = [live.peek(s.snapshot_id) for s in opening.sources if s.snapshot_id is not None]
    return any(each is not None and (each.here or each.planned) for each in lives)
