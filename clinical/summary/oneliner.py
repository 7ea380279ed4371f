"""The one-liner: at most 320 characters built from facts on record, the most urgent first, every clause with its source.

When room runs out the least urgent clause goes; a critical or new abnormal result never does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from clinical.records import Encounter, Frozen, Item, Patient, Problem, Section
from clinical.summary import (
    delta,
    diagnoses,
    events,
    fmt,
    leading,
    names,
    problems,
    stays,
    together,
    values,
)
from clinical.summary.desk import Desk, item_tokens, point_tokens
from clinical.summary.view_model import Part

LIMIT = 320
_MOST_PROBLEMS = 4
_REASON = 90  # characters; a longer reason of a stay is not told here at all: it is never cut
_MOST = 3  # results that open it; critical ones beyond are counted
_VAGUE = re.compile(r"\b(?:unspecified|without complications?)\b", re.IGNORECASE)
_SEX = {"female": ("woman", "girl"), "male": ("man", "boy")}


class Clause(Frozen, frozen=True):
    """parts: words without the stop that ends a sentence. urgency: lower goes later. join: how it
    follows another clause of its group."""

    parts: tuple[Part, ...]
    urgency: int
    group: str
    join: str = ", "

    @property
    def href_first(self) -> bool:
        """Whether it names something that has a row of its own."""
        return bool(self.parts[0].href)

    @property
    def length(self) -> int:
        return sum(len(part.text) for part in self.parts)


def build(desk: Desk) -> tuple[Part, ...]:
    """The one-liner as runs of text; always ends with a full stop."""
    clauses = [*_gap(desk), *_urgent(desk), *_who(desk), *_changes(desk), *_overdue(desk)]
    kept = _fitting(clauses)
    return _joined(desk, kept)


# ---- clauses --------------------------------------------------------------------------------------------------


def _gap(desk: Desk) -> list[Clause]:
    """A chart of which a source failed says so in its first sentence."""
    failed = [s for s in desk.states.servers if desk.states.failed(s)]
    if not failed:
        return []
    who = fmt.joined([desk.name(server) for server in failed])
    text = f"This chart is incomplete: {who} not retrieved"
    return [Clause(parts=(Part(text=text, strong=True),), urgency=1, group="gap")]


def _urgent(desk: Desk) -> list[Clause]:
    """Every critical result, else the new abnormal ones of today, else the most urgent one of the floor.

    Critical ones and the first of all are never left out.
    """
    critical, others = leading.leading(desk)
    found = [
        Clause(parts=leading.said(desk, one), urgency=0, group="urgent") for one in critical[:_MOST]
    ]
    if len(critical) > _MOST:
        more = Part(text=f"{len(critical) - _MOST} more critical", strong=True, level="crit")
        found.append(Clause(parts=(more,), urgency=0, group="urgent"))
    for entry in others[: max(0, _MOST - len(found))]:
        urgency = 3 + len(found) if found else 0
        found.append(Clause(parts=leading.said(desk, entry), urgency=urgency, group="urgent"))
    return found


def _who(desk: Desk) -> list[Clause]:
    """ "68-year-old woman with type 2 diabetes, CKD": active listed problems, those of this visit first."""
    person = Part(text=_person(desk), sources=_patient_tokens(desk))
    found = [Clause(parts=(person,), urgency=10, group="who")]
    main = _main_problems(desk)
    stay = _here_for(desk, [item.label for item in main[:2]])
    said = _words(stay[0].parts[0].text) if stay else set()
    told = [item for item in main if not _words(names.spoken(item.label)) <= said]
    for index, item in enumerate(told):
        text = names.spoken(item.label)
        part = Part(text=text, sources=item_tokens(item), href=f"#row-{item.key}")
        # The first two say who this is; the others give way to what changed.
        urgency = 12 + index if index < 2 else 40 + index
        join = ", " if index else " with "
        found.append(Clause(parts=(part,), urgency=urgency, group="who", join=join))
    found += _of_visits(desk)
    found += stay
    unseen = desk.last_seen is None and not desk.states.gaps((Section.ENCOUNTERS,))
    if unseen and (none := names.lower_first(stays.none_before(desk))):
        words = Part(text=f"{none} in 2 years", sources=_patient_tokens(desk))
        found.append(Clause(parts=(words,), urgency=15, group="who"))
    return found


def _of_visits(desk: Desk) -> list[Clause]:
    """ "with 20 diagnoses of visits, status not recorded: pneumonia, hyponatremia", where there are no others."""
    bare = diagnoses.of_visits(desk)
    if bare is None:
        return []
    listed = diagnoses.leading(desk, _MOST)
    tokens = tuple(token for item in listed for token in item_tokens(item))
    counted = Part(text=bare.counted, sources=tokens, href="#block-problems")
    found = [Clause(parts=(counted,), urgency=12, group="who", join=" with ")]
    for index, item in enumerate(listed):
        text, href = names.spoken(item.label), f"#row-{item.key}"
        part = Part(text=text, sources=item_tokens(item), href=href)
        join = ", " if index else ": "
        found.append(Clause(parts=(part,), urgency=13 + index, group="who", join=join))
    return found


def _here_for(desk: Desk, told: Sequence[str]) -> list[Clause]:
    """In a bed or in the ED: the reason of the stay in its own words, unless a problem that is told says the same."""
    if desk.visit.setting == "clinic" or not desk.visit.encounter:
        return []
    for item in desk.chart.encounters:
        record = item.lead
        if not isinstance(record, Encounter) or not events.is_opened(desk, record):
            continue
        text = next((one.text for one in record.reasons if one.text), "")
        reason = " ".join(names.spoken(text).split())
        if 0 < len(reason) <= _REASON and not any(_words(text) <= _words(one) for one in told):
            part = Part(text=f"here for {reason}", sources=item_tokens(item))
            return [Clause(parts=(part,), urgency=11, group="who", join="; ")]
    return []


def _person(desk: Desk) -> str:
    patient = desk.chart.patients[0] if desk.chart.patients else None
    adult, child = _SEX.get(patient.sex if patient is not None else "", ("patient", "child"))
    if patient is not None and (patient.deceased or patient.deceased_at is not None):
        return _dead(patient, adult)
    years = fmt.years_old(patient.birth, desk.today) if patient is not None else None
    if years is None:
        return f"{adult.capitalize()} of unknown age"
    if years < 2 and patient is not None:
        return f"{fmt.age_words(patient.birth, desk.today)} old {child}"
    return f"{years}-year-old {adult if years >= 18 else child}"


def _dead(patient: Patient, noun: str) -> str:
    """ "Woman who died at 84 y": nobody who is dead has the age of today."""
    on = patient.deceased_at.start.date() if patient.deceased_at is not None else None
    age = fmt.age_words(patient.birth, on) if on is not None else ""
    words = f"{noun.capitalize()} who died"
    return f"{words} at {age}" if age else words


def _patient_tokens(desk: Desk) -> tuple[str, ...]:
    return tuple(patient.source.token for patient in desk.chart.patients[:1])


def _main_problems(desk: Desk) -> list[Item]:
    found = []
    ranked = sorted(desk.in_order(("problem",)), key=lambda entry: problems.standing(desk, entry))
    for entry in ranked:
        item = desk.items[entry.key]
        record = item.lead
        wanted = entry.importance in ("must", "should") or bool(entry.floor)
        if (
            wanted
            and isinstance(record, Problem)
            and problems.is_active(record)
            and problems.is_listed(record)
        ):
            found.append(item)
    return [item for item in found if not _said_closer(item, found)][:_MOST_PROBLEMS]


def _said_closer(item: Item, others: Sequence[Item]) -> bool:
    """Whether an unspecified diagnosis stands beside one that says the same and more."""
    if not _VAGUE.search(item.label):
        return False
    own = _words(_VAGUE.sub("", item.label))
    return any(
        one is not item and not _VAGUE.search(one.label) and own <= _words(one.label)
        for one in others
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def _changes(desk: Desk) -> list[Clause]:
    """Changed results of this visit, then medicines, visits elsewhere and problems, newest first."""
    if desk.last_seen is None:
        return []
    found: list[Clause] = []
    critical, others = leading.leading(desk)
    named = {entry.key for entry in [*critical, *others][:_MOST]}
    for row in events.changed_results(desk):
        if row.key not in named and events.is_changed(desk, row) and len(found) < 3:
            found.append(
                Clause(parts=_change(desk, row.key), urgency=20 + len(found), group="since")
            )
    for event in sorted(events.all_events(desk), key=_weight)[:5]:
        part = Part(text=event.short, sources=event.sources)
        found.append(Clause(parts=(part,), urgency=30 + len(found), group="since"))
    if not found:
        found = [Clause(parts=(Part(text="no change retrieved"),), urgency=60, group="since")]
    return found


def _weight(event: events.Event) -> int:
    """Stays and ED visits first, then problems and medicines; the order within stays newest first."""
    if event.kind == "encounter":
        return 0 if event.short.startswith(("ED ", "Hospital", "Observation")) else 4
    return {"problem": 1, "medicine": 2}.get(event.kind, 3)


def _change(desk: Desk, key: str) -> tuple[Part, ...]:
    row = desk.series[key]
    before = delta.compared_with(desk, row)
    shown = together.shown(desk.judge, row)
    was = values.was(desk.judge, before, row.latest.record) if before is not None else ""
    unit = f" {shown.unit}" if shown.unit == "%" else ""
    tokens, href = point_tokens(row.latest), f"#row-{key}"
    value = f"{shown.text}{unit} {shown.flag}".strip()
    lead = f"{desk.called(row)} {was} → " if was else f"{desk.called(row)} "
    return (
        Part(text=lead, sources=tokens, href=href),
        Part(text=value, level=shown.level, strong=bool(shown.level), sources=tokens, href=href),
    )


def _overdue(desk: Desk) -> list[Clause]:
    found: list[Clause] = []
    for entry in desk.ranking.ranked:
        if entry.due.state != "overdue" or entry.importance != "must":
            continue
        tokens = (
            point_tokens(desk.series[entry.key].latest)
            if entry.kind == "series"
            else item_tokens(desk.items[entry.key])
        )
        text = f"{desk.name_of(entry)} {entry.due.words or 'overdue'}"
        found.append(
            Clause(
                parts=(Part(text=text, sources=tokens),), urgency=50 + len(found), group="overdue"
            )
        )
    return found[:3]


# ---- fitting and joining --------------------------------------------------------------------------------------


def _fitting(clauses: Sequence[Clause]) -> list[Clause]:
    """The most urgent clauses that fit, in the order in which they are told."""
    kept: list[Clause] = []
    for clause in sorted(clauses, key=lambda c: c.urgency):
        if _length([*kept, clause]) <= LIMIT:
            kept.append(clause)
        elif clause.group != "who":  # nothing less urgent takes the place of what had to go
            break
    return _in_order(clauses, kept)


def _in_order(clauses: Sequence[Clause], kept: Sequence[Clause]) -> list[Clause]:
    groups = list(dict.fromkeys(clause.group for clause in clauses))
    urgency = {id(clause): place for place, clause in enumerate(clauses)}
    return sorted(kept, key=lambda c: (groups.index(c.group), urgency.get(id(c), 0)))


def _length(clauses: Sequence[Clause]) -> int:
    # Two characters join each clause to the next, " with " four more, and the since clause has a lead of up to 20.
    lead = 20 if any(c.group == "since" for c in clauses) else 0
    lead += 4 if any(c.group == "who" and c.href_first for c in clauses) else 0
    return sum(clause.length + 2 for clause in clauses) + lead


def _join(clause: Clause, told: Sequence[Part]) -> str:
    """A second problem whose first was left out still follows " with "."""
    if (
        clause.group == "who"
        and clause.join == ", "
        and clause.href_first
        and " with " not in [p.text for p in told]
    ):
        return " with "
    return clause.join


def _joined(desk: Desk, kept: Sequence[Clause]) -> tuple[Part, ...]:
    parts: list[Part] = []
    last = ""
    for clause in kept:
        same = clause.group == last
        if parts:
            parts.append(Part(text=_join(clause, parts) if same else ". "))
        if clause.group == "since" and not same:
            parts.append(Part(text=f"Since {desk.since_words}: "))
        parts += clause.parts
        last = clause.group
    parts.append(Part(text="."))
    return tuple(parts)
