"""Charts prepared before the visit: the schedule of today and tomorrow, read with the product's own rights.

The `Job` rows are the truth. Whoever runs them may die at any moment: a lease ends by itself and the next sweep takes
the job up again; running one twice does no harm.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from clinical import resources as fhir
from clinical.errors import SourceError
from clinical.fhir.lookup import schedule_of
from clinical.pipeline import section_records
from clinical.records import Appointment, Encounter, FetchState, SectionRecords
from summary_app import sealing
from summary_app.access import door
from summary_app.connections import queries as connection_queries
from summary_app.connections.models import Connection
from summary_app.summary import queries
from summary_app.summary.models import Job, ScheduledVisit
from summary_app.summary.services import contexts, live, pulling, rights, schedule

_LEASE = timedelta(minutes=3)
_ATTEMPTS = 5
_ENOUGH = timedelta(minutes=20)  # a chart read so recently is not prepared again
_OVER = frozenset({"cancelled", "noshow", "entered-in-error", "finished", "fulfilled"})
Visit = Appointment | Encounter


def plan(*, now: datetime) -> list[int]:
    """Reads the schedule of every connection that allows it; the jobs that are to be run now."""
    for connection in connection_queries.active():
        if not connection.backend_client_id and connection.authorization != "open":
            continue
        try:
            reader = rights.of_product(connection)
        except (rights.NotPermitted, SourceError):
            continue  # the admin's check says what is wrong; an opening works without
        for day in _days(now):
            _plan_day(connection, reader, day, now)
    return queries.due_jobs(now)


def run(job_id: int) -> None:
    """One job to its end, unless somebody else has it."""
    now = timezone.now()
    job = _claim(job_id, now)
    if job is None:
        return
    try:
        _prepare(job, now)
    except rights.NotPermitted as refusal:
        _finish(job, Job.State.FAILED, str(refusal))
    except SourceError as error:
        _again(job, error, now)
    else:
        _finish(job, Job.State.DONE, "")


# ---- the schedule ---------------------------------------------------------------------------------------------


def _days(now: datetime) -> tuple[date, date]:
    today = now.astimezone(ZoneInfo(settings.VISIT_LENS_ZONE)).date()
    return today, today + timedelta(days=1)


def _plan_day(connection: Connection, reader: rights.Reader, day: date, now: datetime) -> None:
    for kind in ("Appointment", "Encounter"):
        fetched = schedule_of(reader.wire, day, now=timezone.now, kind=kind)
        patients = {f"{e.type}/{e.id}": _patient(e.resource) for e in fetched.matches if e.resource}
        for visit in _visits(section_records(fetched, base=reader.wire.base)):
            patient = patients.get(visit.source.reference, "")
            if not patient:
                continue
            _keep(connection, visit, patient, now)
            Job.objects.get_or_create(
                connection=connection, patient=patient, day=day, defaults={"not_before": now}
            )


def _visits(section: SectionRecords) -> Iterable[Visit]:
    for record in section.records:
        if isinstance(record, Appointment | Encounter) and record.status not in _OVER:
            yield record


def _patient(resource: fhir.Resource) -> str:
    """The id of the one patient it is for; "" if it names none, several, or one of another server."""
    found = {subject.removeprefix("Patient/") for subject in fhir.subjects_of(resource)}
    only = found.pop() if len(found) == 1 else ""
    return "" if set(only) & set("/?|") else only


def _keep(connection: Connection, visit: Visit, patient: str, now: datetime) -> None:
    start = visit.start if isinstance(visit, Appointment) else visit.period
    if start is None:
        return
    words = schedule.Words(who=_shown(visit, patient), why=_why(visit))
    reference = visit.source.reference
    sealed = sealing.seal(
        msgspec.json.encode(words), purpose=schedule.purpose(connection.pk, reference)
    )
    practitioners = [
        each.reference.target
        for each in visit.participants
        if each.reference.target.startswith("Practitioner")
    ]
    ScheduledVisit.objects.update_or_create(
        connection=connection,
        reference=reference,
        defaults={
            "patient": patient,
            "practitioners": "\n".join(practitioners),
            "start": start.start,
            "sealed": sealed,
            "seen": now,
        },
    )


def _shown(visit: Visit, patient: str) -> str:
    """The patient's name as the schedule words it, "" if it does not."""
    for each in visit.participants:
        if each.reference.target == f"Patient/{patient}":
            return each.reference.display
    return ""


def _why(visit: Visit) -> str:
    words = [reason.text for reason in visit.reasons if reason.text]
    return words[0] if words else getattr(visit, "description", "")


# ---- one chart ------------------------------------------------------------------------------------------------


def _claim(job_id: int, now: datetime) -> Job | None:
    free = Q(state=Job.State.WAITING, not_before__lte=now) | Q(
        state=Job.State.RUNNING, lease__lt=now
    )
    taken = Job.objects.filter(free, pk=job_id).update(state=Job.State.RUNNING, lease=now + _LEASE)
    return Job.objects.select_related("connection").get(pk=job_id) if taken else None


def _prepare(job: Job, now: datetime) -> None:
    connection, patient = job.connection, job.patient
    known = queries.snapshot_of(connection.pk, patient, None)
    pull = queries.pull(known.pk) if known is not None else None
    recent = pull is not None and pull.finished is not None and pull.finished > now - _ENOUGH
    if recent and not job.attempts:
        return
    door.write_prepared(connection=connection, patient=patient, as_of=now)
    reader = rights.of_product(connection)
    snapshot, _ = contexts.snapshot_for(connection, patient, None, now=now)
    pulling.run_here(pulling.Task(snapshot=snapshot, reader=reader, background=True))
    part = live.of(snapshot.pk).part("patient")
    if part is not None and part.state.state == FetchState.FAILED:
        raise SourceError(part.state.reason, remedy=part.state.remedy)


def _again(job: Job, error: SourceError, now: datetime) -> None:
    """Exponential back-off with jitter; after five attempts, or when trying again cannot help, it has failed."""
    attempts = job.attempts + 1
    if error.permanent or attempts >= _ATTEMPTS:
        _finish(job, Job.State.FAILED, error.reason)
        return
    pause = error.retry_after or 30 * 2**attempts * random.uniform(0.5, 1.5)  # noqa: S311  # not a secret
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.WAITING,
        attempts=attempts,
        not_before=now + timedelta(seconds=pause),
        words=error.reason[:300],
    )


def _finish(job: Job, state: str, words: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, lease=None, words=words[:300])
