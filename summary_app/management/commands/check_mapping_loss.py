"""manage.py check_mapping_loss [connection]: whether facts are lost or softened between an EHR and the screen."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from summary_app.connections import queries
from summary_app.quality.services import checking


class Command(BaseCommand):
    help = (
        "Runs the mapping-loss pack through the product; with a connection, also compares everything of one of its "
        "patients with the raw bytes that it sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", nargs="?", default="", help="key of a connection")
        parser.add_argument("--patient", default="", help="id of the patient there to read")

    def handle(self, *_: Any, key: str, patient: str, **__: Any) -> None:
        results = [checking.of_pack()]
        if key:
            connection = queries.by_key(key)
            if connection is None:
                known = ", ".join(c.key for c in queries.active()) or "none"
                raise CommandError(f"There is no active connection {key!r}. There are: {known}.")
            if not patient:
                raise CommandError("Say with --patient whose record is to be read.")
            results.append(checking.of_connection(connection, patient_id=patient))
        for result in results:
            self.stdout.write("\n".join(result.lines))
        if not all(result.whole for result in results):
            raise CommandError("Something was lost or could not be read; the lines above say what.")
