"""manage.py check_connection <key>: what will work with this EHR and what will not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from summary_app.connections import queries
from summary_app.connections.services import checking


class Command(BaseCommand):
    help = "Checks an EHR connection: discovery, capability statement, token, one search per kind of record."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="key of the connection")
        parser.add_argument("--patient", default="", help="id of a test patient there")

    def handle(self, *_: Any, key: str, patient: str, **__: Any) -> None:
        connection = queries.by_key(key)
        if connection is None:
            known = ", ".join(c.key for c in queries.active()) or "none"
            raise CommandError(f"There is no active connection {key!r}. There are: {known}.")
        report = checking.check(connection, patient_id=patient)
        self.stdout.write(checking.as_text(report))
        if not report.usable:
            raise CommandError(f"{connection.name} is not usable yet; the lines above say why.")
