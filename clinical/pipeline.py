"""The stages in a row: what a search brought becomes records, the records of all sources become one page.

The only module that knows several stages; they do not know each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

import msgspec

from clinical import normalise
from clinical import resources as fhir
from clinical.reconcile import NO_MAPPINGS, Mappings, Worked, reconciled
from clinical.records import (
    Allergy,
    Chart,
    FetchState,
    NotShown,
    Ranking,
    Record,
    SearchState,
    Section,
    SectionRecords,
    Source,
)
from clinical.summary import Site, Viewer, summarise
from clinical.summary.seen import with_last_seen
from clinical.summary.view_model import Summary

if TYPE_CHECKING:
    from clinical.rank import Library, Preferences

_GOOD = (FetchState.OK, FetchState.OK_EMPTY, FetchState.OK_NEGATED)


class ReadEntry(Protocol):
    """What is used of a page's entry (clinical.fhir.entries.Entry)."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def resource(self) -> fhir.Resource | None: ...
    @property
    def whole(self) -> fhir.Resource | None: ...
    @property
    def problem(self) -> str: ...
    @property
    def full_url(self) -> str: ...
    def outline(self) -> None: ...


class FetchedSearch(Protocol):
    """What is used of a finished search (clinical.fhir.fetched.Fetched)."""

    @property
    def state(self) -> SearchState: ...
    @property
    def entries(self) -> Sequence[ReadEntry]: ...


_Read = Record | NotShown
_Normaliser = Callable[[Sequence[ReadEntry]], Sequence[_Read | None]]
_BySection = dict[Section, dict[bytes, _Read]]


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """One chart, how it was ranked, and the page made of it. worked: for the next page of the same chart."""

    chart: Chart
    ranking: Ranking
    summary: Summary
    viewer: Viewer
    worked: Worked


class ReadBefore:
    """The results that a source has sent before, so that one that is sent again costs little and is held once.

    For one patient at one source. During a reading by the bytes that were sent, which are held then anyway; after it by
    their digests. earlier: of a reading before this one. server, base: as for section_records; what was read with
    others of them is not used again, for a record holds both.
    Safe for threads: what is missed is only read once more.
    """

    def __init__(
        self, earlier: ReadBefore | None = None, *, server: str = "", base: str = ""
    ) -> None:
        self._read_with = (server, base)
        self._earlier: _BySection = {}  # by digest
        self._known: _BySection = {}  # what has been in an answer of this reading
        self._ahead: _BySection = {}
        self._over = False
        if earlier is not None and earlier._read_with == self._read_with:
            self._earlier = earlier._settled(all_of_it=True)

    def each(
        self, section: Section, entries: Sequence[ReadEntry], read: _Normaliser
    ) -> list[Record | NotShown]:
        """What each entry becomes, in their order."""
        # An answer that comes after the end is worked through, and nothing of it stays.
        known = {} if self._over else self._known.setdefault(section, {})
        ahead = self._ahead.get(section, {})
        missing = {entry.raw: entry for entry in entries if entry.raw not in known}
        known.update({raw: ahead[raw] for raw in missing if raw in ahead})
        known.update(self._from_earlier(section, [raw for raw in missing if raw not in known]))
        known.update(_made({raw: e for raw, e in missing.items() if raw not in known}, read))
        return [known[entry.raw] for entry in entries if entry.raw in known]

    def ahead(self, section: Section, entries: Sequence[ReadEntry], read: _Normaliser) -> None:
        """Reads what may turn out to be no answer (of another patient or category): held until the reading is over."""
        known, ahead = self._known.get(section, {}), self._ahead.get(section, {})
        new = {e.raw: e for e in entries if e.raw not in known and e.raw not in ahead}
        found = self._from_earlier(section, new)
        found |= _made({raw: entry for raw, entry in new.items() if raw not in found}, read)
        if not self._over:
            self._ahead.setdefault(section, {}).update(found)

    def end(self, *, last: bool = False) -> None:
        """The reading is over: what was in none of its answers is not held any longer. last: none follows, so nothing is."""
        self._over = True
        self._ahead = {}
        self._earlier = {} if last else self._settled(all_of_it=False)
        self._known = {}

    def _from_earlier(self, section: Section, raws: Iterable[bytes]) -> dict[bytes, _Read]:
        earlier = self._earlier.get(section)
        if not earlier:
            return {}
        digests = ((raw, _digest(raw)) for raw in raws)
        return {raw: earlier[digest] for raw, digest in digests if digest in earlier}

    def _settled(self, *, all_of_it: bool) -> _BySection:
        """By digest, without the bytes. all_of_it: also what was not in an answer of this reading."""
        found: _BySection = {}
        for section in (*self._earlier, *self._known):
            earlier = self._earlier.get(section, {})
            # With its keys: small things that last must not be made anew each time.
            keys = {id(one): key for key, one in earlier.items()}
            held = list(self._known.get(section, {}).items())
            found[section] = dict(earlier) if all_of_it else {}
            found[section].update((keys.get(id(one)) or _digest(raw), one) for raw, one in held)
        return found


