"""The identity strip (fhir-rules part 9): whose chart this is, and what would stop anybody from using it."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import Patient
from clinical.summary import fmt
from clinical.summary.desk import Desk
from clinical.summary.view_model import Band, Strip

NOT_KNOWN = "Not known"
_NO_SEX = "Sex not known"  # it stands without a label
_SEX = {"female": "Female", "male": "Male", "other": "Other", "unknown": _NO_SEX, "": _NO_SEX}


def build(desk: Desk) -> Strip:
    """The strip from the launching source's Patient; other sources add their identifiers only (rule 6)."""
    patients = desk.chart.patients
    if not patients:
        return _unknown()
    lead = patients[0]
    name = lead.name
    family = (name.family or name.text).upper() if name is not None else ""
    given = name.given if name is not None else ""
    shown = ", ".join(part for part in (family, given) if part) or NOT_KNOWN
    identifiers = _identifiers(desk, patients)
    tail = identifiers[0][1] if identifiers else ""
    return Strip(
        name=shown,
        title=name.prefix if name is not None else "",
        preferred=lead.preferred,
        born=fmt.birth_words(lead.birth),
        age=_age(desk, lead),
        sex=_SEX.get(lead.sex, lead.sex),
        identifiers=identifiers,
        bands=tuple(_bands(desk, patients)),
        sources=tuple(patient.source.token for patient in patients),
        document_title=f"{shown} – {tail[-4:]}" if tail else shown,
    )


def stop(desk: Desk) -> str:
    """A sentence instead of a chart when the record must not be used (rules 44-46); "" otherwise."""
    for patient in desk.chart.patients[:1]:
        if patient.replaced_by:
            return (
                f"This record was merged into {patient.replaced_by} at {desk.name(patient.source.server)}. "
                "It must not be used: open the surviving record from the EHR."
            )
    return ""


def _unknown() -> Strip:
    return Strip(
        name=NOT_KNOWN,
        title="",
        preferred="",
        born=NOT_KNOWN,
        age="",
        sex=_NO_SEX,
        identifiers=(),
    )


def _age(desk: Desk, patient: Patient) -> str:
    end = patient.deceased_at
    on = end.start.date() if end is not None else desk.today
    if patient.birth is not None and patient.birth.start.date() > on:
        return "date of birth in the future"
    words = fmt.age_words(patient.birth, on)
    return f"{words} at death" if words and end is not None else words


def _identifiers(desk: Desk, patients: Sequence[Patient]) -> tuple[tuple[str, str], ...]:
    """Medical record numbers with the site that gave them; never a bare number."""
    found = []
    for patient in patients:
        numbers = [i for i in patient.identifiers if i.type_code == "MR"] or list(
            patient.identifiers[:1]
        )
        found += [
            (f"MRN {desk.name(patient.source.server)}", i.value) for i in numbers[:1] if i.value
        ]
    return tuple(found)


def _bands(desk: Desk, patients: Sequence[Patient]) -> list[Band]:
    bands = []
    if any(patient.source.test for patient in patients):
        bands.append(Band(kind="test", text="TEST DATA"))
    dead = next((p for p in patients if p.deceased or p.deceased_at is not None), None)
    if dead is not None:
        on = f" {fmt.birth_words(dead.deceased_at)}" if dead.deceased_at is not None else ""
        bands.append(Band(kind="deceased", text=f"DECEASED{on}"))
    for patient in patients:
        if patient.active is False:
            bands.append(
                Band(kind="inactive", text=f"Record inactive at {desk.name(patient.source.server)}")
            )
    if any(patient.source.restricted for patient in patients):
        bands.append(Band(kind="restricted", text="Restricted record"))
    return bands
