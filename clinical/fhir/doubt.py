"""When a search by code finds nothing: is there nothing, or does the server not search by code?

Some servers answer every search for a code with an empty list. The searches by category of the same pull tell.
"""

from __future__ import annotations

import msgspec

from clinical import resources as fhir
from clinical.codes import LOINC
from clinical.fhir.fetched import Fetched
from clinical.fhir.searches import Params, Search
from clinical.records import FetchState


class Witness:
    """Remembers which of the codes in question the other searches of a pull have shown. Not safe for threads."""

    def __init__(self, searches: tuple[Search, ...]) -> None:
        self._asked = {code for search in searches for code in search.codes}
        self._seen: set[str] = set()

    def sees(self, fetched: Fetched) -> None:
        if not self._asked or fetched.search.codes:
            return
        for entry in fetched.matches:
            if isinstance(entry.resource, fhir.Observation) and entry.resource.code is not None:
                codings = entry.resource.code.coding or ()
                self._seen.update(
                    c.code for c in codings if c is not None and c.code in self._asked
                )

    def doubts(self, fetched: Fetched) -> bool:
        """Whether this empty answer to a search by code contradicts what was seen."""
        empty = fetched.state.state == FetchState.OK_EMPTY
        return empty and bool(self._seen.intersection(fetched.search.codes))


def with_system(search: Search) -> Search | None:
    """The same search with the system before each code; None when it has it already."""

    def spelt(params: Params) -> Params:
        return tuple(
            (
                name,
                ",".join(f"{LOINC}|{code}" for code in search.codes) if name == "code" else value,
            )
            for name, value in params
        )

    again = msgspec.structs.replace(
        search,
        params=spelt(search.params),
        fallbacks=tuple(spelt(params) for params in search.fallbacks),
    )
    return None if LOINC in dict(search.params).get("code", "") else again


def doubtful(fetched: Fetched, source: str) -> Fetched:
    """The empty answer as what it is: incomplete."""
    state = msgspec.structs.replace(
        fetched.state,
        state=FetchState.PARTIAL,
        cut_short=True,
        reason=(
            f"{source} finds nothing when asked by code, although it has such results: "
            "results older than the usual window may be missing."
        ),
        remedy="Look in the EHR itself for older results.",
    )
    return Fetched(fetched.search, state, fetched.entries, fetched.elsewhere)
