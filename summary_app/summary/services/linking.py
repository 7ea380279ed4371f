"""Finding a patient at the other EHRs, and proving the link anew with every opening.

A link is kept (with how it was made), so that the next opening asks all EHRs at once. What a linked EHR sent is held
back until its Patient and the launching EHR's agree; see `pages`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.utils import timezone

from clinical.errors import SourceError
from clinical.fhir.lookup import patients_with
from clinical.pipeline import section_records
from clinical.records import Patient
from summary_app.access import door
from summary_app.connections.models import Connection
from summary_app.summary import queries
from summary_app.summary.models import PatientLink, Snapshot
from summary_app.summary.services import bells, contexts, identity, live, pulling, rights

_log = logging.getLogger(__name__)
_PATIENT_SECONDS = 30.0


def open_all(opening: door.Opening, others: Sequence[Connection]) -> None:
    """Asks the launching EHR and all others that know the patient, side by side; returns at once.

    A linked EHR has a thread of its own where getting the rights there takes a request. The rest is looked for by
    identifier once the launching EHR's Patient is here.
    """
    links = queries.links(opening.connection.pk, opening.patient)
    open_source(opening, opening.connection, opening.patient, how="launched")
    for other in others:
        link = links.get(other.pk)
        if link is not None and link.how != PatientLink.How.REFUSED:
            _open_linked(opening, other, link)
        else:
            pulling.spawn(partial(_look, opening, other), f"link-{other.key}")


def _open_linked(opening: door.Opening, other: Connection, link: PatientLink) -> None:
    begun = partial(open_source, opening, other, link.other_patient, how=link.how)
    try:
        begun(at_hand=True)
    except rights.NotAtHand:
        pulling.spawn(begun, f"linked-{other.key}")
    except Exception as error:  # noqa: BLE001  # the chart opens whatever becomes of another EHR; it has one more try
        _log.error("linked-%s ended with %s", other.key, type(error).__name__)
        pulling.spawn(begun, f"linked-{other.key}")


def look_again(opening: door.Opening, other: Connection) -> None:
    """Looks for the patient in that EHR, in the background."""
    contexts.set_source(opening.id, other, how="looking")
    pulling.spawn(partial(_look, opening, other), f"link-{other.key}")


def open_source(
    opening: door.Opening,
    other: Connection,
    patient: str,
    *,
    how: str,
    at_hand: bool = False,
    lost: int | None = None,
) -> None:
    """Starts reading this patient at that EHR, with the rights that may be used there.

    at_hand: as in `rights`. lost: a snapshot whose pull nobody carries out any more; one that has come to its end
    meanwhile is not read anew.
    """
    try:
        reader = rights.of_clinician(opening.user_id, other, patient, at_hand=at_hand)
    except rights.NotPermitted as refusal:
        _shut(opening, other, patient, how="not-permitted", words=str(refusal))
        return
    except SourceError as error:
        known = queries.snapshot_of(other.pk, patient, None)  # the policy was looked at just now
        words = f"{error.reason} {error.remedy}".strip()
        _shut(opening, other, patient, how="failed", words=words, known=known)
        return
    snapshot, run = contexts.snapshot_for(
        other, patient, reader.user_id, now=timezone.now(), me=pulling.me()
    )
    launching = other.pk == opening.connection.pk
    source = partial(
        contexts.set_source,
        opening.id,
        other,
        how=how,
        patient=patient,
        snapshot_id=snapshot.pk,
        announce=False,
    )
    pulling.start(
        pulling.Task(
            snapshot=snapshot,
            reader=reader,
            encounter=opening.encounter if launching else "",
            role=opening.role,
            opened=opening.created.timestamp(),
        ),
        claimed=run,
        lost_only=snapshot.pk == lost,
        # Not before: whoever sees the snapshot sees what is being asked for, and never an empty chart.
        with_plan=source,
    )
    bells.announce(opening.id)


def _shut(
    opening: door.Opening,
    other: Connection,
    patient: str,
    *,
    how: str,
    words: str,
    known: Snapshot | None = None,
) -> None:
    """The source cannot be asked. What this very opening has read of this patient there before stays readable."""
    before = next((s for s in door.again(opening).sources if s.key == other.key), None)
    kept = known.pk if known is not None else None
    if before is not None and before.patient == patient and before.snapshot_id is not None:
        kept = before.snapshot_id
    contexts.set_source(opening.id, other, how=how, patient=patient, words=words, snapshot_id=kept)


def confirm(opening: door.Opening, other: Connection, *, now: datetime) -> bool:
    """A clinician says that the offered record is this patient's. False: nothing was offered there."""
    offered = [s for s in opening.sources if s.key == other.key and s.how == "offered"]
    if not offered:
        return False
    _remember(opening, other, offered[0].patient, PatientLink.How.CONFIRMED, now)
    open_source(opening, other, offered[0].patient, how=PatientLink.How.CONFIRMED)
    return True


