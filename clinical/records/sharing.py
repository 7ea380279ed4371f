"""Equal parts of many records held once, as where they were read: less memory, and what is the same object compares fast."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from msgspec.structs import force_setattr

from .results import Observation
from .sections import Record


def share(records: Iterable[Record]) -> None:
    """Of observations that nobody else holds yet: their concepts and performers. Nothing that can be read changes."""
    known: dict[Hashable, Any] = {}
    for record in records:
        if type(record) is not Observation:
            continue
        concept, performers = record.concept, record.performers
        # A cheap key first: hashing a concept takes longer than comparing two.
        first = concept.codings[0].code if concept.codings else ""
        same = known.setdefault((concept.text, first, len(concept.codings)), concept)
        if same is not concept and same == concept:
            force_setattr(record, "concept", same)
        if performers:
            same = known.setdefault(performers[0].target, performers)
            if same is not performers and same == performers:
                force_setattr(record, "performers", same)
