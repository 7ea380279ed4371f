"""A pull that was claimed and could not begin: the claim is given back, and the page says that nothing was read."""

from __future__ import annotations

import logging

from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.connection import Connection
from clinical.fhir.faults import LATER
from clinical.fhir.pull import failed_state
from clinical.fhir.searches import Search
from clinical.records import Section, SectionRecords
from summary_app.summary.models import Pull, Snapshot
from summary_app.summary.services import bells, live, store

_log = logging.getLogger(__name__)


def give_back(snapshot: Snapshot, wire: Connection, run: int, error: Exception) -> None:
    """Everything that was to be read, or was read before, has failed, and what was read before stays with its time.

    Where nothing is known, every section has failed. Never raises: where the database cannot be written to either, the
    claim is lost after its time like that of a process that is gone.
    """
    _log.error("the pull of %s could not begin: %s", wire.key, type(error).__name__)
    try:
        _end(snapshot, wire, run, error)
    except Exception as second:  # noqa: BLE001  # its words might hold what was read before
        _log.error("the pull of %s was not given back: %s", wire.key, type(second).__name__)


def _end(snapshot: Snapshot, wire: Connection, run: int, error: Exception) -> None:
    current = live.of(snapshot.pk)
    wanted = _wanted(current)
    stored = Pull.objects.values_list("version", flat=True).get(snapshot=snapshot)
    current.begin(run, max(current.version, stored) + 1, (), ())
    fault = SourceError(f"The reading of {wire.name} could not begin.", remedy=LATER)
    pieces = []
    for key, section in wanted.items():
        search = Search(key=key, section=section, resource="")
        failed = SectionRecords(state=failed_state(search, wire, fault, timezone.now()))
        kept, version = current.add(failed)
        pieces.append(store.Piece(kept, (), version, kept is failed))
    gone, version = current.end()
    store.write(
        snapshot,
        pieces,
        run=run,
        version=version,
        now=timezone.now(),
        plan=store.RunPlan(gone=gone),
        state=Pull.State.DONE,
        trouble=f"could not begin: {type(error).__name__}",
    )
    bells.announce(snapshot.pk)


def _wanted(current: live.Live) -> dict[str, Section]:
    """Search key -> section: what is known or planned; by the sections alone where that is nothing."""
    known = {part.state.search: part.state.section for part in current.sections()}
    return known or {section.value: section for section in Section}
