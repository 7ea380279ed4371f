"""The list blocks: medications, problems, exams and vaccines, reports and notes."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import Absent, Due, Immunization, Item, Problem, Procedure, Ranked
from clinical.summary import (
    allergies,
    diagnoses,
    fmt,
    medicines,
    microbiology,
    problems,
    safety,
    sections,
    studies,
)
from clinical.summary.desk import Desk
from clinical.summary.fold import Draft, Row
from clinical.summary.tables import absent_lines
from clinical.summary.view_model import Group, ListRow

_FLOOR_MEDICINES = ("anticoag", "high_alert_meds", "adverse_reaction_meds")
_EXAM_PREFIX = ("proc.", "imm.")
_NAMED = 2  # organisms in the heading of the other cultures
_CAPPED = 60  # rows of a closed group that stand in the page; the rest come on opening


def _absent(desk: Desk, *prefixes: str) -> tuple[list[Absent], list[Absent]]:
    found = [a for a in desk.ranking.absent if a.item.split(".", 1)[0] in prefixes]
    return [a for a in found if a.importance == "must"], [
        a for a in found if a.importance == "should"
    ]


def _group(label: str, rows: Sequence[ListRow], count: int | None = None) -> tuple[Group, ...]:
    total = len(rows) if count is None else count
    if not total:
        return ()
    abnormal = sum(1 for row in rows if row.level)
    return (Group(label=label, rows=tuple(rows[:_CAPPED]), count=total, abnormal=abnormal),)


# ---- medications ----------------------------------------------------------------------------------------------


def medications(desk: Desk) -> Draft:
    """Medicines of this visit and of the floor open; other current ones and earlier ones closed."""
    must: list[Row] = []
    should: list[Row] = []
    other: list[ListRow] = []
    closed: list[medicines.Course] = []
    past: list[ListRow] = []
    stay: list[ListRow] = []
    barred = {item.key for item in allergies.forbidden(desk)}  # they stand in the safety line
    for entry in desk.in_order(("medication",)):
        if entry.key in barred:
            continue
        found = medicines.course(desk, desk.items[entry.key])
        row = medicines.row(desk, found)
        if _must_medicine(desk, entry, found):
            must.append(row)
        elif entry.importance == "should":
            should.append(row)
        elif found.current and medicines.of_an_ended_stay(desk, found):
            stay.append(row)
        elif found.current:
            other.append(row)
            closed.append(found)
        else:
            past.append(row)
    _take(desk, (*must, *should))
    absent_must, absent_should = _absent(desk, "med")
    must += absent_lines(desk, absent_must)
    should += absent_lines(desk, absent_should)
    rest = (
        _group(f"{medicines.counted(closed, 'more active')}, none high-alert", other)
        + _group(fmt.plural(len(stay), "order of an ended stay", "orders of ended stays"), stay)
        + _group(f"{len(past)} earlier", past)
    )
    return Draft(key="medications", fixed=tuple(must), more=tuple(should), rest=rest, extra_lines=1)


def _must_medicine(desk: Desk, entry: Ranked, found: medicines.Course) -> bool:
    if entry.importance == "must" or desk.floor(entry.key, *_FLOOR_MEDICINES):
        return True
    return found.happened == "stopped" and entry.importance == "should"


def current_counts(desk: Desk) -> str:
    """Medicines with a current entry by their status, orders of ended stays left out; "" for none."""
    courses = [medicines.course(desk, item) for item in desk.chart.medications]
    return medicines.counted(
        one for one in courses if one.current and not medicines.of_an_ended_stay(desk, one)
    )


# ---- problems -------------------------------------------------------------------------------------------------


def problem_list(desk: Desk) -> Draft:
    """Problems of this visit open; other active ones, past ones and diagnoses of visits closed.

    Where there are diagnoses of visits only, and none has a status, those of the last visit stand open.
    """
    must: list[Row] = []
    should: list[Row] = []
    other: list[ListRow] = []
    past: list[ListRow] = []
    visits: list[ListRow] = []
    said = safety.restated(desk)
    last = diagnoses.of_visits(desk)
    for entry in sorted(desk.in_order(("problem",)), key=lambda one: problems.standing(desk, one)):
        item = desk.items[entry.key]
        record = problems.lead(item)
        of_last = last is not None and entry.key in last.keys
        row = problems.row(desk, item, bare=of_last)
        floor = desk.floor(entry.key) and problems.is_active(record) and entry.key not in said
        if entry.importance == "must" or floor:
            must.append(row)
        elif entry.importance == "should" or of_last:
            should.append(row)
        else:
            _pile(record, other, past, visits).append(row)
    _take(desk, (*must, *should))
    absent_must, absent_should = _absent(desk, "cond")
    must += absent_lines(desk, absent_must)
    should += absent_lines(desk, absent_should)
    rest = (
        _group(f"{len(other)} other active", other)
        + _group(f"{len(past)} resolved or inactive", past)
        + _group(
            fmt.plural(len(visits), "diagnosis of earlier visits", "diagnoses of earlier visits"),
            visits,
        )
    )
    more = "more of that visit" if last is not None else "more for this visit"
    return Draft(key="problems", fixed=tuple(must), more=tuple(should), rest=rest, more_label=more)


def _pile(
    record: Problem, other: list[ListRow], past: list[ListRow], visits: list[ListRow]
) -> list[ListRow]:
    if not problems.is_listed(record):
        return visits
    return other if problems.is_active(record) else past


# ---- exams and vaccines ---------------------------------------------------------------------------------------


def exams(desk: Desk) -> Draft:
    """Exams and vaccines that this visit lists: one row each with its newest date; the others closed."""
    grouped: dict[str, list[Ranked]] = {}
    others: list[Item] = []
    for entry in desk.in_order(
        ("procedure", "report", "study", "immunization", "document", "device")
    ):
        name = next((listed for listed in entry.listed if listed.startswith(_EXAM_PREFIX)), "")
        if name and entry.importance in ("must", "should"):
            # Two catheters are two; of two chest X-rays the newer one counts.
            place = entry.key if entry.kind == "device" else name
            grouped.setdefault(place, []).append(entry)
        elif entry.kind in ("procedure", "immunization"):
            others.append(desk.items[entry.key])
    must: list[ListRow] = []
    should: list[ListRow] = []
    for entries in grouped.values():
        row = _exam(desk, entries)
        (must if any(e.importance == "must" for e in entries) else should).append(row)
    # One line for all of them, after what is late: that nothing is recorded of a vaccine is what is asked. In the ED
    # what there is to compare with comes first.
    absent_must, absent_should = _absent(desk, "proc", "imm")
    nothing = absent_lines(desk, [*absent_must, *absent_should])
    if desk.visit.setting == "clinic":
        late = [row for row in must if row.glyph == "clock"]
        done = [row for row in must if row.glyph != "clock"]
        done.sort(key=lambda row: not row.key.startswith("immunization"))
        must = [*late, *nothing, *done]
    else:
        must += nothing
    return Draft(
        key="exams", fixed=tuple(must), more=tuple(should), rest=_other_exams(desk, others)
    )


def _exam(desk: Desk, entries: Sequence[Ranked]) -> ListRow:
    items = [desk.items[entry.key] for entry in entries]
    items.sort(key=lambda item: (_stamp(item), item.key), reverse=True)
    due = next((entry.due for entry in entries if entry.due.state), Due())
    desk.taken.update(item.key for item in items)
    return studies.exam_row(desk, items, due)


def _stamp(item: Item) -> float:
    time = studies.time_of(item.lead)
    return time.start.timestamp() if time is not None else float("-inf")


def _other_exams(desk: Desk, others: Sequence[Item]) -> tuple[Group, ...]:
    newest_first = sorted(others, key=lambda item: (-_stamp(item), item.key))
    procedures = [item for item in newest_first if isinstance(item.lead, Procedure)]
    vaccines = [item for item in newest_first if isinstance(item.lead, Immunization)]
    return _group(
        fmt.plural(len(procedures), "other procedure"),
        [plain_row(desk, item) for item in procedures],
    ) + _group(
        fmt.plural(len(vaccines), "other vaccine"), [plain_row(desk, item) for item in vaccines]
    )


def plain_row(desk: Desk, item: Item) -> ListRow:
    """An exam or vaccine outside the list of this visit."""
    return studies.exam_row(desk, [item], Due())


# ---- reports and notes ----------------------------------------------------------------------------------------


def reports(desk: Desk) -> Draft:
    """Reports and notes of this visit and of the floor open; the others closed, and the new ones counted.

    What is new of them is told once, under what changed. Where the visit is not known, new ones stand open.
    """
    must: list[Row] = []
    should: list[Row] = []
    other: list[ListRow] = []
    cultures: list[Item] = []
    for entry in desk.in_order(("microbiology",)):
        _culture(desk, entry, must, should, cultures)
    count = fresh = 0
    for entry in desk.in_order(("report", "document", "study")):
        if entry.key in desk.taken:
            continue
        item = desk.items[entry.key]
        listed = entry.importance in ("must", "should")
        new = desk.is_new(studies.time_of(item.lead))
        if entry.importance == "must" or desk.floor(entry.key):
            must.append(studies.report_row(desk, item))
        elif listed or (new and not desk.visit.sure):
            should.append(studies.report_row(desk, item))
        else:
            count += 1
            fresh += new
            if len(other) < _CAPPED:
                other.append(studies.report_row(desk, item))
    _take(desk, (*must, *should))
    rest = _other_cultures(desk, cultures) + _group(
        f"{count} not for this visit{f', {fresh} new' if fresh else ''}", other, count
    )
    return Draft(key="reports", fixed=tuple(must), more=tuple(should), rest=rest)


def _culture(
    desk: Desk, entry: Ranked, must: list[Row], should: list[Row], closed: list[Item]
) -> None:
    """A culture of this visit, of the floor, pending or new stands open; the others are counted."""
    item = desk.items[entry.key]
    row = microbiology.row(desk, item)
    if entry.importance == "must" or desk.floor(entry.key):
        must.append(row)
    elif (
        entry.importance == "should"
        or microbiology.is_pending(item)
        or microbiology.is_new(desk, item)
    ):
        should.append(row)
    else:
        closed.append(item)


def _other_cultures(desk: Desk, cultures: Sequence[Item]) -> tuple[Group, ...]:
    """The newest first. What grew is named in the heading: a count alone would hide it among those that grew nothing."""
    newest_first = sorted(cultures, key=lambda item: (-_stamp(item), item.key))
    grown = dict.fromkeys(one.name for item in newest_first for one in microbiology.isolates(item))
    told = [*list(grown)[:_NAMED], *(["others"] if len(grown) > _NAMED else [])]
    among = f", {fmt.joined(told)} among them" if told else ""
    rows = [microbiology.row(desk, item) for item in newest_first]
    return _group(f"{fmt.plural(len(cultures), 'other culture')}{among}", rows)


def _take(desk: Desk, rows: Sequence[Row]) -> None:
    desk.taken.update(row.key for row in rows)


SECTIONS = {
    "medications": sections.MEDICATIONS,
    "problems": sections.PROBLEMS,
    "exams": sections.EXAMS,
    "reports": sections.REPORTS,
}
