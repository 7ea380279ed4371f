"""A line of the board over what was not read: asking, not retrieved, not permitted and not readable are never "none"."""

from __future__ import annotations

import msgspec

from clinical.records import Chart, FetchState, Section
from clinical.vitals.board import BoardLine
from summary_app.ward.services import rounds


def with_gap(line: BoardLine, nothing: str, gap: str) -> BoardLine:
    """ "Full code" while the orders were not retrieved: the refusal may stand in what is missing."""
    if not gap or line.code[1] or line.code[0] == nothing:
        return line
    return msgspec.structs.replace(line, code=(f"{line.code[0]} ({gap})", False))


def vitals_missing(chart: Chart) -> bool:
    """No vital sign is here, and their search did not end well: not retrieved is not unmeasured."""
    states = [
        s for s in chart.states if s.section is Section.VITALS and s.search == "vitals.recent"
    ]
    good = (FetchState.OK, FetchState.OK_EMPTY, FetchState.PARTIAL)
    return not any(s.state in good for s in states)


def needs_review(line: BoardLine, said: str) -> BoardLine:
    """Vital signs came, and none could be read: "never measured" is not known."""
    why = line.why if line.news else ("Not known when measured.", f"Vital signs: {said}.")
    return msgspec.structs.replace(line, measured="not known", why=why, late=())


_REFUSED = (FetchState.RESTRICTED, FetchState.NOT_AUTHORISED)
_ASKING, _FAILED = "asking", "not retrieved"


def unread(known: rounds.Known) -> str:
    """What stands where nothing of a patient is known: "" once something is."""
    if known.chart is not None:
        return ""
    return _ASKING if known.asking and not known.problem else _FAILED


def not_read(line: BoardLine, known: rounds.Known, chart: Chart) -> BoardLine:
    """Of whom nothing is known may be in danger: the place is that of somebody who was not measured."""
    name, said = known.bed.connection.name, _FAILED
    refused = [s for s in chart.states if s.section is Section.VITALS and s.state in _REFUSED]
    if refused:
        said = "not permitted"
        why = (f"Not permitted by {name}.", refused[0].reason)
    elif known.asking and not known.problem:
        said, why = _ASKING, (f"{name} is being asked.", "")
    else:
        why = (f"Not retrieved from {name}.", known.problem)
    standing = line.place.standing if chart.patients else "unmeasured"
    place = msgspec.structs.replace(line.place, standing=standing)
    return msgspec.structs.replace(line, place=place, number=said, measured=said, why=why, late=())
