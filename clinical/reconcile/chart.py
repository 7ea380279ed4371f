"""`reconcile`: the sections of all sources as one Chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import is_
from typing import NamedTuple

from clinical.reconcile import items, localcodes, microbiology, series
from clinical.records import (
    Chart,
    Item,
    NotShown,
    Observation,
    Patient,
    Record,
    SearchState,
    Section,
    SectionRecords,
)

# Chart field for each kind of record that becomes an item, in the order of clinical.records.Record.
FIELDS = {
    "Problem": ("problem", "problems"),
    "Allergy": ("allergy", "allergies"),
    "Medication": ("medication", "medications"),
    "Administration": ("administration", "administrations"),
    "Report": ("report", "reports"),
    "Document": ("document", "documents"),
    "Study": ("study", "studies"),
    "Procedure": ("procedure", "procedures"),
    "Immunization": ("immunization", "immunizations"),
    "Encounter": ("encounter", "encounters"),
    "Appointment": ("appointment", "appointments"),
    "Order": ("order", "orders"),
    "CarePlan": ("care_plan", "care_plans"),
    "Goal": ("goal", "goals"),
    "Device": ("device", "devices"),
    "Flag": ("flag", "flags"),
    "Consent": ("consent", "consents"),
    "FamilyHistory": ("family_history", "family"),
}

_SECTIONS = {
    "Encounter": Section.ENCOUNTERS,
    "Appointment": Section.APPOINTMENTS,
    "Allergy": Section.ALLERGIES,
    "Problem": Section.PROBLEMS,
    "Medication": Section.MEDICATIONS,
    "Administration": Section.ADMINISTRATIONS,
    "Report": Section.REPORTS,
    "Document": Section.DOCUMENTS,
    "Study": Section.IMAGING,
    "Procedure": Section.PROCEDURES,
    "Immunization": Section.IMMUNIZATIONS,
    "Order": Section.ORDERS,
    "CarePlan": Section.CARE_PLANS,
    "Goal": Section.CARE_PLANS,
    "Device": Section.DEVICES,
    "Flag": Section.FLAGS,
    "Consent": Section.CONSENTS,
    "FamilyHistory": Section.FAMILY,
}


_Entries = dict[str, dict[str, Record]]  # of one kind: by source, then by reference


class Worked(NamedTuple):
    """A chart, and what its rows and items were made of, so that the next chart of the patient need not make them again.

    items: by kind of record, the entries and the items made of them.
    """

    chart: Chart
    rows: series.Rows
    items: dict[str, tuple[list[Record], tuple[Item, ...]]]
    launch_server: str


def reconcile(
    sections: Sequence[SectionRecords],
    *,
    launch_server: str,
    mappings: localcodes.Mappings = localcodes.NO_MAPPINGS,
    as_of: datetime | None = None,
) -> Chart:
    """One chart from everything that was read. The order of sections and entries never matters.

    launch_server: key of the connection the chart was opened from; its Patient leads, and it speaks first where two
    sources say the same. mappings: what people at the site said about the sources' own codes. as_of: now, aware UTC; then
    results whose time cannot be right are listed without a place on the line (rule 38).
    """
    return reconciled(sections, launch_server=launch_server, mappings=mappings, as_of=as_of).chart


def reconciled(
    sections: Sequence[SectionRecords],
    *,
    launch_server: str,
    mappings: localcodes.Mappings = localcodes.NO_MAPPINGS,
    as_of: datetime | None = None,
    before: Worked | None = None,
) -> Worked:
    """As `reconcile`. before: an earlier chart; of it stays what is made of the very same entries. Same result without."""
    by_kind, older = _newest_versions(sections)
    not_shown = {entry for section in sections for entry in section.not_shown}
    _without_withdrawn(by_kind, not_shown)
    observations: list[Observation] = _all(by_kind.pop("Observation", {}))  # type: ignore[assignment]
    patients: list[Patient] = _all(by_kind.pop("Patient", {}))  # type: ignore[assignment]
    results, grown = microbiology.split(observations)
    people = sorted(patients, key=lambda p: _patient_order(p, launch_server))
    rows, aside = series.build(
        results,
        launch_server=launch_server,
        mappings=mappings,
        life=series.Life.of(people[0] if people else None, as_of),
        before=before.rows if before is not None else {},
    )
    cultures = microbiology.build(grown, _all(by_kind.get("Report", {})))  # type: ignore[arg-type]
    _without_told(by_kind.get("Report", {}), cultures)
    made = _items(by_kind, launch_server, before)
    chart = Chart(
        patients=tuple(people),
        series=tuple(row.series for row in rows.values()),
        cultures=cultures,
        states=_states(sections),
        not_shown=tuple(sorted({*not_shown, *older, *aside}, key=_not_shown_order)),
        **{FIELDS[name][1]: found for name, (_, found) in made.items()},
    )
    return Worked(chart, rows, made, launch_server)


def _items(
    by_kind: dict[str, _Entries], launch_server: str, before: Worked | None
) -> dict[str, tuple[list[Record], tuple[Item, ...]]]:
    known = before.items if before is not None and before.launch_server == launch_server else {}
    made: dict[str, tuple[list[Record], tuple[Item, ...]]] = {}
    for name, (kind, _) in FIELDS.items():
        if name not in by_kind:
            continue
        records = _all(by_kind[name])
        entries, found = known.get(name, ([], ()))
        if len(entries) != len(records) or not all(map(is_, entries, records)):
            found = items.build(kind, records, launch_server)
        made[name] = records, found
    return made


def _all(entries: _Entries) -> list[Record]:
    return [record for of_source in entries.values() for record in of_source.values()]


def _without_told(reports: _Entries, cultures: tuple[Item, ...]) -> None:
    """A report that is one of the entries of a culture is no item of its own."""
    for item in cultures:
        for record in item.members:
            reports.get(record.source.server, {}).pop(record.source.reference, None)


def _patient_order(patient: Patient, launch_server: str) -> tuple[bool, str, str]:
    source = patient.source
    return source.server != launch_server, source.server, source.reference


def _newest_versions(
    sections: Sequence[SectionRecords],
) -> tuple[dict[str, _Entries], list[NotShown]]:
    """Every entry once: several searches may bring it, and a later one may bring a newer version."""
    kinds: dict[str, _Entries] = {}
    older: list[NotShown] = []
    for section in sections:
        kind: type | None = None
        server = ""
        entries: dict[str, Record] = {}
        for record in section.records:
            source = record.source
            if type(record) is not kind or source.server != server:
                kind, server = type(record), source.server
                entries = kinds.setdefault(kind.__name__, {}).setdefault(server, {})
            known = entries.setdefault(source.reference, record)
            if known is not record and known != record:
                entries[source.reference], loser = _newer(known, record)
                older.append(_older_version(loser))
    return kinds, older


def _newer(one: Record, other: Record) -> tuple[Record, Record]:
    """(newer, older) by meta.lastUpdated; without it by content, so that the order of arrival has no say."""
    first, second = sorted((one, other), key=lambda r: (r.source.updated or "", repr(r)))
    return second, first


def _older_version(record: Record) -> NotShown:
    return NotShown(
        source=record.source,
        section=section_of(record),
        reason="duplicate-version",
        detail="an older version of an entry that is shown",
    )


def section_of(record: Record) -> Section:
    """The section a record is counted in, whichever search brought it."""
    if isinstance(record, Observation):
        return series.SECTIONS.get(record.category, Section.LABS)
    return _SECTIONS.get(record.__class__.__name__, Section.PATIENT)


def _without_withdrawn(kinds: dict[str, _Entries], not_shown: Iterable[NotShown]) -> None:
    """An entry that another search brought as entered in error is gone, unless the other reading is older."""
    for entry in not_shown:
        if entry.reason not in ("entered-in-error", "withdrawn"):
            continue
        for entries in kinds.values():
            of_source = entries.get(entry.source.server, {})
            record = of_source.get(entry.source.reference)
            if record is not None and (record.source.updated or "") <= (entry.source.updated or ""):
                del of_source[entry.source.reference]


def _states(sections: Sequence[SectionRecords]) -> tuple[SearchState, ...]:
    """One state per search of a source: the latest that was reported."""
    found: dict[tuple[str, str], SearchState] = {}
    for section in sections:
        state = section.state
        key = (state.server, state.search)
        known = found.get(key)
        if known is None or _state_order(known) < _state_order(state):
            found[key] = state
    return tuple(found[key] for key in sorted(found))


def _state_order(state: SearchState) -> tuple[float, str]:
    return state.at.timestamp() if state.at is not None else 0.0, repr(state)


def _not_shown_order(entry: NotShown) -> tuple[str, ...]:
    source = entry.source
    return source.server, source.reference, entry.section, entry.reason, entry.detail
