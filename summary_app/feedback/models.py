"""What clinicians say is wrong on a page. Nothing here says which patient it was."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Feedback(models.Model):
    """One "wrong here?": about an item of a page, with the rules that had put it there, and what became of it.

    spot: says to the sender, on the same row of the same chart, that it was theirs; it leads from there to here, never
    back (`services.noting.spots_of`). omission: the team confirms that something that mattered was not shown.
    """

    class Reason(models.TextChoices):
        NOT_FOR_VISIT = "not-for-visit", "does not belong to this visit"
        HIGHER = "higher", "should stand higher"
        VALUE = "value", "value, unit or date is not what the EHR shows"
        MIXED = "mixed", "two things are shown as one, or one as two"
        GONE = "gone", "is not true any more"
        OTHER_PATIENT = "other-patient", "is about another person"
        OTHER = "other", "something else"

    class State(models.TextChoices):
        OPEN = "open", "open"
        CHANGING = "changing", "being changed"
        CHANGED = "changed", "changed"
        DECLINED = "declined", "declined"

    key = models.CharField("item", max_length=60, help_text="As in the address of the row.")
    kind = models.CharField(max_length=40)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    words = models.CharField(max_length=500, blank=True)
    visit = models.CharField("visit taken for", max_length=200, blank=True)
    rules = models.TextField("rules that put it there", blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    done = models.BooleanField("dealt with", default=False)
    department = models.CharField(max_length=80, blank=True)
    spot = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered = models.DateTimeField(null=True)
    omission = models.BooleanField("confirmed omission", default=False)

    class Meta:
        ordering = ("done", "-at")
        verbose_name = "feedback"
        verbose_name_plural = "feedback: wrong here?"

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.key}"
