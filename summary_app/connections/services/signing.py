"""The key pairs with which this product proves who it is."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from clinical.fhir import smart
from summary_app.connections import queries
from summary_app.connections.models import SigningKey

OVERLAP = timedelta(hours=24)  # an EHR may keep our published keys for so long


def new_key(*, now: datetime, active_from: datetime | None = None) -> SigningKey:
    """Makes a key and keeps it, encrypted."""
    kid = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
    return SigningKey.objects.create(
        kid=kid, private=smart.new_key(kid), created=now, active_from=active_from or now
    )


def rotate(*, now: datetime) -> SigningKey:
    """The next key is published at once and used a day later; the present ones are retired a day after that."""
    fresh = new_key(now=now, active_from=now + OVERLAP)
    SigningKey.objects.filter(retired=None).exclude(pk=fresh.pk).update(retired=now + 2 * OVERLAP)
    return fresh


def published(*, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The JWKS for the world: public parts only."""
    keys = queries.published_keys(now) or [new_key(now=now)]
    return smart.public_keys(key.private for key in keys)
