"""What became of a remark: the team answers in the queue, the sender reads it at the door and on the row where it was made."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from summary_app.access.door import Opening
from summary_app.access.models import User
from summary_app.feedback import queries as feedback
from summary_app.feedback.queries import Feedback
from summary_app.feedback.services import answering, noting
from summary_app.rules.services import proposals, steps
from summary_app.rules.services.allowed import Refused

_SHOWN = timedelta(days=90)
_MOST = 20
_AT_ONCE = 200


@dataclass(frozen=True)
class Told:
    """A remark as its sender reads it. item: what it was about, without anything of a patient. by, when: None = no answer."""

    item: str
    said: str
    at: datetime
    state: str
    words: str
    by: str
    when: datetime | None


def answer(
    user: User, ids: Collection[int], *, state: str, words: str, omission: bool, now: datetime
) -> int:
    """One answer to these remarks; each is written down. Returns how many there were. Raises Refused."""
    steps.check(user, "answer", None, now=now)
    text = " ".join(words.split())[: answering.LONGEST]
    if state not in dict(answering.STATES):
        raise Refused("Choose what becomes of it.")
    if state == answering.DECLINED and not text:
        raise Refused("Say why nothing is changed.")
    found = feedback.remarks(list(ids)[:_AT_ONCE])
    if not found:
        raise Refused("Choose the remarks that are answered.")
    with transaction.atomic():
        for remark in found:
            answering.answer(remark, state=state, words=text, omission=omission, by=user, now=now)
            said = f"remark {remark.pk}{', confirmed omission' if omission else ''}: {text}"
            steps.write_down(user, "answer", None, remark.state, state, said, now=now)
    return len(found)


def mine(user_id: int, *, now: datetime) -> tuple[Told, ...]:
    """The person's own of the last 90 days; new answers first."""
    found = feedback.of_person(user_id, since=now - _SHOWN, most=_MOST)
    return tuple(_told(found))


def on_row(opening: Opening, key: str) -> tuple[Told, ...]:
    """What this person said on this row of this chart, the newest first."""
    return tuple(_told(feedback.at_spots(noting.spots_of(opening, key))))


def _told(found: Iterable[Feedback]) -> Iterable[Told]:
    for one in found:
        silent = one.done and one.state == answering.OPEN
        yield Told(
            item=_item(one),
            said=one.get_reason_display(),
            at=one.at,
            state="dealt with, no answer was written" if silent else one.get_state_display(),
            words=one.answer,
            by=str(one.answered_by) if one.answered_by is not None else "",
            when=one.answered,
        )


def _item(one: Feedback) -> str:
    rule = proposals.rule_of(one.rules)
    return proposals.label_of(rule) if rule is not None else f"a row: {one.kind.replace('_', ' ')}"
