"""Tables of rule sets and of what people did with them. Nothing of a patient is kept here: ids of openings and counts."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

PERSON = settings.AUTH_USER_MODEL


class Frozen(Exception):
    """What is written down once is never changed."""


class Department(models.Model):
    """A part of the site that rules are published to. matches: one name per line, as an EHR sends it.

    live: patients are treated with it; nothing reaches it without a sign-off and a replay on its own charts.
    """

    name = models.CharField(max_length=80, unique=True)
    matches = models.TextField(
        blank=True,
        help_text="Names of services, wards or facilities as an EHR sends them, one per line.",
    )
    people: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        PERSON, blank=True, related_name="departments", help_text="Who works here, whatever the EHR says."
    )  # fmt: skip
    live = models.BooleanField("treats patients", default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class RuleSet(models.Model):
    """One visit context that somebody here has worked on. The shipped pack is its version 1."""

    context = models.SlugField(max_length=40, unique=True)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("context",)

    def __str__(self) -> str:
        return self.context


class State(models.TextChoices):
    DRAFT = "draft", "draft"
    IN_REVIEW = "in_review", "in review"
    APPROVED = "approved", "approved"
    PUBLISHED = "published", "published"
    RETIRED = "retired", "retired"


class RuleSetVersion(models.Model):
    """One version. text: its file (docs/packs.md); it changes only while it is a draft, by `services.drafts`.

    based_on: number of the version it started from. writers: everybody who wrote a part of it.
    saved: counts the saves, so that two people who write at once are told.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    based_on = models.PositiveIntegerField(default=1)
    why = models.CharField(max_length=1000, blank=True)
    author = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    writers: models.ManyToManyField[Any, Any] = models.ManyToManyField(PERSON, related_name="+")
    reviewer = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    changed = models.DateTimeField()
    saved = models.PositiveIntegerField(default=1)
    asked = models.DateTimeField(null=True)
    approved = models.DateTimeField(null=True)
    published = models.DateTimeField(null=True)

    class Meta:
        ordering = ("rule_set__context", "-number")
        constraints = (
            models.UniqueConstraint(fields=("rule_set", "number"), name="one_version_per_number"),
        )
        permissions = (
            ("author_rules", "May write rules"),
            ("review_rules", "May review rules"),
            ("publish_rules", "May publish rules"),
            ("read_rules", "May look at rules"),
        )

    def __str__(self) -> str:
        return f"{self.rule_set.context} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Frozen where the text of what is no draft any more would change."""
        stored = RuleSetVersion.objects.filter(pk=self.pk).values_list("state", "text").first()
        if stored is not None and stored[0] != State.DRAFT and stored[1] != self.text:
            raise Frozen
        super().save(*args, **kwargs)


class Rollout(models.Model):
    """That a version holds for these departments (none: all), roles and settings (empty: all) from a date.

    percentage: of the openings, by a stable hash. shadow: it is computed beside and shown to nobody.
    stop_criteria: name -> limit (services.criteria). ended: it holds no longer.
    """

    version = models.ForeignKey(RuleSetVersion, on_delete=models.PROTECT, related_name="rollouts")
    departments = models.ManyToManyField(Department, blank=True)
    roles = models.CharField(max_length=100, blank=True)
    settings = models.CharField(max_length=40, blank=True)
    percentage = models.PositiveSmallIntegerField(
        default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    starts = models.DateTimeField()
    shadow = models.BooleanField(default=False)
    stop_criteria = models.JSONField(default=dict)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    end_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-starts", "-pk")

    def __str__(self) -> str:
        return f"{self.version} from {self.starts:%Y-%m-%d}"


class Comment(models.Model):
    """What somebody said about a version, or about one rule of it (item: its library id)."""

    version = models.ForeignKey(RuleSetVersion, on_delete=models.PROTECT, related_name="comments")
    item = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=2000)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"comment {self.pk}"


class Steps(models.QuerySet["Transition"]):
    def update(self, **_: Any) -> NoReturn:
        raise Frozen

    def delete(self) -> NoReturn:
        raise Frozen


class Transition(models.Model):
    """One step of the life of the rules: who, when, what, why. Only ever added to.

    version: None for steps that concern all rules (the stop switch). refused: it was tried and not allowed.
    """

    version = models.ForeignKey(
        RuleSetVersion, null=True, on_delete=models.PROTECT, related_name="transitions"
    )
    action = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    why = models.CharField(max_length=1000, blank=True)
    refused = models.BooleanField(default=False)

    objects = Steps.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise Frozen
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Frozen


class SignOff(models.Model):
    """A named clinician of a department vouches for a version there. department: None = the whole site.

    version: None for a shipped pack, which is no row; context and text_hash then say which one, and what it said.
    """

    version = models.ForeignKey(
        RuleSetVersion, null=True, on_delete=models.PROTECT, related_name="sign_offs"
    )
    context = models.SlugField(max_length=40, blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT)
    clinician = models.CharField(max_length=200, help_text="Name and profession.")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.clinician


class RulesState(models.Model):
    """One row: what every opening asks for. revision: counts up with every change of what is in force.

    most_pinned, most_lowered, never_lowered: the bounds of personal preferences (library ids, one per line).
    """

    revision = models.PositiveIntegerField(default=1)
    stopped = models.BooleanField(default=False)
    most_pinned = models.PositiveSmallIntegerField(default=8)
    most_lowered = models.PositiveSmallIntegerField(default=8)
    never_lowered = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"revision {self.revision}"


class Preference(models.Model):
    """A clinician's own: an item pinned or lowered on their screen, inside the bounds that the team has set."""

    class Way(models.TextChoices):
        PIN = "pin", "pinned"
        LOWER = "lower", "lowered"

    user = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=80)
    way = models.CharField(max_length=6, choices=Way.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "item"), name="one_preference_per_item"),
        )

    def __str__(self) -> str:
        return f"{self.way} {self.item}"


class DepartmentOrder(models.Model):
    """Items that a department wants first in a context, one library id per line, in this order."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE)
    context = models.SlugField(max_length=40)
    items = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("department", "context"), name="one_order_per_context"),
        )

    def __str__(self) -> str:
        return f"{self.department} {self.context}"
