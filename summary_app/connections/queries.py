"""Reading connections, tokens and keys."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from summary_app.connections.models import Connection, SigningKey, Token
from summary_app.sealing import CannotOpen


def active() -> list[Connection]:
    return list(Connection.objects.filter(active=True))


def by_key(key: str) -> Connection | None:
    """An active connection."""
    return Connection.objects.filter(key=key, active=True).first()


def others(connection_id: int) -> list[Connection]:
    """Every other active connection, by name."""
    return [each for each in active() if each.pk != connection_id]


def names() -> dict[str, str]:
    return dict(Connection.objects.values_list("key", "name"))


def signing_key(now: datetime) -> SigningKey | None:
    """The key that signs at present."""
    usable = SigningKey.objects.filter(Q(retired=None) | Q(retired__gt=now), active_from__lte=now)
    return usable.first()


def published_keys(now: datetime) -> list[SigningKey]:
    """Current, next, and those retired so recently that an EHR may still hold a request signed with them."""
    return list(SigningKey.objects.filter(Q(retired=None) | Q(retired__gt=now)))


def user_token(connection: Connection, user_id: int, patient: str) -> Token | None:
    """The clinician's own token for this patient there, else one that is not confined to a patient."""
    found = Token.objects.filter(connection=connection, user_id=user_id, patient__in=(patient, ""))
    return _readable(found.order_by("-patient"))


def system_token(connection: Connection) -> Token | None:
    return _readable(Token.objects.filter(connection=connection, user=None))


def _readable(found: QuerySet[Token]) -> Token | None:
    """None also for a token whose key is gone: it is as good as lost, a new sign-in replaces it."""
    try:
        return found.first()
    except CannotOpen:
        return None
