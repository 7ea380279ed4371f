"""Configuration that would only fail later, said at once and with the way out."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from clinical import units
from summary_app import sealing

_NEW_KEY = (
    "python -c 'import base64, secrets; "
    "print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
)


@register(Tags.security)
def keys_are_set(**_: Any) -> list[CheckMessage]:
    if not settings.VISIT_LENS_KEYS:
        return [
            Error(
                "There is no key to encrypt tokens and snapshots with.",
                hint=f"Set VISIT_LENS_KEYS (the newest first, comma-separated), or VISIT_LENS_KEYS_FILE. "
                f"A new key: {_NEW_KEY}",
                id="visit_lens.E001",
            )
        ]
    try:
        sealing.key_ring()
    except sealing.BadKey as error:
        return [Error(str(error), hint=f"A new key: {_NEW_KEY}", id="visit_lens.E002")]
    return []


@register(Tags.security)
def secret_is_set(**_: Any) -> list[CheckMessage]:
    try:
        found = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        found = False
    if found:
        return []
    hint = "Set VISIT_LENS_SECRET_KEY, or VISIT_LENS_SECRET_KEY_FILE, to a long random text."
    return [Error("There is no secret to sign cookies with.", hint=hint, id="visit_lens.E003")]


@register()
def units_can_be_read(**_: Any) -> list[CheckMessage]:
    try:
        units.preferred(settings.VISIT_LENS_UNITS)
    except ValueError as error:
        hint = "Set VISIT_LENS_UNITS like this: glucose=mmol/L, creatinine=umol/L, temperature=Cel."
        return [Error(f"VISIT_LENS_UNITS: {error}.", hint=hint, id="visit_lens.E005")]
    return []


@register()
def zone_exists(**_: Any) -> list[CheckMessage]:
    try:
        ZoneInfo(settings.VISIT_LENS_ZONE)
    except (KeyError, ValueError, OSError):
        hint = "Set VISIT_LENS_ZONE to an IANA name such as Europe/Berlin or America/Chicago."
        return [Error("The time zone of the site is not known.", hint=hint, id="visit_lens.E004")]
    return []


@register(Tags.security, deploy=True)
def served_by_https(**_: Any) -> list[CheckMessage]:
    if settings.HTTPS:
        return []
    hint = "Set VISIT_LENS_BASE_URL to the https address that clinicians use."
    return [checks.Warning("The site is not reached by https.", hint=hint, id="visit_lens.W001")]
