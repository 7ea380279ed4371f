"""What each source answered, section by section: shown in full when a chart is sparse or a source failed."""

from __future__ import annotations

from clinical.records import FetchState, Section
from clinical.summary import fmt, sections, wording
from clinical.summary.desk import Desk
from clinical.summary.states import Answer, how_many
from clinical.summary.view_model import State

_LISTED = (
    Section.ALLERGIES, Section.MEDICATIONS, Section.PROBLEMS, Section.LABS, Section.VITALS, Section.DOCUMENTS,
    Section.REPORTS, Section.IMMUNIZATIONS, Section.DEVICES, Section.FLAGS, Section.CONSENTS, Section.FAMILY,
)  # fmt: skip

Answers = tuple[tuple[str, tuple[tuple[str, State], ...]], ...]


def build(desk: Desk) -> Answers:
    """(section name, ((source name, state), …)) for the sections a reader asks about first."""
    return tuple(
        (sections.NAMES[section], tuple(_cell(desk, a) for a in _by_source(desk, section)))
        for section in _LISTED
    )


def _by_source(desk: Desk, section: Section) -> list[Answer]:
    order = {server: place for place, server in enumerate(desk.states.servers)}
    return sorted(desk.states.of(section), key=lambda answer: order[answer.server])


def _cell(desk: Desk, answer: Answer) -> tuple[str, State]:
    name = desk.name(answer.server)
    if answer.stale:
        return name, wording.state(wording.OUT_OF_DATE, desk.states.time(answer.at))
    kind = wording.BY_STATE[answer.state]
    if answer.state is FetchState.OK:
        return name, State(glyph="answered", word=fmt.plural(answer.received, "entry", "entries"))
    if answer.state is FetchState.PARTIAL:
        detail = how_many(answer) if answer.lost or answer.foreign else answer.reason
        return name, wording.state(kind, detail)
    detail = desk.states.time(answer.at) if answer.state is FetchState.FAILED else ""
    return name, wording.state(kind, detail, retry=answer.state is FetchState.FAILED)
