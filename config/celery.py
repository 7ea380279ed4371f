"""Celery: for what nobody waits for. The truth about a job is a row in the database; this only nudges."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_FIRST_SECONDS = 10  # after the worker is ready; EHRs that start beside it are up by then


def make_app() -> Celery:
    import django
    from django.apps import apps
    from django.conf import settings

    if not apps.ready:
        django.setup()
    made = Celery("visit_lens", broker=settings.BROKER_URL)
    made.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        timezone="UTC",
        imports=("summary_app.summary.tasks", "summary_app.rules.tasks"),
        beat_schedule={
            "prepare-charts": {
                "task": "summary_app.summary.tasks.prepare_charts",
                "schedule": settings.VISIT_LENS_PREPARE_MINUTES * 60.0,
            },
            "run-open-jobs": {
                "task": "summary_app.summary.tasks.run_open_jobs",
                "schedule": 60.0,
            },
            "run-open-replays": {
                "task": "summary_app.rules.tasks.run_open_replays",
                "schedule": 60.0,
            },
            "look-at-use": {
                "task": "summary_app.rules.tasks.look_at_use",
                "schedule": 600.0,
            },
            "purge": {"task": "summary_app.summary.tasks.purge", "schedule": 600.0},
        },
    )
    if settings.BROKER_URL.startswith("filesystem:"):
        made.conf.broker_transport_options = _folders(settings.BROKER_FOLDER)
    return made


def _folders(root: os.PathLike[str]) -> dict[str, object]:
    """A broker made of files: one folder for both directions, since every process here sends and receives."""
    from pathlib import Path

    messages, control = Path(root) / "messages", Path(root) / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
    }


app = make_app()


@worker_init.connect
def load_first(**_: object) -> None:
    """What every task needs is loaded before the first one, and not looked through for garbage (see config/wsgi.py)."""
    from summary_app.summary.services import memory, pages

    pages.warm_up()
    memory.settle()


@worker_ready.connect
def prepare_at_start(**_: object) -> None:
    """The first charts are prepared soon after the start, not after the first interval."""
    app.send_task("summary_app.summary.tasks.prepare_charts", countdown=_FIRST_SECONDS)
