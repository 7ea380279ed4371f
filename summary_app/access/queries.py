"""Reading people and the record of access."""

from __future__ import annotations

from datetime import datetime

from summary_app.access.models import AccessLog, Identity, User


def practitioners(user_id: int) -> dict[str, tuple[str, ...]]:
    """Connection key -> the references that are this person there."""
    found: dict[str, tuple[str, ...]] = {}
    rows = Identity.objects.filter(user_id=user_id).values_list("connection__key", "reference")
    for key, reference in rows:
        found[key] = (*found.get(key, ()), reference)
    return found


def people() -> dict[tuple[int, str], int]:
    """(connection, reference there) -> the user that it is."""
    rows = Identity.objects.values_list("connection_id", "reference", "user_id")
    return {(connection, reference): user for connection, reference, user in rows}


def user(user_id: int) -> User | None:
    return User.objects.filter(pk=user_id, is_active=True).first()


def last_opened(
    user_id: int, connection_id: int, patient: str, *, before: datetime
) -> datetime | None:
    """When this person last opened this patient here, by our own record."""
    return (
        AccessLog.objects.filter(
            user_id=user_id,
            connection_id=connection_id,
            patient=patient,
            what="open",
            outcome=AccessLog.Outcome.GRANTED,
            at__lt=before,
        )
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )


def on_board_since(user_id: int, at: datetime) -> set[tuple[int | None, str]]:
    """(connection, patient) of this person's board entries since then."""
    rows = AccessLog.objects.filter(
        user_id=user_id, what="ward", outcome=AccessLog.Outcome.GRANTED, at__gt=at
    )
    return set(rows.values_list("connection_id", "patient"))
