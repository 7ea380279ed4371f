"""Where the entries of one item disagree in a way that could change care. Both sides are always kept, worst first.

A difference in wording alone is no conflict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

import msgspec

from clinical.judgement import dose, is_severe
from clinical.reconcile.severity import (
    allergy_status,
    medication_is_current,
    problem_is_active,
)
from clinical.records import Allergy, Conflict, FhirTime, Item, Medication, Problem, Record

Sides = tuple[tuple[str, str], ...]

_OPEN = frozenset({"active", "on-hold", "unknown", ""})
_PLURALS = re.compile(r"\b(\w{3,}?)s\b")
_FREQUENCY = {
    "once daily": "daily", "once a day": "daily", "every day": "daily", "qd": "daily", "one time daily": "daily",
    "1 time per day": "daily", "every 24 hours": "daily", "each day": "daily", "od": "daily",
    "two times daily": "bid", "2 times daily": "bid", "twice daily": "bid", "twice a day": "bid",
    "2 times a day": "bid", "every 12 hours": "bid", "two times a day": "bid",
    "three times daily": "tid", "3 times daily": "tid", "three times a day": "tid", "3 times a day": "tid",
    "four times daily": "qid", "4 times daily": "qid", "four times a day": "qid",
    "at night": "nightly", "at bedtime": "nightly", "qhs": "nightly", "every night": "nightly",
    "by mouth": "", "orally": "", "oral": "", "po": "", "take": "", "inject": "", "inhale": "",
    "one": "1", "two": "2", "three": "3", "half": "0.5", "mgs": "mg",
}  # fmt: skip
_SHORTER = tuple(
    (phrase, re.compile(rf"\b{re.escape(phrase)}\b"), short) for phrase, short in _FREQUENCY.items()
)


def find(kind: str, members: Sequence[Record]) -> tuple[Conflict, ...]:
    """Conflicts among the members of one item (worst first)."""
    rule = _RULES.get(kind)
    return tuple(rule(members)) if rule is not None else ()


def _differing(what: str, said: list[tuple[str, str, str]]) -> list[Conflict]:
    """said: (comparison form, server, words). One conflict when the comparison forms are not all the same."""
    if len({form for form, _, _ in said}) < 2:
        return []
    sides = dict.fromkeys((server, text) for _, server, text in said)
    return [Conflict(what=what, sides=tuple(sides))]


def _server(record: Record) -> str:
    return record.source.server


# ---- allergies ------------------------------------------------------------------------------------------------


def allergy_words(record: Allergy) -> str:
    """What this entry says about how dangerous it is: "high, anaphylaxis (severe)", “minor reaction” …"""
    parts = [record.criticality.replace("-", " ")] if record.criticality else []
    for reaction in record.reactions:
        told = ", ".join(m.text for m in reaction.manifestations if m.text) or reaction.text
        graded = (
            f"{told} ({reaction.severity})"
            if told and reaction.severity
            else told or reaction.severity
        )
        if graded:
            parts.append(graded)
    parts += [f"“{note}”" for note in record.notes[:1]] if not parts else []
    status = allergy_status(record)
    if status != "active":
        parts.insert(0, status)
    elif record.verification and record.verification != "confirmed":
        parts.append(record.verification)
    return ", ".join(parts) or "severity not stated"


def _allergy_grade(record: Allergy) -> str:
    if is_severe(record):
        return "severe"
    if record.criticality == "low" or any(
        r.severity in ("mild", "moderate") for r in record.reactions
    ):
        return "not severe"
    return "not stated"


def _allergies(members: Sequence[Allergy]) -> list[Conflict]:
    real = [record for record in members if not record.negation]
    live = [record for record in real if allergy_status(record) == "active"]
    found = _differing(
        "severity", [(_allergy_grade(r), _server(r), allergy_words(r)) for r in live]
    )
    return found + _differing(
        "status", [(allergy_status(r), _server(r), allergy_words(r)) for r in real]
    )


def with_negations(items: list[Item]) -> list[Item]:
    """Mark a "no known allergies" that another entry contradicts: it cancels nothing (rule 4)."""
    real = [
        item
        for item in items
        if isinstance(item.lead, Allergy)
        and not item.lead.negation
        and allergy_status(item.lead) == "active"
    ]
    if not real:
        return items
    return [_marked(item, real) for item in items]


def _marked(item: Item, real: list[Item]) -> Item:
    if not isinstance(item.lead, Allergy) or item.lead.negation != "none-known":
        return item
    scope = item.lead.negation_scope
    against = {(_server(one.lead), one.label) for one in real if _denies(scope, one)}
    if not against:
        return item
    marked = _contradicted(item, tuple(sorted(against)))
    return msgspec.structs.replace(item, conflicts=(*item.conflicts, marked))


_CATEGORY = {"drug": "medication", "food": "food", "environment": "environment"}


def _denies(scope: str, item: Item) -> bool:
    """Whether a denial of this scope is about this allergy; one whose category is not stated may be of any."""
    if scope in ("", "all"):
        return True
    if scope not in _CATEGORY:
        return scope in item.label.lower()
    stated = {c for r in item.members if isinstance(r, Allergy) for c in r.categories}
    return not stated or _CATEGORY[scope] in stated


def _contradicted(item: Item, against: Sides) -> Conflict:
    own = tuple((_server(member), item.label) for member in item.members)
    return Conflict(what="none-known", sides=(*against, *dict.fromkeys(own)))


# ---- problems -------------------------------------------------------------------------------------------------


def _problems(members: Sequence[Problem]) -> list[Conflict]:
    said = []
    for record in members:
        state = (
            "active"
            if problem_is_active(record)
            else (record.verification if record.verification == "refuted" else record.clinical)
        )
        ended = (
            f" {_day(record.abatement)}"
            if record.abatement is not None and state != "active"
            else ""
        )
        said.append((state, _server(record), f"{state}{ended}"))
    return _differing("status", said)


# ---- medicines ------------------------------------------------------------------------------------------------


def _medications(members: Sequence[Medication]) -> list[Conflict]:
    current = [record for record in members if medication_is_current(record)]
    found = _differing_doses(current)
    servers_current = {_server(record) for record in current}
    ended = [
        record
        for record in members
        if record.status not in _OPEN and _server(record) not in servers_current
    ]
    if current and ended:
        newest = {_server(record): record for record in reversed(ended)}
        said = [("active", _server(r), "active") for r in current]
        said += [
            (r.status, server, f"{r.status}{_ended(r)}") for server, r in sorted(newest.items())
        ]
        found += _differing("status", said)
    return found


def _differing_doses(current: Sequence[Medication]) -> list[Conflict]:
    """Doses differ between sources when no entry of one says what an entry of the other says, in words or in code."""
    if not (_told_apart(current) or _coded_apart(current)):
        return []
    sides = tuple(dict.fromkeys((_server(r), dose.with_product(r)) for r in current))
    return [Conflict(what="dose", sides=sides)]


def _told_apart(current: Sequence[Medication]) -> bool:
    forms: dict[str, set[str]] = {}
    for record in current:
        forms.setdefault(_server(record), set()).add(dose_form(record))
    everyone = set[str]().union(*forms.values())
    return any(own != everyone for own in forms.values()) and "" not in everyone


def _coded_apart(current: Sequence[Medication]) -> bool:
    """Whether two entries say the same in words, and another dose in code.

    Two entries of one source only when they name one product: two strengths side by side may be one dose of both.
    """
    unlike = {
        (_server(one), one.concept.text, one.dose_text, one.dose_quantity): one
        for one in current
        if one.dose_quantity is not None
    }
    by_words: dict[str, list[Medication]] = {}
    for one in unlike.values():
        by_words.setdefault(dose_form(one), []).append(one)
    return any(
        dose.differ(one.dose_quantity, other.dose_quantity)
        and (_server(one) != _server(other) or one.concept.text == other.concept.text)
        for alike in by_words.values()
        for one, other in combinations(alike, 2)
    )


def dose_form(record: Medication) -> str:
    """Amount and frequency in a form that can be compared; "" when the record states no dose at all.

    "1 tablet" of 5 mg, "1 tablet (5 mg)" and "5 mg" are one amount.
    """
    if not record.dose_text and not record.dose_quantity:
        return ""
    text = record.dose_text.lower()
    for phrase, whole, short in _SHORTER:
        if phrase in text:
            text = whole.sub(short, text)
    strengths = _strengths(record.concept.text)
    text = _in_mass(_PLURALS.sub(r"\1", text), strengths)
    if not _MASS.search(
        text
    ):  # no amount of its own: then the product's strength is part of the dose
        text = f"{' '.join(strengths)} {text}"
    said = [w for w in _TOKENS.findall(text) if w in _DOSE_WORDS or w[0].isdigit()]
    # "2 in the morning, 1 at night" is not "1 in the morning, 2 at night": then the order of the parts counts.
    several = sum(word in _WHEN_WORDS for word in said) > 1
    return " ".join(said if several else sorted(set(said)))


_NUMBER = r"(?<![\d.])(\d+(?:,\d{3})*(?:\.\d+)?)"  # never more than Decimal can read
_MASS = re.compile(_NUMBER + r"\s*(mg|mcg|ug|g|unit)\b")
_COUNT = re.compile(_NUMBER + r"\s*(?:tablet|tab|capsule|cap|pill)\b")


def _in_mass(text: str, strengths: list[str]) -> str:
    """Counts of tablets as amounts, when the product has one strength; a count beside the same amount is left out."""
    one = _MASS.fullmatch(strengths[0]) if len(strengths) == 1 else None
    if one is None:
        return text
    each, unit = Decimal(one.group(1).replace(",", "")), one.group(2)

    def amount(found: re.Match[str]) -> str:
        count = Decimal(found.group(1).replace(",", ""))
        return f"{(count * each).normalize():f} {unit}"

    return _COUNT.sub(amount, text)


_TOKENS = re.compile(r"\d[\d.]*|[a-z]+")
_WHEN_WORDS = frozenset(
    {"daily", "bid", "tid", "qid", "nightly", "weekly", "monthly", "morning", "evening"}
)
_DOSE_WORDS = frozenset(
    [
        "daily",
        "bid",
        "tid",
        "qid",
        "nightly",
        "weekly",
        "monthly",
        "hour",
        "day",
        "week",
        "needed",
        "morning",
        "evening",
        "unit",
        "mg",
        "mcg",
        "g",
        "ml",
        "puff",
    ]
)


def _strengths(text: str) -> list[str]:
    """The strengths in a product's name: ["5 mg"]; a strength per volume or time stays as it is written."""
    found = re.findall(r"\d[\d.,]*\s*(?:mg|mcg|ug|g|ml|unit|%)[^ ]*", text.lower())
    return [re.sub(r"^(\d[\d.,]*)\s*", r"\1 ", one) for one in found]


def _ended(record: Medication) -> str:
    moment = record.ends or record.authored
    return f" {_day(moment)}" if moment is not None else ""


def _day(moment: FhirTime) -> str:
    """A day for people; a coarser date as sent."""
    if moment.precision in ("year", "month"):
        return moment.text
    return moment.start.strftime("%d-%b-%Y")


_RULES: dict[str, Callable[[Any], list[Conflict]]] = {
    "allergy": _allergies,
    "problem": _problems,
    "medication": _medications,
}
