"""Items that this visit lists and of which the chart holds no value: their honest state (look part 5)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from clinical.records import Absent, Section
from clinical.summary import reported, wording
from clinical.summary.desk import Desk
from clinical.summary.view_model import LabRow, State

# (days, words) of the first search of a kind: see `clinical.fhir.catalogue`.
_BEDSIDE = (90, "90 days")
_YEAR = (400, "13 months")
_BACK = {
    **dict.fromkeys((Section.LABS, Section.VITALS, Section.DOCUMENTS, Section.ORDERS), _YEAR),
    **dict.fromkeys((Section.REPORTS, Section.ENCOUNTERS), (730, "2 years")),
    Section.IMAGING: (1825, "5 years"),
}


def row(desk: Desk, absent: Absent) -> LabRow:
    """A listed test of which nothing is on the chart: its honest state instead of a value."""
    answer = state(desk, absent)
    return LabRow(
        key=f"absent-{absent.item.replace('.', '-')}",
        anchor=f"absent-{absent.item.replace('.', '-')}",
        name=absent.label,
        value="",
        flag="",
        level="",
        unit="",
        status="",
        since="",
        spark=None,
        date="",
        age="",
        range="",
        source="",
        sources=answer.sources,
        reasons=tuple(reason.words for reason in absent.reasons),
        state=answer,
        importance=absent.importance,
    )


def state(desk: Desk, absent: Absent) -> State:
    """Nothing recorded, or not retrieved: whatever the sources of this item answered.

    Where they answered in full but were not asked for what is older, that is said instead, unless the whole record was
    asked for because the time asked for first brought nothing of its kind at all. A report that names the
    item is pointed to; beside a source that failed, the failure leads.
    """
    found = desk.states.nothing(absent.sections)
    told = reported.state(desk, absent)
    if told is not None and found.word == wording.NOTHING_RECORDED.word:
        return told
    if told is not None:
        detail = f"{found.detail} · in report: {told.detail}".strip(" ·")
        return msgspec.structs.replace(found, detail=detail, sources=told.sources)
    unasked = absent.due.state == "unknown" and not desk.states.asked_whole(absent.sections)
    if unasked and found.word == wording.NOTHING_RECORDED.word:
        back = asked_back(absent.sections, desk.visit.setting) or _YEAR[1]
        lately = wording.state(wording.OLDER_NOT_ASKED, absent.due.words)
        return msgspec.structs.replace(lately, word=f"None in the last {back}")
    return found


def asked_back(sections: Collection[Section], setting: str) -> str:
    """How far back these are asked for by kind, the shortest of them; "" when their whole record is asked for.

    Vital signs at a bedside are asked for less far back than at a visit.
    """
    found = [_BACK[section] for section in sections if section in _BACK]
    if Section.VITALS in sections and setting != "clinic":
        found.append(_BEDSIDE)
    return min(found)[1] if found else ""


def nothing(desk: Desk, sections: tuple[Section, ...]) -> State:
    """What finding nothing of these means: that none is recorded is never said of what was not asked for."""
    found = desk.states.nothing(sections)
    back = asked_back(sections, desk.visit.setting)
    empty = found.word == wording.NOTHING_RECORDED.word
    if not back or not empty or desk.states.asked_whole(sections):
        return found
    lately = wording.state(
        wording.OLDER_NOT_ASKED, "older ones are asked for only if the visit lists them"
    )
    return msgspec.structs.replace(lately, word=f"None in the last {back}")
