"""How one search ended."""

from __future__ import annotations

from dataclasses import dataclass

from clinical.fhir.entries import Entry
from clinical.fhir.searches import Search
from clinical.records import SearchState


@dataclass(frozen=True)
class Fetched:
    """How one search ended, with everything it brought about this patient.

    entries: matches and what came along with them, each once; those that could not be read have no `resource`.
    elsewhere: entries of a category that has a search of its own, counted here and brought there.
    """

    search: Search
    state: SearchState
    entries: tuple[Entry, ...] = ()
    elsewhere: int = 0

    @property
    def matches(self) -> tuple[Entry, ...]:
        """The readable entries of the type that was asked for."""
        kind = self.search.resource
        return tuple(e for e in self.entries if e.resource is not None and e.type == kind)
