"""manage.py rules_team: gives somebody who signs in by an EHR their roles in the rules, or takes them. May be run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from summary_app.access import people
from summary_app.connections import queries as connections
from summary_app.rules.services import allowed


class Command(BaseCommand):
    help = "Gives a person of an EHR exactly these roles in the rules; without a role, none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connection", required=True, help="key of the EHR")
        parser.add_argument(
            "--issuer", default="", help="issuer of its sign-in, if it is not the address of FHIR"
        )
        parser.add_argument("person", help="fhirUser there: Practitioner/5")
        parser.add_argument("role", nargs="*", help=", ".join(allowed.ROLES))

    def handle(self, *_: Any, **options: Any) -> None:
        connection = connections.by_key(options["connection"])
        if connection is None:
            raise CommandError(f"No connection is called {options['connection']}.")
        unknown = sorted(set(options["role"]) - set(allowed.ROLES))
        if unknown:
            raise CommandError(f"No such role: {', '.join(unknown)}.")
        issuer = options["issuer"] or connection.base_url
        user = people.expected(connection, issuer, options["person"])
        allowed.give(user, options["role"])
        self.stdout.write(f"{options['person']}: {', '.join(options['role']) or 'no role'}")