def refuse(opening: door.Opening, source: door.SourceOf) -> None:
    """The two records are of different people: the link is not used again unless it is proven anew."""
    PatientLink.objects.filter(
        connection=opening.connection,
        patient=opening.patient,
        other_connection=source.connection,
        other_patient=source.patient,
    ).exclude(how=PatientLink.How.REFUSED).update(how=PatientLink.How.REFUSED)


def _look(opening: door.Opening, other: Connection) -> None:
    """In a thread of its own: waits for the launching EHR's Patient, then looks for it in the other EHR."""
    first = door.again(opening).sources[0]
    section = None
    if first.snapshot_id is not None:
        section = live.wait_for_part(first.snapshot_id, "patient", seconds=_PATIENT_SECONDS)
    ours = identity.patient_of(section)
    if ours is None:
        words = f"The patient's record at {opening.connection.name} could not be read, so nothing was looked for."
        contexts.set_source(opening.id, other, how="failed", words=words)
        return
    systems = _systems(opening.connection, other)
    known = identity.trusted(ours, systems)
    if not known:
        words = "This patient has no identifier that is trusted there."
        contexts.set_source(opening.id, other, how="none", words=words)
        return
    try:
        reader = rights.for_lookup(opening.user_id, other)
        found = _candidates(reader, known)
    except rights.NotPermitted as refusal:
        contexts.set_source(opening.id, other, how="not-permitted", words=str(refusal))
    except SourceError as error:
        contexts.set_source(
            opening.id, other, how="failed", words=f"{error.reason} {error.remedy}".strip()
        )
    else:
        _decide(opening, other, ours, found, systems)


def _systems(one: Connection, other: Connection) -> tuple[str, ...]:
    """Identifier systems that both sides trust."""
    return tuple(each for each in one.identifier_systems if each in other.identifier_systems)


def _candidates(reader: rights.Reader, known: tuple[tuple[str, str], ...]) -> list[Patient]:
    found: dict[str, Patient] = {}
    for system, value in known:
        fetched = patients_with(reader.wire, system, value, now=timezone.now)
        for record in section_records(fetched, base=reader.wire.base).records:
            if isinstance(record, Patient) and not record.replaced_by:
                found[record.source.reference] = record
    return list(found.values())


def _decide(
    opening: door.Opening,
    other: Connection,
    ours: Patient,
    found: list[Patient],
    systems: tuple[str, ...],
) -> None:
    """Exactly one that agrees is linked; one that does not quite agree is offered; anything else is left alone."""
    verdicts = [(each, *identity.compare(ours, each, systems=systems)) for each in found]
    same = [each for each, verdict, _ in verdicts if verdict == "same"]
    if len(same) == 1:
        patient = _id(same[0])
        _remember(opening, other, patient, PatientLink.How.IDENTIFIER, timezone.now())
        open_source(opening, other, patient, how=PatientLink.How.IDENTIFIER)
    elif len(same) > 1:
        words = "Several records there carry this patient's identifier."
        contexts.set_source(opening.id, other, how="none", words=words)
    elif len(found) == 1:
        words = f"A record there may be this patient's, but {verdicts[0][2]}."
        contexts.set_source(opening.id, other, how="offered", patient=_id(found[0]), words=words)
    elif found:
        words = "Several records there may be this patient's; none agrees in all that is compared."
        contexts.set_source(opening.id, other, how="none", words=words)
    else:
        words = "No record there carries a trusted identifier of this patient."
        contexts.set_source(opening.id, other, how="none", words=words)


def _remember(
    opening: door.Opening, other: Connection, patient: str, how: str, now: datetime
) -> None:
    """Both ways, so that a launch from the other EHR knows it too."""
    sides = (
        (opening.connection, opening.patient, other, patient),
        (other, patient, opening.connection, opening.patient),
    )
    for connection, one, far, two in sides:
        PatientLink.objects.update_or_create(
            connection=connection,
            patient=one,
            other_connection=far,
            defaults={
                "other_patient": two,
                "how": how,
                "made_by_id": opening.user_id if how == PatientLink.How.CONFIRMED else None,
                "made": now,
                "proven": now,
            },
        )


def _id(patient: Patient) -> str:
    return patient.source.reference.removeprefix("Patient/")
