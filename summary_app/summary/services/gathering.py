"""What a page is made from: everything that is known of an opening's sources and may be shown of them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from clinical.records import FetchState, SearchState, Section, SectionRecords
from summary_app.access import door
from summary_app.summary import queries
from summary_app.summary.models import Pull
from summary_app.summary.services import identity, linking, live, store

_STATES = {
    "looking": FetchState.FETCHING,
    "none": FetchState.NOT_CONNECTED,
    "offered": FetchState.NOT_CONNECTED,
    "not-permitted": FetchState.NOT_AUTHORISED,
    "failed": FetchState.FAILED,
}
_SHUT = frozenset({"failed", "not-permitted"})  # cannot be asked now; what it gave before is kept
_UNPROVEN = (
    "the patient's record at {} could not be read, so it is not proven that this is the same person"
)


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
        if source.how in _SHUT:
            own = [_out_of_reach(section, source) for section in own]
        if place == 0:
            found += _with_prepared(opening, source, own)
        else:
            found += _if_the_same_person(opening, source, own)
    return tuple(found)


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


def _out_of_reach(section: SectionRecords, source: door.SourceOf) -> SectionRecords:
    """What was read of a source before it could not be asked any more: an earlier copy, with the reason."""
    state = msgspec.structs.replace(
        section.state,
        state=_STATES[source.how],
        reason=source.words,
        remedy="",
        stale=bool(section.records),
    )
    return msgspec.structs.replace(section, state=state)


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
    ours_section = lead.part("patient") if lead is not None else None
    theirs_section = live.of(source.snapshot_id or 0).part("patient")
    ours, theirs = identity.patient_of(ours_section), identity.patient_of(theirs_section)
    if lead is None or (ours is None and ours_section is not None):
        return _held(own, FetchState.FAILED, _UNPROVEN.format(opening.connection.name))
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
                cut_short=False,
            )
        )
        for s in own
    ]
