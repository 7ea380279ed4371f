"""The patients of a board: read once in full for the board, then one request per patient and minute for what is new.

What was read lives in this process only, under the rights that read it. An EHR that stops answering leaves what was
read before, with its time; nothing is lost and nothing old is shown as new.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

import msgspec
from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull
from clinical.fhir.searches import Search, instant, plan_for
from clinical.pipeline import section_records
from clinical.reconcile import reconcile
from clinical.records import Chart, FetchState, SearchState, Section, SectionRecords
from clinical.vitals.flowsheet import Ward, ward
from clinical.vitals.policy import Policy
from summary_app.access.models import User
from summary_app.summary.services import pulling, rights
from summary_app.ward.services.units import Bed

REFRESH = timedelta(minutes=1)
_WHOLE_AGAIN = timedelta(minutes=30)
_KEPT = 400
_AT_ONCE = 4  # patients of one EHR read side by side; the searches of each share its concurrency
_OVERLAP = timedelta(minutes=5)
_NEEDED = frozenset({
    "patient", "allergies", "problems", "medications.active", "labs.recent", "vitals.recent", "administrations",
    "social", "surveys", "exams", "orders", "orders.standing", "devices", "flags",
    "documents.directives", "consents",
})  # fmt: skip


@dataclass
class Kept:
    """What is known of one patient. whole, fresh: when it was last read in full, and last asked for news.

    problem: why the last reading failed, "" when it did not. version: counts up with everything that arrives.
    ward: the last look at the chart; a later look takes over what has not changed.
    """

    sections: dict[str, SectionRecords] = field(default_factory=dict)
    whole: datetime | None = None
    fresh: datetime | None = None
    tried: datetime | None = None
    problem: str = ""
    version: int = 0
    chart: tuple[int, Chart] | None = None
    ward: Ward | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: OrderedDict[tuple[int | None, int, str], Kept] = OrderedDict()
_reading: set[tuple[int | None, int]] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Known:
    """One bed with what is known of its patient. chart: None while nothing was read. asking: it is being read.

    kept: where the next look at this patient finds this one; None when the look was refused. others: what other EHRs
    know of the same person, when that is proven; their records stand in `chart` too.
    """

    bed: Bed
    chart: Chart | None
    fresh: datetime | None
    problem: str
    asking: bool
    kept: Kept | None = None
    others: tuple[Known, ...] = ()


def look(user: User, beds: Sequence[Bed], *, as_of: datetime) -> tuple[Known, ...]:
    """What is known now; whatever is older than a minute is asked for anew in the background."""
    found: list[Known] = []
    by_connection: dict[int, list[Bed]] = {}
    for bed in beds:
        by_connection.setdefault(bed.connection.pk, []).append(bed)
    for several in by_connection.values():
        found += _of_connection(user, several, as_of)
    return tuple(found)


def _of_connection(user: User, beds: Sequence[Bed], as_of: datetime) -> list[Known]:
    connection = beds[0].connection
    try:
        reader = rights.for_lookup(user.pk, connection)
    except rights.NotPermitted as refusal:
        return [Known(bed, None, None, str(refusal), False) for bed in beds]
    except SourceError as error:
        return [_known(bed, _of(None, bed), error.reason, False) for bed in beds]
    wanted = [bed for bed in beds if _is_due(_of(reader.user_id, bed), as_of)]
    busy = _start((reader.user_id, connection.pk), reader, wanted)
    return [_known(bed, _of(reader.user_id, bed), "", busy) for bed in beds]


def _of(user_id: int | None, bed: Bed) -> Kept:
    key = (user_id, bed.connection.pk, bed.patient)
    with _lock:
        kept = _kept.get(key)
        if kept is None:
            kept = _kept[key] = Kept()
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return kept


def forget() -> None:
    """Of everybody: for tests, and when keys change."""
    with _lock:
        _kept.clear()


def _is_due(kept: Kept, as_of: datetime) -> bool:
    return kept.tried is None or as_of - kept.tried >= REFRESH


def _known(bed: Bed, kept: Kept, problem: str, asking: bool) -> Known:
    return Known(bed, _chart(kept, bed), kept.fresh, problem or kept.problem, asking, kept)


def seen(known: Known, chart: Chart, policy: Policy, *, as_of: datetime, zone: tzinfo) -> Ward:
    """The ward's view of this patient's chart now."""
    kept = known.kept
    found = ward(
        chart, as_of=as_of, zone=zone, policy=policy, before=kept.ward if kept is not None else None
    )
    if kept is not None:
        kept.ward = found
    return found


def _chart(kept: Kept, bed: Bed) -> Chart | None:
    with kept.lock:
        if kept.whole is None and not kept.sections:
            return None
        if kept.chart is None or kept.chart[0] != kept.version:
            chart = reconcile(tuple(kept.sections.values()), launch_server=bed.connection.key)
            kept.chart = (kept.version, chart)
        return kept.chart[1]


# ---- reading -----------------------------------------------------------------------------------------------------


def _start(key: tuple[int | None, int], reader: rights.Reader, beds: Sequence[Bed]) -> bool:
    """One run per EHR and reader at a time. beds: those that are due. True: a run is under way."""
    with _lock:
        if key in _reading or not beds:
            return key in _reading
        _reading.add(key)

    def run() -> None:
        try:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ward") as pool:
                list(pool.map(lambda bed: _read(reader, bed), beds))
        finally:
            with _lock:
                _reading.discard(key)

    pulling.spawn(run, f"ward-{beds[0].connection.key}")
    return True


def _read(reader: rights.Reader, bed: Bed) -> None:
    kept, now = _of(reader.user_id, bed), timezone.now()
    with kept.lock:
        if not _is_due(kept, now):
            return  # another page has asked meanwhile
        kept.tried = now
        whole = kept.whole is None or now - kept.whole >= _WHOLE_AGAIN
    searches, not_asked = (
        _all_searches(reader, bed, now) if whole else ((_news(bed, kept, now),), ())
    )
    fetched: list[Fetched] = []
    pull(reader.wire, searches, bed.patient, fetched.append, now=timezone.now, background=True)
    sections = [section_records(one, base=reader.wire.base) for one in fetched]
    sections += [SectionRecords(state=state) for state in not_asked]
    with kept.lock:
        _take_in(kept, sections, whole=whole, now=now)


def _all_searches(
    reader: rights.Reader, bed: Bed, now: datetime
) -> tuple[tuple[Search, ...], tuple[SearchState, ...]]:
    """What is asked, and what would be and may not: that is said, like an answer that did not come."""
    plan = plan_for(
        server=reader.wire.key,
        patient_id=bed.patient,
        as_of=now,
        granted_scopes=reader.scopes,
        setting="ward",
        role="nurse",
        page_size=reader.wire.limits.page_size,
        concurrency=min(reader.wire.limits.concurrency, reader.wire.limits.later),
    )
    needed = tuple(
        msgspec.structs.replace(search, tier=1, otherwise=())
        for search in plan.searches
        if search.key in _NEEDED
    )
    not_asked = tuple(state for state in plan.not_asked if state.search in _NEEDED)
    return ((*needed, _stay(bed)) if bed.encounter is None else needed), not_asked


def _stay(bed: Bed) -> Search:
    """Where somebody lies who is known from a list only, and why."""
    asked = (("patient", bed.patient), ("status", "in-progress"))
    return Search(
        key="ward.stay",
        section=Section.ENCOUNTERS,
        resource="Encounter",
        params=(*asked, ("_include", "Encounter:location")),
        fallbacks=(asked, asked[:1]),
        tier=1,
    )


def _news(bed: Bed, kept: Kept, now: datetime) -> Search:
    """Vital signs and results changed since the last look, in one request; by their own date where a server cannot
    search by change."""
    since = (kept.fresh or now) - _OVERLAP
    base = (("patient", bed.patient), ("category", "vital-signs,laboratory"))
    return Search(
        key="ward.news",
        section=Section.VITALS,
        resource="Observation",
        params=(*base, ("_lastUpdated", f"ge{instant(since)}")),
        fallbacks=((*base, ("date", f"ge{instant(now - timedelta(hours=8))}")),),
        tier=1,
    )


def _take_in(kept: Kept, sections: Iterable[SectionRecords], *, whole: bool, now: datetime) -> None:
    """A search that failed leaves its earlier answer standing, marked with the time of that answer."""
    problem = ""
    for section in sections:
        key, state = section.state.search, section.state
        failed = state.state is FetchState.FAILED
        problem = problem or (state.reason if failed else "")
        if failed and key in kept.sections:
            earlier = kept.sections[key]
            old = msgspec.structs.replace(earlier.state, stale=True)
            kept.sections[key] = msgspec.structs.replace(earlier, state=old)
        elif key == "ward.news":
            if not failed:
                kept.sections[key] = _added(kept.sections.get(key), section)
        else:
            kept.sections[key] = section
    kept.problem = problem
    if whole and "patient" in kept.sections and not problem:
        kept.sections.pop("ward.news", None)  # what it brought stands in the new answers
    if whole:
        kept.whole = now
    if not problem:
        kept.fresh = now
    kept.version += 1


def _added(earlier: SectionRecords | None, news: SectionRecords) -> SectionRecords:
    """All news since the last full reading, each version of an entry once; the newest counts when they are merged."""
    if earlier is None:
        return news
    records = tuple(dict.fromkeys((*earlier.records, *news.records)))
    hidden = tuple(dict.fromkeys((*earlier.not_shown, *news.not_shown)))
    state: SearchState = msgspec.structs.replace(news.state, received=len(records))
    if state.state is FetchState.OK_EMPTY and records:
        state = msgspec.structs.replace(state, state=FetchState.OK)
    return SectionRecords(state=state, records=records, not_shown=hidden)
