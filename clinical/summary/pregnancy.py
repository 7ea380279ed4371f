"""What the safety line says of a pregnancy that the floor does not hold: an answer that is too old, or a no."""

from __future__ import annotations

from clinical.records import Series
from clinical.summary import fmt, problems, values
from clinical.summary.desk import Desk, item_tokens, point_tokens
from clinical.summary.view_model import SlotLine

_STATUS = "82810-3"  # LOINC: pregnancy status
# LOINC: the status; choriogonadotropin in urine, in serum (presence) and in serum or plasma (amount).
_ASKED = frozenset((_STATUS, "2106-3", "2118-8", "21198-7"))
_FROM, _TO = 10, 55  # years of age in which the question stands without an answer


def is_asked(desk: Desk) -> bool:
    """Whether the line says also that nothing is known; not for a man, a child or an old woman."""
    patient = desk.chart.patients[0] if desk.chart.patients else None
    if patient is None or patient.sex == "male":
        return False
    years = fmt.years_old(patient.birth, desk.today)
    return years is None or _FROM <= years <= _TO


def last_said(desk: Desk) -> tuple[SlotLine, ...]:
    """The newest result that was asked for and every active problem that names one, each with its date.

    They are older than the floor looks back, or say no: not a pregnancy of today, and not "nothing recorded" either.
    """
    asked = [row for row in desk.series.values() if _ASKED & {code for _, code in row.codes}]
    newest = max(asked, key=_taken, default=None)
    lines = [] if newest is None else [_result(desk, newest)]
    for item in desk.chart.problems:
        record = problems.lead(item)
        if problems.is_active(record) and "pregnan" in item.label.lower():
            when = desk.when_short(record.onset or record.recorded) or "no date"
            lines.append(SlotLine(text=f"{item.label}, {when}", sources=item_tokens(item)))
    return tuple(lines)


def _taken(row: Series) -> tuple[float, str]:
    taken = row.latest.record.taken
    return taken.start.timestamp() if taken is not None else 0.0, row.key


def _result(desk: Desk, row: Series) -> SlotLine:
    shown = values.shown(desk.judge, row.latest.record)
    text = f"{shown.text} {shown.flag}".strip()
    if _STATUS not in {code for _, code in row.codes}:  # the slot is called so already
        text = f"{desk.called(row)} {text}"
    when = desk.when_short(row.latest.record.taken) or "no date"
    return SlotLine(text=f"{text}, {when}", sources=point_tokens(row.latest))
