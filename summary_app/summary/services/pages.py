"""The page of an opening, from everything that is known at this moment. Fetches nothing."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import msgspec
from django.conf import settings

from clinical import rank, units
from clinical.fhir.turns import AT_ONCE, TURNS, Turn, page_turn
from clinical.pipeline import Built, build_summary
from clinical.records import Encounter, FetchState, Section, SectionRecords
from clinical.summary import Site, Viewer
from clinical.summary.view_model import Summary
from summary_app.access import door
from summary_app.access import queries as access_queries
from summary_app.connections import queries as connection_queries
from summary_app.quality.services import decisions, noting
from summary_app.rules.services import in_force, observing, places, preferring
from summary_app.summary.services import live, memory, store
from summary_app.summary.services.gathering import refresh, sections_of

_PAGES_KEPT = 8
_READERS_KEPT, _READER_HOLDS = 256, timedelta(minutes=1)
_FRESH = timedelta(minutes=5)  # ages on the page are right to this much
_NOT_SEEN = timedelta(hours=12)  # an earlier visit is one that is over for so long


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
_Reader = tuple[dict[str, tuple[str, ...]], datetime | None]
_readers: OrderedDict[str, tuple[datetime, _Reader]] = OrderedDict()
_lock = threading.Lock()


def page_of(opening: door.Opening, *, as_of: datetime) -> Page:
    """The page now: the one in memory, the one kept in the snapshot, or a new one."""
    # In this order: a reading that ends in between leaves a page that is older than what the next question finds.
    version = refresh(opening)
    running = _is_running(opening)
    key = _key(opening, as_of)
    known = _remembered(key, as_of)
    if known is not None:
        return _at_rest(_page(known[1], version, known[0]), running)
    first = opening.sources[0]
    if first.snapshot_id is not None and not running and not _is_running(opening):
        kept = store.kept_page(first.snapshot_id, _day(key, as_of))
        if kept is not None:
            return Page(kept, version, as_of)
    return _at_rest(_page(_built_of(opening, key, as_of), version, as_of), running)


def _at_rest(page: Page, running: bool) -> Page:
    """A page is complete when nothing was being read any more: an answer may have called for a further search."""
    if not page.summary.complete or not running:
        return page
    return replace(page, summary=msgspec.structs.replace(page.summary, complete=False))


def _page(built: Built, version: int, as_of: datetime) -> Page:
    asking = tuple(
        f"{state.server}/{state.search}"
        for state in built.chart.states
        if state.state == FetchState.FETCHING
    )
    return Page(built.summary, version, as_of, asking)


def built_of(opening: door.Opening, *, as_of: datetime) -> Built:
    """Chart, ranking and page; made at most once for the same content."""
    refresh(opening)
    return _built_of(opening, _key(opening, as_of), as_of)


def _built_of(opening: door.Opening, key: str, as_of: datetime) -> Built:
    with _lock:
        mine = _building.setdefault(key, threading.Lock())
    with mine:
        known = _remembered(key, as_of)
        if known is not None:
            return known[1]
        with _lock:
            earlier = _built.get(_whose(key))
        with TURNS.take(turn_of(opening)):
            built = _build(opening, as_of, earlier[2] if earlier is not None else None)
        with _lock:
            # An earlier page of the same chart would hold all of its records a second time.
            _built[_whose(key)] = (key, as_of, built)
            _built.move_to_end(_whose(key))
            _building.pop(key, None)
            while len(_built) > _PAGES_KEPT:
                memory.later(_built.popitem(last=False))
    first = opening.sources[0]
    if built.summary.complete and first.snapshot_id is not None and not _is_running(opening):
        store.keep_page(first.snapshot_id, _day(key, as_of), built.summary)
        noting.note(built.chart, now=as_of)
        observing.page_made(opening, built, as_of=as_of)
    return built


def turn_of(opening: door.Opening) -> Turn:
    """A page that nothing more comes to is made before those that are still being filled."""
    return page_turn(opening.created.timestamp()) if _is_running(opening) else AT_ONCE


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
        _readers.clear()


# ---- the page -------------------------------------------------------------------------------------------------


def _build(opening: door.Opening, as_of: datetime, before: Built | None) -> Built:
    sections = sections_of(opening)
    department = places.department_of(opening, sections)
    return build_summary(
        sections,
        visit_choice=opening.visit_choice or None,
        site=site(),
        viewer=_viewer(opening, sections, as_of),
        library=places.rules_of(opening, sections, as_of=as_of).library,
        launch_server=opening.connection.key,
        encounter_id=opening.encounter,
        as_of=as_of,
        mappings=decisions.of(source.key for source in opening.sources).mappings,
        preferences=partial(preferring.of, opening.user_id, department),
        before=before,
    )


def _viewer(opening: door.Opening, sections: Iterable[SectionRecords], as_of: datetime) -> Viewer:
    """The clinician. Without an encounter of theirs on the chart, our own record says when they were here."""
    mine, opened = _reader(opening, as_of)
    seen = None if _met(sections, mine) else opened
    return Viewer(name=opening.user_name, role=opening.role, practitioners=mine, last_seen=seen)


def _reader(opening: door.Opening, as_of: datetime) -> _Reader:
    """Who that is at each EHR, and when they last opened this chart; looked up once a minute for an opening."""
    with _lock:
        until, known = _readers.get(opening.id, (as_of, None))
    if known is None or until <= as_of:
        before = as_of - _NOT_SEEN
        where = (opening.user_id, opening.connection.pk, opening.patient)
        known = (
            access_queries.practitioners(opening.user_id),
            access_queries.last_opened(*where, before=before),
        )
        with _lock:
            _readers[opening.id] = (as_of + _READER_HOLDS, known)
            while len(_readers) > _READERS_KEPT:
                _readers.popitem(last=False)
    return known


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


def _key(opening: door.Opening, as_of: datetime) -> str:
    """Of a page: whose and for which visit, then of what. Two openings of one patient share it."""
    whose = (
        str(opening.user_id), opening.role, opening.encounter, opening.visit_choice,
        opening.connection.key, opening.patient,
    )  # fmt: skip
    content = (
        decisions.of(s.key for s in opening.sources).version, in_force.stamp(opening.id, as_of),
        preferring.stamp(opening.user_id),
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
