"""manage.py connect_sandbox: registers the two sandbox EHRs, or brings them up to date. May be run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from summary_app.access import people
from summary_app.connections.models import Connection
from summary_app.connections.services import signing
from summary_app.rules.services import allowed

# An identifier system that both sandbox EHRs use for the same person, as a regional master index would.
TRUSTED = "https://sandbox.visit-lens.example/person"
# The CMIO of each sandbox EHR: one writes and publishes, the other one reviews.
TEAM = {"mercy": (allowed.AUTHOR, allowed.PUBLISHER), "lakeside": (allowed.REVIEWER,)}
POLICY = (
    "Sandbox with synthetic patients only: the product may read it with its own rights "
    "for every clinician who has the patient open."
)


class Command(BaseCommand):
    help = "Registers the sandbox EHRs as connections (idempotent)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mercy", required=True, help="address of Mercy Hospital's sandbox")
        parser.add_argument(
            "--lakeside", required=True, help="address of Lakeside Clinic's sandbox"
        )

    def handle(self, *_: Any, mercy: str, lakeside: str, **__: Any) -> None:
        signing.published(now=timezone.now())  # the first key is made here, not at the first launch
        for key, name, address in (
            ("mercy", "Mercy", mercy),
            ("lakeside", "Lakeside", lakeside),
        ):
            Connection.objects.update_or_create(
                key=key,
                defaults={
                    "name": name,
                    "base_url": f"{address.rstrip('/')}/fhir",
                    "authorization": Connection.Authorization.ASYMMETRIC,
                    "client_id": "visit-lens",
                    "backend_client_id": "visit-lens-backend",
                    "backend_policy": POLICY,
                    "backend_for_clinicians": True,
                    "trusted_identifiers": TRUSTED,
                    "embed_origins": address.rstrip("/"),
                    "roles": "Practitioner/nurse nurse\nPractitioner/cmio cmio",
                    "active": True,
                    "test": True,
                },
            )
            self._team(key, address.rstrip("/"))
            self.stdout.write(f"{name}: {address}")

    def _team(self, key: str, issuer: str) -> None:
        """Two people for the rules, so that four eyes can be tried; whoever has roles already keeps them."""
        connection = Connection.objects.get(key=key)
        user = people.expected(connection, issuer, "Practitioner/cmio")
        if not allowed.roles_of(user):
            allowed.give(user, TEAM[key])
