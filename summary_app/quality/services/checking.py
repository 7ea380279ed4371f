"""The check for mapping loss: the pack through our own pipeline, then a patient of a connection against the raw bytes."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.connection import Connection as Wire
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull
from clinical.fhir.searches import plan_for
from clinical.records import FetchState
from summary_app.connections.models import Connection
from summary_app.connections.services import tokens, wire
from summary_app.quality.services import loss, pack


@dataclass(frozen=True)
class Result:
    """lines: for a terminal. whole: nothing was lost and everything that was asked for answered."""

    lines: tuple[str, ...]
    whole: bool


def of_pack() -> Result:
    """Every case of the pack."""
    bad = [(case, found) for case in pack.load().cases if (found := pack.faults(case))]
    count = len(pack.load().cases)
    lines = [f"pack: {count - len(bad)} of {count} cases kept"]
    lines += [f"  {case.id}: {case.hazard}: {'; '.join(found)}" for case, found in bad]
    return Result(tuple(lines), not bad)


def of_connection(connection: Connection, *, patient_id: str) -> Result:
    """Everything of one patient there. Never raises for what the EHR does."""
    asked, scopes, words = _wired(connection)
    plan = plan_for(
        server=connection.key, patient_id=patient_id, as_of=timezone.now(), granted_scopes=scopes
    )
    fetched: list[Fetched] = []
    pull(asked, plan, patient_id, fetched.append, now=timezone.now)
    found = loss.compare(fetched, base=asked.base)
    bad = (FetchState.FAILED, FetchState.PARTIAL)
    failed = [f.state for f in fetched if f.state.state in bad]
    lines = [f"{connection.name}: {sum(found.compared.values())} comparisons", *words]
    lines += [f"  not read: {state.search}: {state.reason}" for state in failed]
    lines += loss.as_text(found)
    return Result(tuple(lines), found.whole and not failed)


def _wired(connection: Connection) -> tuple[Wire, tuple[str, ...] | None, tuple[str, ...]]:
    """The connection as it may be asked, its scopes (None: not known), and what has to be said about that."""
    plain = wire.plain(connection)
    if (
        connection.authorization == Connection.Authorization.OPEN
        or not connection.backend_client_id
    ):
        return plain, None, ()
    try:
        bearer = tokens.bearer_of_system(connection)
        return tokens.wired(connection, bearer), bearer.scopes, ()
    except SourceError as error:
        return plain, None, (f"  backend sign-in does not work: {error.reason}",)
