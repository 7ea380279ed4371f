"""Where an opening stands: its department and the kind of its encounter, as far as the chart and the people's list say it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from clinical.rank.recognise import setting_of
from clinical.records import Appointment, Chart, Encounter, Record, SectionRecords
from summary_app.access.door import Opening
from summary_app.rules import queries
from summary_app.rules.models import Department
from summary_app.rules.services import in_force
from summary_app.rules.services.in_force import InForce, Where

_SECONDS = 5.0
_kept: tuple[float, tuple[Department, ...]] | None = None


def rules_of(opening: Opening, sections: Iterable[SectionRecords], *, as_of: datetime) -> InForce:
    """What holds for an opening. Its place is looked up only where somebody has changed anything."""
    held = in_force.standing()
    if not held.rollouts or held.stopped:
        return in_force.rules_for(Where("", opening.role, "", 0), now=as_of)
    return in_force.rules_for(where(opening, sections), now=as_of)


def where(opening: Opening, sections: Iterable[SectionRecords]) -> Where:
    """Without a department of the person, the names that the encounter of the launch carries decide."""
    return _where(opening, [record for section in sections for record in section.records])


def department_of(opening: Opening, sections: Iterable[SectionRecords]) -> str:
    """Its name; "" when it is not known, or when the site has entered none."""
    return where(opening, sections).department if _departments() else ""


def of_chart(opening: Opening, chart: Chart) -> Where:
    """The same, from a chart that is there already."""
    found = [
        record for entry in (*chart.encounters, *chart.appointments) for record in entry.members
    ]
    return _where(opening, found)


def _where(opening: Opening, records: Sequence[Record]) -> Where:
    encounter = _encounter(records, opening.connection.key, opening.encounter)
    return Where(
        department=_department(opening.user_id, encounter, records),
        role=opening.role,
        setting=setting_of(encounter),
        bucket=in_force.bucket_of(opening.id),
    )


def forget() -> None:
    global _kept
    _kept = None


def _encounter(records: Iterable[Record], server: str, encounter_id: str) -> Encounter | None:
    """The one of the launch, else the one under way that began last."""
    known = [one for one in records if isinstance(one, Encounter)]
    if encounter_id:
        wanted = f"Encounter/{encounter_id}"
        same = [one for one in known if one.source.reference == wanted]
        return next((one for one in same if one.source.server == server), None)
    now = [one for one in known if one.status == "in-progress"]
    return max(
        now,
        key=lambda one: (str(one.period.start) if one.period else "", one.source.token),
        default=None,
    )


def _department(user_id: int, encounter: Encounter | None, records: Iterable[Record]) -> str:
    names = {name.casefold() for name in _names(encounter, records)}
    for one in _departments():
        if any(person.pk == user_id for person in one.people.all()):
            return one.name
    for one in _departments():
        if names & {line.strip().casefold() for line in one.matches.splitlines() if line.strip()}:
            return one.name
    return ""


def _names(encounter: Encounter | None, records: Iterable[Record]) -> Iterator[str]:
    if encounter is None:
        return
    yield from (encounter.location, encounter.facility)
    if encounter.service is not None:
        yield encounter.service.text
    for one in records:
        if isinstance(one, Appointment) and one.source.reference in encounter.appointments:
            yield from (each.text for each in (one.service, one.specialty) if each is not None)


def _departments() -> tuple[Department, ...]:
    global _kept
    known = _kept
    if known is not None and time.monotonic() - known[0] < _SECONDS:
        return known[1]
    found = tuple(queries.departments())
    _kept = (time.monotonic(), found)
    return found
