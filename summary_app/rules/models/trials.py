"""Tables of trials: replays on stored charts, silent versions, and which codes were seen. Counts, never a name."""

from __future__ import annotations

from django.db import models

from summary_app.rules.models.sets import PERSON, Rollout, RuleSetVersion


class Replay(models.Model):
    """A version tried on the stored charts. text_hash: of the text that was tried; another text needs another replay.

    version: None = the shipped packs as a whole, beside newest first and the floor. tried: what is left when the charts
    are forgotten, {"charts": {department: number}, "floor_lost": number}; {} until then.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"

    version = models.ForeignKey(
        RuleSetVersion, null=True, on_delete=models.PROTECT, related_name="replays"
    )
    text_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    tried = models.JSONField(default=dict)

    class Meta:
        ordering = ("-made", "-pk")

    def __str__(self) -> str:
        return f"replay {self.pk} {self.state}"


class ReplayChart(models.Model):
    """One chart of a replay. context: the opening. result: counts, and item ids only where `readable`."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        GONE = "gone", "expired"

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="charts")
    context = models.CharField(max_length=64)
    readable = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    lease = models.DateTimeField(null=True)
    department = models.CharField(max_length=80, blank=True)
    visit = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("replay", "context"), name="one_row_per_replayed_chart"
            ),
        )
        indexes = (models.Index(fields=("replay", "state"), name="replay_chart_state"),)

    def __str__(self) -> str:
        return f"chart of replay {self.replay_id}"


class ShadowCount(models.Model):
    """How a version that runs silently differed on one day. items: item id -> openings where only it shows, or only not."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="shadow_counts")
    day = models.DateField()
    department = models.CharField(max_length=80, blank=True)
    context = models.CharField(max_length=200, blank=True)
    openings = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    items = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("rollout", "day", "department", "context"), name="one_shadow_count_per_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.differing} of {self.openings}"


class CodeSeen(models.Model):
    """How many charts carried a code in one week, per EHR: what a code picker shows. Counts only."""

    connection = models.ForeignKey("summary_app.Connection", on_delete=models.CASCADE)
    system = models.CharField(max_length=300)
    code = models.CharField(max_length=100)
    name = models.CharField(max_length=300, blank=True)
    week = models.DateField(db_index=True)
    charts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "system", "code", "week"), name="one_count_per_code_and_week"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.charts}"
