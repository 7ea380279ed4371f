"""Tables of people and of the record of access."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    PHYSICIAN = "physician", "Physician"
    NURSE = "nurse", "Nurse"
    CMIO = "cmio", "CMIO team"


class User(AbstractUser):
    """A person. A clinician comes from an EHR's sign-in (see Identity) and has no password here."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.PHYSICIAN)
    shown_name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.shown_name or self.username


class Identity(models.Model):
    """Who a user is at one EHR. Two EHRs are never joined by name or e-mail: each has its own user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    connection = models.ForeignKey("summary_app.Connection", on_delete=models.CASCADE)
    issuer = models.CharField(max_length=400)
    reference = models.CharField(max_length=200, help_text='fhirUser there: "Practitioner/5"')

    class Meta:
        verbose_name_plural = "identities"
        constraints = (
            models.UniqueConstraint(fields=("issuer", "reference"), name="one_user_per_fhir_user"),
        )

    def __str__(self) -> str:
        return self.reference


class Immutable(Exception):
    """The record of access is only ever added to."""


class Log(models.QuerySet["AccessLog"]):
    def update(self, **_: Any) -> NoReturn:
        raise Immutable

    def delete(self) -> NoReturn:
        raise Immutable


class AccessLog(models.Model):
    """One access to one patient's data, or one that was refused. Written before anything is fetched.

    context: the opening's id as asked for (of a refused access it may be another person's).
    what: "open", "page", "row", "as sent", "left out", "find", "visit", "retry", "link", "api", "prepare", "nurse", "ward" (on a board), "rules" (a preview), "replay" (a rule set was tried on it).
    """

    class Outcome(models.TextChoices):
        GRANTED = "granted"
        REFUSED = "refused"

    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    connection = models.ForeignKey("summary_app.Connection", null=True, on_delete=models.PROTECT)
    context = models.CharField(max_length=64, db_index=True)
    patient = models.CharField(max_length=200, blank=True)
    what = models.CharField(max_length=20)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)

    objects = Log.as_manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.what} {self.outcome}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise Immutable
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Immutable
