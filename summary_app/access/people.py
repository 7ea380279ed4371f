"""Signing in: one user for each (issuer, fhirUser). Nobody is linked to an existing user by name or e-mail."""

from __future__ import annotations

import secrets

from django.db import transaction

from clinical.errors import LaunchRefused
from summary_app.access.models import Identity, Role, User
from summary_app.connections.models import Connection
from summary_app.connections.services.launching import Launched


def person_of(launched: Launched) -> User:
    """The user of a finished sign-in, made at the first one. Raises LaunchRefused for a disabled user."""
    who, connection = launched.who, launched.connection
    with transaction.atomic():
        known = (
            Identity.objects.select_related("user")
            .filter(issuer=who.issuer, reference=who.reference)
            .first()
        )
        user = (
            known.user
            if known is not None
            else _new_person(connection, who.issuer, who.reference, who.name)
        )
        role = connection.role_of(who.reference) or user.role
        role = role if role in Role.values else Role.PHYSICIAN
        if (user.role, user.shown_name) != (role, who.name or user.shown_name):
            user.role, user.shown_name = role, who.name or user.shown_name
            user.save(update_fields=["role", "shown_name"])
    if not user.is_active:
        raise LaunchRefused("This user is disabled here. Ask the administrator.")
    return user


def expected(connection: Connection, issuer: str, reference: str) -> User:
    """The user whom a sign-in there will find, also before the first one. reference: fhirUser, "Practitioner/5"."""
    with transaction.atomic():
        known = Identity.objects.filter(issuer=issuer, reference=reference).first()
        return known.user if known is not None else _new_person(connection, issuer, reference, "")


def _new_person(connection: Connection, issuer: str, reference: str, name: str) -> User:
    user = User(username=f"ehr-{secrets.token_hex(8)}", shown_name=name)
    user.set_unusable_password()
    user.save()
    Identity.objects.create(user=user, connection=connection, issuer=issuer, reference=reference)
    return user
