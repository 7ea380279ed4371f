"""Tells the workers that a replay waits. The row is the truth: without a broker the next sweep finds it."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
WORKERS = 2
TASK = "summary_app.rules.tasks.run_replay"


def send(replay_id: int) -> None:
    from config.celery import (
        app,  # the web process sends nothing else, and needs no worker to start
    )

    for _ in range(WORKERS):
        app.send_task(TASK, args=[replay_id])


def hand_out(replay_id: int) -> None:
    """Two workers share one replay."""
    try:
        send(replay_id)
    except (OperationalError, OSError):
        log.warning("Replay %s waits for the next sweep: the broker did not answer", replay_id)
