"""What a unit has decided about its vital signs."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

_SHIFTS = RegexValidator(r"^\s*([01]?\d|2[0-3])(\s+([01]?\d|2[0-3]))*\s*$", "Hours 0 to 23, apart by spaces.")  # fmt: skip


def _minutes(words: str, default: int) -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(
        words, default=default, validators=[MinValueValidator(5), MaxValueValidator(2880)]
    )


class UnitPolicy(models.Model):
    """How often vital signs are expected on a unit, when they are late, and what is to be done at which score.

    unit: its name as the EHR sends it; "" holds for every unit that has none of its own. reviewed_by: who is
    answerable for these numbers, "" = nobody yet, and the screens say so.
    """

    unit = models.CharField(
        max_length=120, unique=True, blank=True,
        help_text="The unit's name as the EHR sends it. Empty: every unit that has no policy of its own.",
    )  # fmt: skip
    version = models.CharField(max_length=40, help_text="Shown beside every score.")
    reviewed_by = models.CharField(max_length=200, blank=True)
    minutes_low = _minutes("minutes between full sets, score 0 to 4", 240)
    minutes_one_part = _minutes("minutes, one part scores 3", 60)
    minutes_medium = _minutes("minutes, score 5 or 6", 60)
    minutes_high = _minutes("minutes, score 7 or more", 30)
    grace_low = models.PositiveIntegerField(
        "minutes of grace, score 0 to 4", default=60, validators=[MaxValueValidator(720)]
    )
    grace_high = models.PositiveIntegerField(
        "minutes of grace, higher scores", default=15, validators=[MaxValueValidator(240)]
    )
    minutes_pain = _minutes("minutes between pain scores", 240)
    minutes_weight = models.PositiveIntegerField(
        "minutes between weights", default=1440, validators=[MaxValueValidator(20160)]
    )
    usable_minutes = _minutes("minutes after which a set gives no score any more", 360)
    unmeasured_as = models.PositiveSmallIntegerField(
        "score that an unmeasured patient is ranked with", default=5,
        validators=[MinValueValidator(5), MaxValueValidator(20)],
    )  # fmt: skip
    urine_low = models.DecimalField(
        "urine limit, mL/kg/h", max_digits=4, decimal_places=2, default="0.5",
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    day_starts = models.PositiveSmallIntegerField(
        "hour at which the fluid day begins", default=7, validators=[MaxValueValidator(23)]
    )
    shifts = models.CharField(
        "hours at which shifts begin", max_length=60, default="7 19", validators=[_SHIFTS]
    )
    at_low = models.CharField("what to do at 0 to 4", max_length=300, blank=True)
    at_one_part = models.CharField("what to do when one part scores 3", max_length=300, blank=True)
    at_medium = models.CharField("what to do at 5 or 6", max_length=300, blank=True)
    at_high = models.CharField("what to do at 7 or more", max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "unit policies"
        ordering = ("unit",)

    def __str__(self) -> str:
        return self.unit or "every other unit"
