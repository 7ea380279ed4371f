"""The last line of the page: past, surgical, family and social history, and what became of referrals."""

from __future__ import annotations

from clinical.judgement import surgery
from clinical.records import FamilyHistory, Item, Order, Procedure, Section
from clinical.summary import fmt, names, problems, rows, together
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import ListRow, Part

_MOST = 3
_PROCEDURES = (Section.PROCEDURES,)
_REFERRAL = ("referral", "consult", "3457005", "306206005")


def build(desk: Desk) -> tuple[ListRow, ...]:
    """One row per kind of history; each keeps its place and says so when there is nothing."""
    return (_past(desk), _surgical(desk), _family(desk), _social(desk), _referrals(desk))


def _row(key: str, label: str, parts: list[Part], tokens: list[str], href: str = "") -> ListRow:
    lead = Part(text=f"{label} ", muted=True, strong=True)
    return ListRow(
        key=f"history-{key}", parts=(lead, *parts), sources=tuple(dict.fromkeys(tokens)), href=href
    )


def _empty(desk: Desk, key: str, label: str, *sections: Section) -> ListRow:
    state = desk.states.nothing(sections)
    return ListRow(
        key=f"history-{key}",
        parts=(Part(text=f"{label} ", muted=True, strong=True),),
        glyph=state.glyph,
        state=state,
    )


def _past(desk: Desk) -> ListRow:
    """Past problems are counted; those of this visit already stand in their list."""
    count = sum(
        1
        for item in desk.chart.problems
        if problems.is_listed(problems.lead(item)) and not problems.is_active(problems.lead(item))
    )
    if not count:
        return _empty(desk, "past", "Past", Section.PROBLEMS)
    text = f"{fmt.plural(count, 'problem')} resolved or inactive, under Problems"
    return _row("past", "Past", [Part(text=text)], [], "#block-problems")


def _surgical(desk: Desk) -> ListRow:
    """Operations are counted, and beside them what is not known to be one, and what was not begun."""
    found = [
        record
        for item in desk.chart.procedures
        if isinstance(record := item.lead, Procedure) and record.status != "not-done"
    ]
    if not found:
        return _empty(desk, "surgical", "Surgical", Section.PROCEDURES)
    done = [record for record in found if record.status != "preparation"]
    count = sum(map(surgery.is_operation, done))
    others = len(done) - count
    told = [fmt.plural(count, "operation")] if count else []
    told += [fmt.plural(others, "other procedure" if count else "procedure")] if others else []
    said = [fmt.joined(told) + ("" if count else ", none known to be an operation")] if done else []
    if ahead := len(found) - len(done):
        said.append(f"{ahead} in preparation")
    text = f"{', '.join(said)}, under Exams"
    gaps = [Part(text=f" · {s.word} {s.detail}") for s in desk.states.gap_states(_PROCEDURES)]
    return _row("surgical", "Surgical", [Part(text=text), *gaps], [], "#block-exams")


def family_words(item: Item) -> str:
    """What is recorded of a relative, with the relative; "" for anything else."""
    found = [record for record in item.members if isinstance(record, FamilyHistory)]
    return "; ".join(dict.fromkeys(_relative_words(record) for record in found))


def _relative_words(record: FamilyHistory) -> str:
    """ "father: myocardial infarction (at 57 y)"; that the health is not known, or nothing stated."""
    told = ", ".join(
        f"{names.lower_first(c.text)}{f' ({age})' if age else ''}" for c, age in record.conditions
    )
    unknown = "not known" if record.status == "health-unknown" else "nothing stated"
    return f"{record.relationship}: {told or unknown}"


def _family(desk: Desk) -> ListRow:
    parts: list[Part] = []
    tokens: list[str] = []
    for item in desk.chart.family:
        record = item.lead
        if not isinstance(record, FamilyHistory):
            continue
        text = _relative_words(record)
        desk.taken.add(item.key)
        parts.append(Part(text=("; " if parts else "") + text, sources=item_tokens(item)))
        tokens += item_tokens(item)
    return (
        _row("family", "Family", parts, tokens)
        if parts
        else _empty(desk, "family", "Family", Section.FAMILY)
    )


def _social(desk: Desk) -> ListRow:
    """Social history that the visit lists or that stands on the floor, and smoking; the rest is counted."""
    parts: list[Part] = []
    tokens: list[str] = []
    more = 0
    for entry in desk.in_order(("series",)):
        row = desk.series[entry.key]
        if row.category != "social-history":
            continue
        if (
            entry.importance not in ("must", "should")
            and not entry.floor
            and "smok" not in row.label.lower()
        ):
            more += 1
            continue
        also = together.also(desk.judge, row)
        text = f"{desk.called(row)}: {together.shown(desk.judge, row).text}"
        text += f" ({also})" if also else ""
        own = rows.tokens_of_latest(row)
        parts.append(Part(text=("; " if parts else "") + text, sources=own))
        tokens += own
        desk.taken.add(row.key)
    if more:
        parts.append(Part(text=f"{'; ' if parts else ''}{more} more, under Vitals", muted=True))
    return (
        _row("social", "Social", parts, tokens)
        if parts
        else _empty(desk, "social", "Social", Section.SOCIAL)
    )


def _referrals(desk: Desk) -> ListRow:
    parts: list[Part] = []
    tokens: list[str] = []
    for item in desk.chart.orders:
        record = item.lead
        if (
            not isinstance(record, Order)
            or record.avoid
            or not _is_referral(record)
            or record.status not in ("active", "completed", "on-hold")
        ):
            continue
        if len(tokens) >= _MOST:
            break
        desk.taken.add(item.key)
        became = {
            "active": "ordered, no report linked",
            "on-hold": "on hold",
            "completed": "completed",
        }[record.status]
        text = f"{names.test(item.label)} {desk.when_short(record.authored)}, {became}"
        parts.append(Part(text=("; " if parts else "") + text, sources=item_tokens(item)))
        tokens += item_tokens(item)
    return (
        _row("referrals", "Referrals", parts, tokens)
        if parts
        else _empty(desk, "referrals", "Referrals", Section.ORDERS)
    )


def _is_referral(record: Order) -> bool:
    told = f"{record.concept.text} {record.category}".lower()
    return any(word in told for word in _REFERRAL)
