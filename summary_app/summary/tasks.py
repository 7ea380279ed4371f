"""What Celery runs. A message holds a job's number at most, never anything about a patient."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from summary_app.connections.services import launching
from summary_app.summary import queries
from summary_app.summary.services import openings, preparing


@shared_task(ignore_result=True)
def prepare_charts() -> None:
    """Reads the schedules and hands out a job for each chart."""
    for job_id in preparing.plan(now=timezone.now()):
        prepare_chart.delay(job_id)


@shared_task(ignore_result=True)
def run_open_jobs() -> None:
    """Makes good for lost messages and lost workers."""
    for job_id in queries.due_jobs(timezone.now()):
        prepare_chart.delay(job_id)


@shared_task(ignore_result=True)
def prepare_chart(job_id: int) -> None:
    preparing.run(job_id)


@shared_task(ignore_result=True)
def purge() -> None:
    """Deletes what has expired."""
    now = timezone.now()
    openings.purge(now=now)
    launching.forget_old(now=now)
