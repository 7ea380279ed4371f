"""Searches that are not about one chart: finding a patient by identifier, and a day's schedule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from clinical.errors import SourceError
from clinical.fhir.connection import Connection
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull_one
from clinical.fhir.searches import PAGE_SIZE, Search
from clinical.records import FetchState, Section

_WHOLE = (FetchState.OK, FetchState.OK_EMPTY)


def patients_with(
    connection: Connection, system: str, value: str, *, now: Callable[[], datetime]
) -> Fetched:
    """Patient resources that carry this identifier, as the server says; whoever links must compare them itself.

    system: URI of a trusted identifier system, never "". Raises SourceError when the answer is not complete: half an
    answer must not make a link.
    """
    if not system or not value:
        raise ValueError("an identifier needs a system and a value")
    search = Search(
        key="patients.identifier",
        section=Section.PATIENT,
        resource="Patient",
        params=(("identifier", f"{system}|{value}"),),
        tier=1,
    )
    fetched = pull_one(connection, search, now=now)
    state = fetched.state
    if state.state not in _WHOLE:
        raise SourceError(state.reason, state=state.state, remedy=state.remedy)
    return fetched


def schedule_of(
    connection: Connection,
    day: date,
    *,
    now: Callable[[], datetime],
    kind: str = "Appointment",
    practitioner: str = "",
) -> Fetched:
    """The Appointments (or Encounters: kind) of one day, of one practitioner ("Practitioner/5") or of all.

    The state tells whether the list is whole. Entries are about many patients.
    """
    params = [
        ("date", f"ge{day.isoformat()}"),
        ("date", f"lt{(day + timedelta(days=1)).isoformat()}"),
    ]
    if practitioner:
        params.append(("practitioner" if kind == "Appointment" else "participant", practitioner))
    asked = tuple(params)
    search = Search(
        key=f"schedule.{kind.lower()}",
        section=Section.APPOINTMENTS if kind == "Appointment" else Section.ENCOUNTERS,
        resource=kind,
        params=(*asked, ("_count", str(PAGE_SIZE))),
        fallbacks=(asked,),
        tier=1,
    )
    return pull_one(connection, search, now=now, background=True)
