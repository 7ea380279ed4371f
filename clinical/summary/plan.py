"""The last plan: the assessment and plan of the latest note, word for word, dated, with its author."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clinical.records import CarePlan, Document, Item
from clinical.summary import sections, wording
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import LastPlan

# Headings of the part that is wanted, at the start of a line: "Assessment and plan:", "A/P", "PLAN" …
_PLAN = re.compile(
    r"^[ \t]*#*[ \t]*(?:\d+[.)][ \t]*)?(assessment\s*(?:and|&|/|\+)\s*plan|a\s*[/&]\s*p|impression\s*(?:and|&|/)\s*plan|plan of care|plan|recommendations?)"
    r"[ \t]*(?::|\.|-|–|$)[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(
    r"^[ \t]*(?i:electronically signed|signed|attestation)\b|^[ \t]*#*[ \t]*[A-Z][A-Za-z/& ]{2,40}:?[ \t]*$|^[ \t]*[A-Z][A-Z /&]{3,40}:",
    re.MULTILINE,
)
_LONGEST = 420


def build(desk: Desk) -> LastPlan:
    """This clinician's latest plan, else the department's, else anybody's; an honest state when there is none."""
    notes = _notes(desk)
    own = [item for item in notes if _is_own(desk, item)]
    department = [item for item in notes if _is_department(desk, item)]
    for group in (own, department, notes):
        for item in group:
            text = plan_of(item)
            if text:
                return _plan(desk, item, text, own=group is own)
    return _care_plan(desk) or _none(desk, notes)


def _notes(desk: Desk) -> list[Item]:
    dated = [
        item
        for item in desk.chart.documents
        if isinstance(item.lead, Document)
        and item.lead.status not in ("superseded", "entered-in-error")
    ]
    return sorted(dated, key=_newest_first)


def _newest_first(item: Item) -> tuple[float, str]:
    record = item.lead
    written = record.written if isinstance(record, Document) else None
    return -(written.start.timestamp() if written is not None else 0.0), item.key


def _is_own(desk: Desk, item: Item) -> bool:
    record = item.lead
    if not isinstance(record, Document):
        return False
    mine = desk.viewer.practitioners.get(record.source.server, ())
    return any(author.target in mine for author in record.authors if author.target)


def _is_department(desk: Desk, item: Item) -> bool:
    record = item.lead
    wanted = desk.viewer.department.lower()
    if not wanted or not isinstance(record, Document):
        return False
    told = " ".join(
        [record.concept.text, record.category, *(a.display for a in record.authors)]
    ).lower()
    return wanted in told


def plan_of(item: Item) -> str:
    """The plan part of a note's plain text, unchanged but for line ends; "" when it has none that we can read."""
    record = item.lead
    texts = [a.text for a in record.attachments if a.text] if isinstance(record, Document) else []
    for text in texts:
        found = section_of(text)
        if found:
            return found
    return ""


def section_of(text: str) -> str:
    """What stands under the heading of the plan, up to the next heading."""
    match = _PLAN.search(text)
    if match is None:
        return ""
    rest = text[match.end() :]
    end = _HEADING.search(rest, pos=_first_line_end(rest))
    words = " ".join((rest[: end.start()] if end else rest).split())
    if len(words) > _LONGEST:
        return words[:_LONGEST].rsplit(" ", 1)[0] + " [the note goes on]"
    return words


def _first_line_end(text: str) -> int:
    stripped = len(text) - len(text.lstrip())
    line = text.find("\n", stripped)
    return line if line >= 0 else len(text)


def _plan(desk: Desk, item: Item, text: str, *, own: bool) -> LastPlan:
    record = item.lead
    desk.taken.add(item.key)
    authors = (
        ", ".join(a.display for a in record.authors if a.display)
        if isinstance(record, Document)
        else ""
    )
    written = record.written if isinstance(record, Document) else None
    by = "you" if own else authors or desk.name(record.source.server)
    return LastPlan(
        by=by, date=desk.when(written), text=text, sources=item_tokens(item), note=item.key
    )


def _care_plan(desk: Desk) -> LastPlan | None:
    """An assessment-and-plan that the source sends as a CarePlan of its own (US Core)."""
    found = [
        item
        for item in desk.chart.care_plans
        if isinstance(item.lead, CarePlan)
        and item.lead.category == "assess-plan"
        and item.lead.description
    ]
    for item in sorted(found, key=lambda i: (-_started(i), i.key)):
        record = item.lead
        if isinstance(record, CarePlan):
            text = " ".join(record.description.split())
            return LastPlan(
                by=desk.name(record.source.server),
                date=desk.when(record.period),
                text=text,
                sources=item_tokens(item),
            )
    return None


def _started(item: Item) -> float:
    record = item.lead
    return (
        record.period.start.timestamp()
        if isinstance(record, CarePlan) and record.period is not None
        else 0.0
    )


def _none(desk: Desk, notes: Sequence[Item]) -> LastPlan:
    if not notes:
        return LastPlan(state=desk.states.nothing(sections.NOTES, "no note to read a plan from"))
    newest = notes[0]
    record = newest.lead
    written = record.written if isinstance(record, Document) else None
    count = "the 1 note" if len(notes) == 1 else f"the {len(notes)} notes"
    detail = f"in {count} retrieved, latest {desk.name(record.source.server)} {desk.when(written)}"
    state = wording.state(wording.NO_PLAN, detail)
    return LastPlan(
        date=desk.when(written), sources=item_tokens(newest), state=state, note=newest.key
    )
