"""What Celery runs for the rules. A message holds the number of a replay, never anything about a patient."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from summary_app.rules.services import adoption, alerts, nudging, replaying, using


@shared_task(ignore_result=True)
def run_replay(replay_id: int) -> None:
    replaying.run(replay_id)


@shared_task(ignore_result=True)
def run_open_replays() -> None:
    """Makes good for lost messages and lost workers; forgets old replays."""
    replaying.purge(now=timezone.now())
    for replay_id in replaying.open_replays():
        nudging.hand_out(replay_id)


@shared_task(ignore_result=True)
def look_at_use() -> None:
    """Counts the visits of today and yesterday, tells the team of stop criteria that are met, forgets old counts."""
    now = timezone.now()
    adoption.count(now=now)
    alerts.write_down(now=now)
    using.purge(today=now.date())
