"""What each source answered, section by section: shown in full when a chart is sparse or a source failed."""

from __future__ import annotations

import msgspec

from clinical.records import FetchState, Section
from clinical.summary import fmt, ledger, sections, wording
from clinical.summary.desk import Desk
from clinical.summary.states import Answer, how_many
from clinical.summary.view_model import State

_LISTED = (
    Section.ALLERGIES, Section.MEDICATIONS, Section.PROBLEMS, Section.LABS, Section.VITALS, Section.DOCUMENTS,
    Section.REPORTS, Section.IMMUNIZATIONS, Section.DEVICES, Section.FLAGS, Section.CONSENTS, Section.FAMILY,
)  # fmt: skip

Answers = tuple[tuple[str, tuple[tuple[str, State], ...]], ...]


def build(desk: Desk, read: ledger.Read) -> Answers:
    """(section name, ((source name, state), …)) for the sections a reader asks about first.

    Their numbers are those of the ledger: several searches may bring one entry, and one search entries of other kinds.
    """
    return tuple(
        (
            sections.NAMES[section],
            tuple(_cell(desk, a, read[a.server, section]) for a in _by_source(desk, section)),
        )
        for section in _LISTED
    )


def _by_source(desk: Desk, section: Section) -> list[Answer]:
    order = {server: place for place, server in enumerate(desk.states.servers)}
    return sorted(desk.states.of(section), key=lambda answer: order[answer.server])


def _cell(desk: Desk, answer: Answer, read: int) -> tuple[str, State]:
    name = desk.name(answer.server)
    if answer.stale:
        return name, wording.state(wording.OUT_OF_DATE, desk.states.time(answer.at))
    kind = wording.BY_STATE[answer.state]
    if answer.state is FetchState.OK:
        return name, _whole(answer, read)
    if answer.state is FetchState.PARTIAL:
        lost = sum(one.count for one in desk.states.unread((answer.section,)) if one.server == answer.server)  # fmt: skip
        counted = msgspec.structs.replace(answer, received=read, lost=lost)
        detail = how_many(counted) if lost or answer.foreign else answer.reason
        return name, wording.state(kind, detail)
    detail = desk.states.time(answer.at) if answer.state is FetchState.FAILED else ""
    return name, wording.state(kind, detail, retry=answer.state is FetchState.FAILED)


def _whole(answer: Answer, read: int) -> State:
    """ "67 entries", and what came beyond them: repeats of another search, and what belongs to another section."""
    if not read:
        came = fmt.plural(answer.received, "entry", "entries")
        return State(
            glyph="answered", word="No entry of this kind", detail=f"{came} of other kinds came"
        )
    word = fmt.plural(read, "entry", "entries")
    more = answer.received - read
    detail = f"{answer.received} came, with repeats and other kinds" if more > 0 else ""
    return State(glyph="answered", word=word, detail=detail)
