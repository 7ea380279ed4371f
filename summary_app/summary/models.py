"""Tables of openings, of what was fetched for them, and of charts prepared before a visit.

Reading them: `queries`. Everybody else goes through `summary_app.access.door`.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

CONNECTION = "summary_app.Connection"


class ChartContext(models.Model):
    """One clinician opening one patient from one EHR. id: 128 random bits.

    visit_choice: the context the clinician chose, "" = recognised. revision: changes with it. closed: why it may
    not be used any more ("" = it may), e.g. the EHR moved the sign-in to another patient.
    """

    id = models.CharField(primary_key=True, max_length=32)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE)
    patient = models.CharField(max_length=200)
    encounter = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    visit_choice = models.CharField(max_length=60, blank=True)
    revision = models.PositiveIntegerField(default=1)
    closed = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return "an opening"


class PatientLink(models.Model):
    """That a patient at one EHR is the same person at another, how it was made, and when it was last proven."""

    class How(models.TextChoices):
        IDENTIFIER = "identifier", "trusted identifier, equal birth date and sex"
        CONFIRMED = "confirmed", "confirmed by a person"
        REFUSED = "refused", "the demographics do not agree any more"

    connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE, related_name="+")
    patient = models.CharField(max_length=200)
    other_connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE, related_name="+")
    other_patient = models.CharField(max_length=200)
    how = models.CharField(max_length=20, choices=How.choices)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    made = models.DateTimeField()
    proven = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "patient", "other_connection"), name="one_link_per_ehr"
            ),
        )

    def __str__(self) -> str:
        return f"link by {self.how}"


class ContextSource(models.Model):
    """One EHR of an opening.

    how: "launched", or that of the link; "offered": found, but not sure enough to be linked (patient is then the
    candidate, and nothing of it is read); "looking", "none", "not-permitted", "failed". snapshot: what was fetched.
    """

    context = models.ForeignKey(ChartContext, on_delete=models.CASCADE, related_name="sources")
    connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE)
    patient = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=20)
    words = models.CharField(max_length=300, blank=True)
    snapshot = models.ForeignKey("Snapshot", null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("context", "connection"), name="one_source_per_ehr"),
        )

    def __str__(self) -> str:
        return f"source {self.how}"


class Snapshot(models.Model):
    """What was read of one patient at one EHR with one reader's rights (no user: the product's own).

    page, page_key: the finished page of the reader, sealed, and what it was made from, for opening it at once.
    """

    connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE)
    patient = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    made = models.DateTimeField()
    used = models.DateTimeField()
    expires = models.DateTimeField(db_index=True)
    page = models.BinaryField(default=b"")
    page_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "patient", "user"),
                condition=models.Q(user__isnull=False),
                name="one_snapshot_per_reader",
            ),
            models.UniqueConstraint(
                fields=("connection", "patient"),
                condition=models.Q(user__isnull=True),
                name="one_snapshot_of_our_own",
            ),
        )

    def __str__(self) -> str:
        return f"snapshot {self.pk}"


class SnapshotPart(models.Model):
    """What one search brought, sealed. records: SectionRecords. raw: the entries exactly as sent.

    version: of the pull when it was written; a joining process reads the parts above the version it knows.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="parts")
    search = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    run = models.PositiveIntegerField()
    records = models.BinaryField()
    raw = models.BinaryField(default=b"")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("snapshot", "search"), name="one_part_per_search"),
        )

    def __str__(self) -> str:
        return self.search


class Pull(models.Model):
    """How the reading of a snapshot stands. version: counts up with everything that arrives.

    claimed_by: the process that runs it; it shows that it lives by `heartbeat`, else another one takes over.
    run: counts the pulls of this snapshot. trouble: a bug or a lost worker, in words.
    """

    class State(models.TextChoices):
        IDLE = "idle"
        RUNNING = "running"
        DONE = "done"

    snapshot = models.OneToOneField(Snapshot, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IDLE)
    version = models.PositiveIntegerField(default=0)
    run = models.PositiveIntegerField(default=0)
    claimed_by = models.CharField(max_length=40, blank=True)
    heartbeat = models.DateTimeField(null=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"pull {self.state}"


class ScheduledVisit(models.Model):
    """One visit of the schedule, as the backend service read it. sealed: names and times as JSON."""

    connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE)
    reference = models.CharField(max_length=200, help_text='"Appointment/7" or "Encounter/7"')
    patient = models.CharField(max_length=200)
    practitioners = models.TextField(blank=True, help_text="References, one per line")
    start = models.DateTimeField()
    sealed = models.BinaryField(default=b"")
    seen = models.DateTimeField()

    class Meta:
        ordering = ("start",)
        constraints = (
            models.UniqueConstraint(fields=("connection", "reference"), name="one_row_per_visit"),
        )

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Job(models.Model):
    """One chart to prepare. The row is the truth; a lost message is made good by the next sweep."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    connection = models.ForeignKey(CONNECTION, on_delete=models.CASCADE)
    patient = models.CharField(max_length=200)
    day = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "patient", "day"), name="one_job_per_chart_and_day"
            ),
        )

    def __str__(self) -> str:
        return f"job {self.pk} {self.state}"
