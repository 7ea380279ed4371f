"""Tables about the sources' codes. Nothing about a patient is kept here: codes, names of tests, counts."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models


def is_loinc(code: str) -> None:
    """A mistyped code is caught by its check digit. Raises ValidationError."""
    number, dash, check = code.partition("-")
    if not (dash and number.isdigit() and len(number) <= 7 and check.isdigit() and len(check) == 1):
        raise ValidationError("A LOINC code looks like 2823-3.")
    doubled = [int(d) * 2 if place % 2 == 0 else int(d) for place, d in enumerate(number[::-1])]
    if (sum(d - 9 if d > 9 else d for d in doubled) + int(check)) % 10:
        raise ValidationError("The check digit of this LOINC code is wrong.")


class CodeMapping(models.Model):
    """One laboratory code of a source that is no LOINC code, and what a person here says it means."""

    class State(models.TextChoices):
        UNMAPPED = "unmapped", "not mapped"
        SUGGESTED = "suggested", "suggested by name, specimen and unit"
        CONFIRMED = "confirmed", "confirmed"
        REJECTED = "rejected", "stays a row of its own"

    connection = models.ForeignKey("summary_app.Connection", on_delete=models.CASCADE)
    system = models.CharField(
        max_length=300, blank=True, help_text="Empty: the source sent words only."
    )
    code = models.CharField(max_length=200, help_text="Without a system: the name, in plain form.")
    name = models.CharField(max_length=300, help_text="As the source calls it.")
    unit = models.CharField(max_length=60, blank=True)
    specimen = models.CharField(max_length=120, blank=True)
    suggested = models.CharField("suggested LOINC code", max_length=20, blank=True)
    loinc = models.CharField(
        "LOINC code",
        max_length=20,
        blank=True,
        validators=[is_loinc],
        help_text="What it means. Only used once the state is confirmed.",
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNMAPPED)
    seen = models.PositiveIntegerField("pages it was on", default=0)
    last_seen = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    decided = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-seen", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "system", "code"), name="one_row_per_code_of_a_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
