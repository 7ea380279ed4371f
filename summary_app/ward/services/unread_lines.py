"""A line of the board over what was not read: not retrieved, not permitted and not readable are never "none" or "never"."""

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


def not_read(line: BoardLine, known: rounds.Known, chart: Chart) -> BoardLine:
    name, said = known.bed.connection.name, "not retrieved"
    refused = [s for s in chart.states if s.section is Section.VITALS and s.state in _REFUSED]
    if refused:
        said = "not permitted"
        why = (f"Not permitted by {name}.", refused[0].reason)
    elif known.asking and not known.problem:
        why = (f"{name} is being asked.", "")
    else:
        why = (f"Not retrieved from {name}.", known.problem)
    return msgspec.structs.replace(line, number=said, measured=said, why=why, late=())
