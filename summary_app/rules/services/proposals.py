"""From complaint to rule: what clinicians said is wrong, gathered by the rule that is responsible, as proposals with evidence.

Nothing changes by itself: a proposal is a link to a draft that a person writes and another one approves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from clinical import rank
from summary_app.feedback import queries as feedback
from summary_app.rules.services import reading

_RULE = re.compile(
    r"(?P<context>[a-z][a-z0-9_]{0,39}) v(?P<number>\d{1,7}) (?P<item>[a-z]+\.[A-Za-z0-9_-]{1,60})"
)
_DAYS = 90
_MOST = 500
_ENOUGH = 3  # remarks of the same kind before anything is proposed
_PROPOSED = {
    "higher": "raise its importance or its place",
    "not-for-visit": "lower it, or say for whom it applies",
}


class RuleId(NamedTuple):
    """A rule as the "why" of a row names it: "diabetes v2 lab.hba1c"."""

    context: str
    number: int
    item: str

    @property
    def address(self) -> str:
        """Where it can be read and, in a draft, changed. The shipped version is read with the page of its context."""
        if self.number == reading.SHIPPED:
            return f"/rules/{self.context}/?item={self.item}"
        return f"/rules/{self.context}/{self.number}/?item={self.item}"


def rule_id(words: str) -> RuleId | None:
    """None for what is no rule of a pack ("score v1", "safety floor v2").

    >>> rule_id("diabetes v2 lab.hba1c").address
    '/rules/diabetes/2/?item=lab.hba1c'
    >>> rule_id("safety floor v1") is None
    True
    """
    found = _RULE.fullmatch(words.strip())
    return RuleId(found["context"], int(found["number"]), found["item"]) if found else None


class Remark(NamedTuple):
    """One remark without its sender. said, state: in words. omission: confirmed."""

    id: int
    said: str
    words: str
    visit: str
    at: datetime
    state: str
    answer: str
    omission: bool


@dataclass(frozen=True)
class Said:
    """All that was said about one rule, or about what no rule put there (rule None). counts: reason in words -> how often.

    remarks: each by itself, for the answer to it.
    """

    rule: RuleId | None
    label: str
    counts: tuple[tuple[str, int], ...]
    remarks: tuple[Remark, ...]
    last: datetime
    proposed: str

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)


def gathered(*, now: datetime) -> tuple[Said, ...]:
    """The last 90 days, what was said most first. Without names of people and without anything of a patient."""
    reasons: dict[RuleId | None, Counter[str]] = {}
    remarks: dict[RuleId | None, list[Remark]] = {}
    labels = {}
    for one in feedback.not_dealt_with(since=now - timedelta(days=_DAYS), most=_MOST):
        rule = rule_of(one.rules)
        reasons.setdefault(rule, Counter())[one.reason] += 1
        labels[one.reason] = one.get_reason_display()
        remarks.setdefault(rule, []).append(
            Remark(
                one.pk,
                one.get_reason_display(),
                one.words,
                one.visit,
                one.at,
                one.get_state_display(),
                one.answer,
                one.omission,
            )
        )
    found = [
        Said(
            rule=rule,
            label=label_of(rule),
            counts=tuple((labels[reason], count) for reason, count in counts.most_common()),
            remarks=tuple(remarks[rule]),
            last=remarks[rule][0].at,
            proposed=_proposed(counts),
        )
        for rule, counts in reasons.items()
    ]
    return tuple(sorted(found, key=lambda said: (-said.total, said.label)))


def _proposed(counts: Counter[str]) -> str:
    wanted = [words for reason, words in _PROPOSED.items() if counts[reason] >= _ENOUGH]
    return "; ".join(wanted)


def rule_of(lines: str) -> RuleId | None:
    """The first rule of a pack among the rules that had put a row where it was, one per line."""
    return next(filter(None, map(rule_id, lines.splitlines())), None)


def label_of(rule: RuleId | None) -> str:
    if rule is None:
        return "what no rule of a visit put there"
    item = rank.load().items.get(rule.item)
    return item.label if item is not None else rule.item


def links(rules: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(words, address) of each rule that has a page."""
    found = ((words, rule_id(words)) for words in rules)
    return tuple((words, one.address) for words, one in found if one is not None)
