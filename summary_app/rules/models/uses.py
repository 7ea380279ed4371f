"""Tables of use: what was opened, looked for and said to be wrong, in counts. No patient, no value, no opening."""

from __future__ import annotations

from django.db import models

from summary_app.rules.models.sets import Rollout


class UseCount(models.Model):
    """How often something happened on one day. item: library id, or "http://loinc.org|2276-4"; "" for what concerns a visit.

    Each counts once in an opening: that a visit was shown, that it was searched, that a row was opened where it stood,
    found and opened, opened out of what was left out, or said to be wrong.
    """

    class Kind(models.TextChoices):
        VISIT = "visit", "shown"
        SEARCH = "search", "searched"
        OPENED = "opened", "opened where it stood"
        FOUND = "found", "found and opened"
        LEFT_OUT = "left-out", "opened out of what was left out"
        WRONG = "wrong", "said to be wrong"

    day = models.DateField(db_index=True)
    context = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    department = models.CharField(max_length=80, blank=True)
    item = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("day", "context", "role", "department", "item", "kind"),
                name="one_use_count_per_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.number}"


class UseSeen(models.Model):
    """That something of an opening was counted, whichever process did it. name: a hash of its random id; kept for days."""

    name = models.CharField(max_length=64, primary_key=True)
    day = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"{self.day}"


class UsedBy(models.Model):
    """That one more clinician looked for an item in a context. who: a keyed hash that is another one for every item.

    It says how many there were, and neither who nor what else the same person did.
    """

    context = models.CharField(max_length=40)
    item = models.CharField(max_length=120)
    who = models.CharField(max_length=32)
    last = models.DateField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("context", "item", "who"), name="one_user_per_item"),
        )

    def __str__(self) -> str:
        return f"{self.context} {self.item}"


class VisitCount(models.Model):
    """Scheduled visits of one day, and in how many of them the chart was opened here that day. department: "" = not known."""

    day = models.DateField()
    department = models.CharField(max_length=80, blank=True)
    scheduled = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("day", "department"), name="one_visit_count_per_department"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.opened} of {self.scheduled}"


class CriterionMet(models.Model):
    """That a stop criterion of a roll-out was met, when first, and with which value."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="met")
    name = models.CharField(max_length=40)
    limit = models.FloatField()
    value = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("rollout", "name"), name="one_row_per_criterion"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
