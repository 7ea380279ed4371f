"""The check of a connection, for the installer: what will work there and what will not."""

from __future__ import annotations

from django.utils import timezone

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import rosters
from clinical.fhir.probe import Line, Report, probe
from summary_app.connections.models import Connection
from summary_app.connections.services import tokens, wire


def check(connection: Connection, *, patient_id: str = "") -> Report:
    """Asks the EHR. Never raises for what the EHR does. patient_id: of a test patient; "" = any."""
    wire.forget()
    plain = wire.plain(connection)
    scopes: tuple[str, ...] | None = None
    extra: list[Line] = []
    if connection.authorization == Connection.Authorization.OPEN:
        asked = plain
    elif connection.backend_client_id:
        try:
            bearer = tokens.bearer_of_system(connection, lists=_lists(connection))
            asked, scopes = tokens.wired(connection, bearer), bearer.scopes
        except SourceError as error:
            words = f"{error.reason} {error.remedy}".strip()
            extra.append(Line("backend sign-in", "does not work", words))
            asked = plain
    else:
        words = "There is no backend client id, so the searches are sent without a token."
        extra.append(Line("backend sign-in", "not checked", words))
        asked = plain
    report = probe(
        asked,
        now=timezone.now,
        patient_id=patient_id,
        granted_scopes=scopes,
        trusted_hosts=connection.hosts,
        for_launch=connection.authorization != Connection.Authorization.OPEN,
        people=connection.people,
    )
    extra += _registration(connection)
    return Report(report.name, (*extra, *report.lines), report.capability, report.configuration)


def _lists(connection: Connection) -> tuple[str, ...]:
    """The types of lists of patients whose scopes the board would ask for."""
    if not connection.backend_for_clinicians:
        return ()
    try:
        return tuple(kind.resource for kind in rosters.offered(wire.capability(connection)))
    except SourceError:
        return ()  # the check says by itself that the capability statement cannot be read


def as_text(report: Report) -> str:
    """Plain lines for a terminal or a log."""
    lines = [f"{report.name}: {'usable' if report.usable else 'NOT usable'}"]
    for line in report.lines:
        lines.append(f"  {line.what:<28} {line.verdict:<14} {line.words}".rstrip())
        if line.remedy:
            lines.append(f"  {'':<28} {'':<14} -> {line.remedy}")
    return "\n".join(lines)


def _registration(connection: Connection) -> list[Line]:
    """What the EHR's administrator must have entered for us."""
    if connection.authorization == Connection.Authorization.OPEN:
        return [Line("registration", "works", "An open server: nothing is registered.")]
    try:
        wire.registration(connection, now=timezone.now())
    except LaunchRefused as error:
        return [Line("registration", "does not work", str(error))]
    words = (
        f"Registered there must be: launch {wire.address('launch', connection)}, "
        f"redirect {wire.address('callback', connection)}, keys {wire.address('jwks')}"
    )
    return [Line("registration", "works", words)]
