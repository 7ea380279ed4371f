"""With whose rights an EHR is read: the clinician's own first, the product's only where a written policy says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from clinical.errors import SourceError
from clinical.fhir.connection import Connection as Wire
from summary_app.access import door
from summary_app.connections.models import Connection
from summary_app.connections.services import tokens
from summary_app.connections.services.tokens import NotAtHand

NOT_PERMITTED = (
    "You have no sign-in there, and this site has no policy that lets others read it for you."
)


class NotPermitted(Exception):
    """Nobody's rights may be used. The message is for the clinician."""


@dataclass(frozen=True)
class Reader:
    """wire: ready to be asked. scopes: what was granted, None = not known. user_id: whose rights; None = our own."""

    wire: Wire
    scopes: tuple[str, ...] | None
    user_id: int | None


def of_clinician(
    user_id: int,
    connection: Connection,
    patient: str,
    *,
    lists: Collection[str] = (),
    at_hand: bool = False,
) -> Reader:
    """For an opening. Raises NotPermitted, or SourceError when the product's own token cannot be had.

    at_hand: sends no request; raises NotAtHand where one is needed. Not together with lists.
    """
    if connection.authorization == Connection.Authorization.OPEN:
        return Reader(tokens.wired(connection, None), None, user_id)

    def moved() -> None:
        door.close(
            user_id,
            connection=connection,
            patient=patient,
            why=f"{connection.name} moved this sign-in to another patient. Open the summary from the EHR once more.",
        )

    own = tokens.bearer_of_user(connection, user_id, patient, moved=moved)
    if own is not None:
        return Reader(tokens.wired(connection, own), own.scopes, user_id)
    if not may_read_for_clinicians(connection):
        raise NotPermitted(NOT_PERMITTED)
    return of_product(connection, lists=lists, at_hand=at_hand)


def for_lookup(user_id: int, connection: Connection, *, lists: Collection[str] = ()) -> Reader:
    """For finding patients: rights that are not confined to one. lists: types of lists of patients wanted with them."""
    return of_clinician(user_id, connection, "", lists=lists)


def of_product(
    connection: Connection, *, lists: Collection[str] = (), at_hand: bool = False
) -> Reader:
    """Our own rights (Backend Services). Raises NotPermitted or SourceError; at_hand: as in `of_clinician`."""
    if connection.authorization == Connection.Authorization.OPEN:
        return Reader(tokens.wired(connection, None), None, None)
    if not connection.backend_client_id:
        raise NotPermitted("There is no backend registration for this EHR.")
    own = tokens.bearer_of_system(connection, lists=lists, at_hand=at_hand)
    return Reader(tokens.wired(connection, own), own.scopes, None)


def may_read_for_clinicians(connection: Connection) -> bool:
    return bool(
        connection.backend_client_id
        and connection.backend_for_clinicians
        and connection.backend_policy.strip()
    )


__all__ = [
    "NotAtHand",
    "NotPermitted",
    "Reader",
    "SourceError",
    "for_lookup",
    "of_clinician",
    "of_product",
]
