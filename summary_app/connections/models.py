"""Tables of the EHR connections and of signing in there."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from summary_app.sealing import SealedText


def lines(text: str) -> tuple[str, ...]:
    """The non-empty lines of a text field that holds one entry per line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def between(least: float, most: float) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class Connection(models.Model):
    """One EHR that this site has set up."""

    class Authorization(models.TextChoices):
        ASYMMETRIC = "asymmetric", "SMART, confidential, signed with our key (private_key_jwt)"
        SECRET = "secret", "SMART, confidential, with a secret"
        PUBLIC = "public", "SMART, public"
        OPEN = "open", "none (an open test server)"

    key = models.SlugField(
        max_length=40,
        unique=True,
        help_text="Stands in addresses and in every data-source. Never change it.",
    )
    name = models.CharField(max_length=80, help_text="What people call this EHR.")
    base_url = models.CharField(
        "FHIR base URL", max_length=400, validators=[RegexValidator(r"^https?://[^\s?#]+$")]
    )
    authorization = models.CharField(
        max_length=20, choices=Authorization.choices, default=Authorization.ASYMMETRIC
    )
    client_id = models.CharField(max_length=200, blank=True)
    secret = SealedText(blank=True)
    scopes = models.TextField(
        blank=True, help_text="Empty: exactly what the product uses. Else one scope per line."
    )
    sign_in_hosts = models.TextField(
        blank=True,
        help_text="Hosts besides the FHIR server's own where its sign-in lives, one per line.",
    )
    backend_client_id = models.CharField(
        "client id of the backend service", max_length=200, blank=True
    )
    backend_policy = models.TextField(
        blank=True,
        help_text="The written policy under which this EHR may be read with the product's own rights: "
        "who decided, when, for which purpose. Without it the backend service prepares charts only.",
    )
    backend_for_clinicians = models.BooleanField(
        "clinicians may be shown what the backend service read", default=False
    )
    trusted_identifiers = models.TextField(
        "trusted identifier systems",
        blank=True,
        help_text="URIs, one per line. A patient is linked to this EHR only by an identifier of one of these.",
    )
    embed_origins = models.TextField(
        blank=True,
        help_text="Origins that may show charts in a frame, one per line: https://ehr.example",
    )
    open_url = models.CharField(
        "address that opens an entry in the EHR", max_length=400, blank=True,
        help_text="With {type}, {id} and {patient} in it.",
    )  # fmt: skip
    roles = models.TextField(
        blank=True, help_text="Roles of people signing in here, one per line: Practitioner/5 nurse"
    )
    ca_bundle = models.CharField("file with its certificate authority", max_length=400, blank=True)

    concurrency = models.PositiveSmallIntegerField(default=20, validators=between(1, 32))
    connections = models.PositiveSmallIntegerField(
        "connections in all", default=48, validators=between(1, 200)
    )
    requests_per_minute = models.PositiveIntegerField(default=0, help_text="0: no limit.")
    connect_seconds = models.FloatField(default=3.0, validators=between(0.5, 10))
    request_seconds = models.FloatField(default=10.0, validators=between(1, 60))
    pull_seconds = models.FloatField(default=30.0, validators=between(5, 120))
    page_size = models.PositiveIntegerField(default=1000, validators=between(10, 10_000))
    pages_per_search = models.PositiveIntegerField(default=50, validators=between(1, 500))
    page_megabytes = models.PositiveIntegerField(default=20, validators=between(1, 100))

    active = models.BooleanField(default=True)
    test = models.BooleanField(
        "test system", default=False, help_text="May be on this machine and without https."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def identifier_systems(self) -> tuple[str, ...]:
        return lines(self.trusted_identifiers)

    @property
    def frame_origins(self) -> tuple[str, ...]:
        return lines(self.embed_origins)

    @property
    def hosts(self) -> tuple[str, ...]:
        return lines(self.sign_in_hosts)

    @property
    def wanted_scopes(self) -> tuple[str, ...]:
        return tuple(self.scopes.split())

    @property
    def people(self) -> tuple[str, ...]:
        """The references of those who have a role here ("Practitioner/5")."""
        return tuple(line.partition(" ")[0] for line in lines(self.roles))

    def role_of(self, practitioner: str) -> str:
        """The role set for this reference ("Practitioner/5"); "" when none is."""
        for line in lines(self.roles):
            reference, _, role = line.partition(" ")
            if reference == practitioner:
                return role.strip()
        return ""


class SigningKey(models.Model):
    """A key pair of this product. The newest that is active signs; all that are not retired are published."""

    kid = models.CharField(max_length=40, unique=True)
    private = SealedText()
    created = models.DateTimeField()
    active_from = models.DateTimeField(help_text="Published before, used from then on.")
    retired = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-active_from",)

    def __str__(self) -> str:
        return self.kid


class PendingLaunch(models.Model):
    """A launch that has not come back: used once, at most ten minutes old, for one browser."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    state_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64)
    sealed = SealedText()
    began = models.DateTimeField()

    def __str__(self) -> str:
        return f"launch from {self.connection_id}"


class UsedLaunch(models.Model):
    """A launch value that was seen; seeing it again is a replay."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("connection", "digest"), name="launch_used_once"),
        )

    def __str__(self) -> str:
        return f"used launch {self.pk}"


class Token(models.Model):
    """Rights at one EHR: of a clinician for one patient, or (no user) of this product itself.

    patient: id that the rights are confined to, "" when they are not. renewing: somebody is using the refresh
    token until then; it can be used once only.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    patient = models.CharField(max_length=200, blank=True)
    sealed = SealedText()
    scopes = models.TextField(blank=True)
    expires = models.DateTimeField()
    renewing = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "user", "patient"),
                condition=models.Q(user__isnull=False),
                name="one_token_per_reader_and_patient",
            ),
            models.UniqueConstraint(
                fields=("connection",),
                condition=models.Q(user__isnull=True),
                name="one_system_token_per_connection",
            ),
        )

    def __str__(self) -> str:
        return f"token {self.pk}"


class RequestMinute(models.Model):
    """How many requests all processes together have sent to an EHR in one minute (minutes since 1970)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE)
    minute = models.PositiveBigIntegerField()
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("connection", "minute"), name="one_count_per_ehr_and_minute"
            ),
        )

    def __str__(self) -> str:
        return f"{self.sent} requests"
