"""The check of a connection: what will work with this EHR and what will not, in plain lines for an installer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from clinical.errors import ClinicalError, SourceError
from clinical.fhir import discovery, faults, rosters, scopes
from clinical.fhir.capability import Capability, read_capability
from clinical.fhir.connection import Connection
from clinical.fhir.exchange import HttpFunction, Question, http_for
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull
from clinical.fhir.searches import path_of, plan_for
from clinical.fhir.session import Session
from clinical.fhir.wire import read_page
from clinical.records import FetchState, SearchState

Verdict = Literal["works", "works in part", "does not work", "not offered", "not checked"]
_VERDICTS: dict[FetchState, Verdict] = {
    FetchState.OK: "works",
    FetchState.OK_EMPTY: "works",
    FetchState.OK_NEGATED: "works",
    FetchState.PARTIAL: "works in part",
    FetchState.NOT_SUPPORTED: "not offered",
    FetchState.NOT_AUTHORISED: "does not work",
    FetchState.RESTRICTED: "does not work",
    FetchState.FAILED: "does not work",
}


class Line(msgspec.Struct, frozen=True):
    """One thing that was checked. what: "discovery", "capability statement", "token", or the key of a search."""

    what: str
    verdict: Verdict
    words: str = ""
    remedy: str = ""


class Report(msgspec.Struct, frozen=True):
    """name: of the connection. capability, configuration: what was read, None when it could not be."""

    name: str
    lines: tuple[Line, ...]
    capability: Capability | None = None
    configuration: discovery.SmartConfiguration | None = None

    @property
    def usable(self) -> bool:
        """Whether a pull will bring anything: no basic check failed, and at least one search works."""
        basics = all(line.verdict != "does not work" for line in self.lines if line.what in BASICS)
        others = [line.verdict for line in self.lines if line.what not in BASICS]
        return basics and any(verdict.startswith("works") for verdict in others)


BASICS = ("capability statement", "discovery", "token")


def probe(
    connection: Connection,
    *,
    now: Callable[[], datetime],
    patient_id: str = "",
    granted_scopes: Iterable[str] | None = None,
    trusted_hosts: Collection[str] = (),
    for_launch: bool = True,
    people: Sequence[str] = (),
) -> Report:
    """Checks discovery, capability statement, token, one search per kind of record, and the ways to the patients of a
    board. Never raises SourceError.

    people: references of those whose lists of patients are asked for ("Practitioner/5"). patient_id: whose record is searched, one page of one entry each; "" = the first patient that a search gives.
    The report holds counts and words, nothing of the record.
    """
    ask = http_for(connection)
    lines: list[Line] = []
    capability = _capability(connection, ask, lines)
    configuration = _configuration(connection, ask, lines, trusted_hosts, for_launch)
    reached = capability is not None or configuration is not None
    if reached and _token(connection, lines):
        chosen = patient_id or _any_patient(connection, lines)
        if chosen:
            lines += _searches(connection, chosen, capability, granted_scopes, now)
        if capability is not None:
            lines += _board(connection, capability, granted_scopes, people, now)
    return Report(connection.name, tuple(lines), capability, configuration)


def _capability(connection: Connection, ask: HttpFunction, lines: list[Line]) -> Capability | None:
    try:
        url = f"{connection.base}/metadata"
        answer = ask(Question(url, headers={"Accept": "application/fhir+json"}))
        if answer.status != 200:
            raise faults.refused(connection.name, answer.status, answer.headers, answer.body)
        found = read_capability(answer.body, source=connection.name)
    except SourceError as error:
        lines.append(Line("capability statement", "does not work", error.reason, error.remedy))
        return None
    if not found.fhir_version.startswith("4."):
        words = f"The server says it speaks FHIR {found.fhir_version or 'of an unnamed version'}; R4 is needed."
        lines.append(Line("capability statement", "works in part", words))
    else:
        words = f"FHIR {found.fhir_version}, {len(found.types)} resource types declared."
        lines.append(Line("capability statement", "works", words))
    return found


def _configuration(
    connection: Connection,
    ask: HttpFunction,
    lines: list[Line],
    trusted_hosts: Collection[str],
    for_launch: bool,
) -> discovery.SmartConfiguration | None:
    try:
        found = discovery.discover(
            ask,
            connection.base,
            name=connection.name,
            trusted_hosts=trusted_hosts,
            for_launch=for_launch,
        )
    except ClinicalError as error:
        remedy = error.remedy if isinstance(error, SourceError) else faults.ADMIN
        lines.append(Line("discovery", "does not work", str(error), remedy))
        return None
    lines.append(Line("discovery", "works", "SMART configuration read."))
    return found


def _token(connection: Connection, lines: list[Line]) -> bool:
    if connection.token is None:
        lines.append(Line("token", "not checked", "No token is set up; searches are sent without."))
        return True
    try:
        connection.token()
    except SourceError as error:
        lines.append(Line("token", "does not work", error.reason, error.remedy))
        return False
    lines.append(Line("token", "works", "A token was given."))
    return True


def _any_patient(connection: Connection, lines: list[Line]) -> str:
    try:
        body = Session(connection).fetch(path_of("Patient", (("_count", "1"),)))
        page = read_page(body, expected="Patient", source=connection.name)
    except SourceError as error:
        words = f"No patient to search with: {error.reason}"
        lines.append(Line("searches", "not checked", words, "Give the id of a test patient."))
        return ""
    found = next((entry.id for entry in page.entries if entry.type == "Patient" and entry.id), "")
    if not found:
        words = "No patient to search with: the server gave none."
        lines.append(Line("searches", "not checked", words, "Give the id of a test patient."))
    return found


def _searches(
    connection: Connection,
    patient_id: str,
    capability: Capability | None,
    granted: Iterable[str] | None,
    now: Callable[[], datetime],
) -> list[Line]:
    plan = plan_for(
        server=connection.key,
        patient_id=patient_id,
        as_of=now(),
        capability=capability,
        granted_scopes=granted,
        page_size=20,
    )
    single = msgspec.structs.replace(
        plan,
        searches=tuple(
            msgspec.structs.replace(search, split="", together="", otherwise=())
            for search in plan.searches
        ),
    )
    states = pull(connection, single, patient_id, _discard, now=now)
    return [_line(state) for state in (*states, *plan.not_asked)]


def _board(
    connection: Connection,
    capability: Capability,
    granted: Iterable[str] | None,
    people: Sequence[str],
    now: Callable[[], datetime],
) -> list[Line]:
    """Care teams, lists and groups: what is declared and granted is asked for as the board asks."""
    known = None if granted is None else scopes.parse(granted)
    lines: list[Line] = []
    for kind in rosters.KINDS:
        what, why = f"board: {kind.words}", rosters.why_not(kind, capability, known)
        if why is not None:
            state, reason = why
            words = (
                f"The board takes no patients from {kind.words}{': ' if reason else ''}{reason}."
            )
            remedy = _SCOPE if state is FetchState.NOT_AUTHORISED else ""
            lines.append(Line(what, _VERDICTS[state], words, remedy))
        elif not people:
            words = "Nobody is entered under the roles of this connection whose lists could be asked for."
            lines.append(Line(what, "not checked", words))
        else:
            search = rosters.search_for(kind, people[:1], 20)
            state_of = pull(connection, (search,), "", _discard, now=now)[0]
            lines.append(msgspec.structs.replace(_line(state_of), what=what))
    return lines


_SCOPE = "Ask the administrator to have this scope granted to the registration."


def _discard(fetched: Fetched) -> None:
    """Only the states are looked at."""


def _line(state: SearchState) -> Line:
    words = state.reason or f"{state.received} on the pages that were read."
    return Line(state.search, _VERDICTS[state.state], words, state.remedy)