def _digest(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest()


def _made(new: dict[bytes, ReadEntry], read: _Normaliser) -> dict[bytes, Record | NotShown]:
    found = zip(new, read(list(new.values())), strict=True)
    return {key: one for key, one in found if one is not None}


def read_ahead(
    section: Section, server: str, entries: Sequence[ReadEntry], *, base: str, before: ReadBefore
) -> None:
    """Reads what one page of a longer search brought, so that little is left to do when its last page is here.

    Of the entries only the outlines are held from then on. section, server: of the search; base, before: as for
    section_records.
    """

    def read(found: Iterable[ReadEntry]) -> list[Record | NotShown | None]:
        resources = [whole for entry in found if (whole := entry.whole) is not None]
        return normalise.each_of(section, server, resources, {}, base=base)

    if all(map(_stands_alone, entries)):
        before.ahead(section, [entry for entry in entries if entry.resource is not None], read)
        for entry in entries:
            entry.outline()  # thousands of results are held until the last of their pages is here


def section_records(
    fetched: FetchedSearch, *, base: str = "", before: ReadBefore | None = None
) -> SectionRecords:
    """What one search brought, as records. Pure and safe to call in the thread that fetched.

    base: FHIR base URL of that source, so that absolute references to itself are followed. before: of this patient there.
    Every entry is either a record or a NotShown; an unreadable one makes a good answer incomplete.
    """
    state = fetched.state
    matches, unread = _sorted_entries(fetched.entries, state)
    alone = all(map(_stands_alone, fetched.entries))
    included = {} if alone else _included(fetched.entries)

    def read(entries: Iterable[ReadEntry]) -> list[Record | NotShown | None]:
        resources = [whole for entry in entries if (whole := entry.whole) is not None]
        return normalise.each_of(state.section, state.server, resources, included, base=base)

    if before is not None and alone:
        found: Iterable[Record | NotShown | None] = before.each(state.section, matches, read)
    else:
        found = read(matches)
    records, hidden = normalise.divided(found)
    not_shown = (*unread, *hidden)
    return SectionRecords(
        state=_final_state(state, records, not_shown), records=tuple(records), not_shown=not_shown
    )


def _stands_alone(entry: ReadEntry) -> bool:
    """Whether no other record depends on it: no word of a result is shown elsewhere, nor has it a name for one answer."""
    return entry.type == "Observation" and not entry.full_url.startswith("urn:")


def _sorted_entries(
    entries: Iterable[ReadEntry], state: SearchState
) -> tuple[list[ReadEntry], list[NotShown]]:
    matches: list[ReadEntry] = []
    unread: list[NotShown] = []
    for place, entry in enumerate(entries):
        if entry.resource is None:
            unread.append(_unreadable(entry, place, state))
        elif entry.mode != "include":
            matches.append(entry)
    return matches, unread


def _included(entries: Iterable[ReadEntry]) -> dict[str, fhir.Resource]:
    """What references may lead to, by "Medication/5" and by the URL the server gave the entry."""
    included: dict[str, fhir.Resource] = {}
    for entry in entries:
        if (whole := entry.whole) is not None:
            included[f"{entry.type}/{entry.id}"] = whole
            if entry.full_url:
                included[entry.full_url] = whole
    return included


def _unreadable(entry: ReadEntry, place: int, state: SearchState) -> NotShown:
    # Without an id the place in the answer keeps two such entries apart in the count.
    reference = f"{entry.type or '?'}/{entry.id or f'?{state.search}-{place}'}"
    return NotShown(
        source=Source(server=state.server, reference=reference),
        section=state.section,
        reason="unreadable",
        detail=entry.problem or "it could not be read",
    )


def _final_state(
    state: SearchState, records: Sequence[Record], not_shown: Sequence[NotShown]
) -> SearchState:
    """The state of the search once its entries were read: incomplete, negated, empty or whole."""
    lost = sum(1 for entry in not_shown if entry.reason in ("unreadable", "not-understood"))
    found = state.state
    reason = state.reason
    if found in _GOOD:
        if lost:
            found = FetchState.PARTIAL
            reason = (
                reason or f"{lost} of {len(records) + len(not_shown)} entries could not be read"
            )
        elif state.section is Section.ALLERGIES and records and all(map(_is_negation, records)):
            found = FetchState.OK_NEGATED
        else:
            found = FetchState.OK if records else FetchState.OK_EMPTY
    return msgspec.structs.replace(
        state, state=found, reason=reason, received=len(records), unreadable=lost
    )


def _is_negation(record: Record) -> bool:
    """An assertion about every kind of allergy; "no known drug allergies" says nothing about food (rule 1)."""
    return (
        isinstance(record, Allergy)
        and record.negation == "none-known"
        and record.negation_scope in ("all", "")
    )


def build_summary(
    sections: Sequence[SectionRecords],
    *,
    visit_choice: str | None = None,
    site: Site,
    viewer: Viewer,
    library: Library,
    launch_server: str,
    encounter_id: str,
    as_of: datetime,
    mappings: Mappings = NO_MAPPINGS,
    preferences: Callable[[tuple[str, ...]], Preferences] | None = None,
    before: Built | None = None,
) -> Built:
    """The page from everything that has been read so far (searches under way are sections without records).

    visit_choice: id of the context the clinician chose; None = recognise it. launch_server: the connection the chart
    was opened from. encounter_id: of the launch, "" if none. as_of: aware UTC; no clock is read. mappings: what people
    at the site said about the sources' own codes. preferences: what the person and the department want first, asked for
    once the contexts of the visit are known. before: an earlier page of this chart, whose rows are taken over where
    they are made of the very same entries; the result is the same without.
    """
    from clinical.rank import prefer, rank, recognise

    worked = reconciled(
        sections,
        launch_server=launch_server,
        mappings=mappings,
        as_of=as_of,
        before=before.worked if before is not None else None,
    )
    chart = worked.chart
    seen = with_last_seen(
        viewer, chart, site=site, launch_server=launch_server, encounter=encounter_id, as_of=as_of
    )
    visit = recognise(
        chart,
        encounter_id=encounter_id,
        as_of=as_of,
        library=library,
        chosen=visit_choice,
        role=viewer.role,
    )
    ranking = rank(
        chart, visit=visit, library=library, last_seen=seen.last_seen, role=viewer.role, as_of=as_of
    )
    if preferences is not None:
        ranking = prefer(ranking, chart, preferences(visit.contexts), library)
    summary = summarise(chart, ranking, states=chart.states, site=site, viewer=seen, as_of=as_of)
    return Built(chart=chart, ranking=ranking, summary=summary, viewer=seen, worked=worked)
