"""What a source sent more than once for one moment: the answers to a question that takes several, and repeated values.

A row has room for one value. None of the others is dropped for it: answers in words are said one after the other, every
other value beside the one that leads.
"""

from __future__ import annotations

import msgspec

from clinical.records import Observation, Point, Series, Value
from clinical.summary import values
from clinical.summary.level import ORDER, Judge

_MOST = 3  # further values that are said; the rest is counted, and stands in the opened row
_TIMED = ("minute", "second")
_WHEN = dict.fromkeys(_TIMED, "at this time")
_PENDING = ("registered", "preliminary")
_TOLD = ("specimen", "method", "body_site")
_EMPTY = Value()


def of_one_moment(one: Observation, other: Observation) -> bool:
    """Whether both were taken at the same time, or on the same day where no time was sent.

    Where neither says when it was taken: whether both were released at the same time, or nobody says when.
    """
    first, second = one.taken, other.taken
    if first is None and second is None:
        first, second = one.issued, other.issued
        if first is None and second is None:
            return True
    if first is None or second is None or first.start != second.start:
        return False
    return first.precision == second.precision or {first.precision, second.precision} <= set(_TIMED)


def earlier(row: Series) -> Point | None:
    """The newest point before the moment of the latest one."""
    latest = row.latest.record
    if not row.points:
        return None
    before = (p for p in reversed(row.points) if not of_one_moment(p.record, latest))
    return next(before, None)


def beside(row: Series) -> tuple[Point, ...]:
    """Further values of the latest moment from the source of the latest one, in the order of the row.

    Those that say the same of the same, without a value, or less final are none; other sources are a conflict of the row.
    """
    latest = row.latest.record
    found: list[Point] = []
    points = row.points or row.undated
    for index in range(len(points) - 2, -1, -1):
        point = points[index]
        if not of_one_moment(point.record, latest):
            break
        servers = {record.source.server for record in (point.record, *point.also)}
        if latest.source.server in servers and _counts(point.record, latest):
            found.append(point)
    return tuple(reversed(found))


def _counts(record: Observation, latest: Observation) -> bool:
    if record.status in _PENDING and latest.status not in _PENDING:
        return False
    sent = (record.value, *(part.value for part in record.components))
    if all(value == _EMPTY for value in sent):
        return False
    same = record.value == latest.value and record.components == latest.components
    return not same or bool(_apart(record, latest))


def _apart(record: Observation, latest: Observation) -> list[str]:
    """The fields in which two values of one moment are of different things."""
    return [
        name for name in _TOLD if getattr(record, name).lower() != getattr(latest, name).lower()
    ]


def _is_words(record: Observation, latest: Observation) -> bool:
    """Two answers in words to one question about one thing: they can be said in one breath."""
    both = (record, latest)
    plain = not any(one.components or one.value.quantity or one.value == _EMPTY for one in both)
    return plain and not _apart(record, latest)


def shown(judge: Judge, row: Series) -> values.Shown:
    """The latest value of a row as it is printed; of several answers all of them, under the gravest of their flags."""
    latest = row.latest.record
    own = values.shown(judge, latest)
    answers = [p.record for p in beside(row) if _is_words(p.record, latest)]
    if not answers:
        return own
    every = [*(values.shown(judge, record) for record in answers), own]
    worst = min(every, key=lambda one: ORDER[one.level])
    text = "; ".join(dict.fromkeys(one.text for one in every))
    status = " ".join(dict.fromkeys(one.status for one in every if one.status))
    return msgspec.structs.replace(
        own, text=text, flag=worst.flag, level=worst.level, status=status
    )


def also(judge: Judge, row: Series) -> str:
    """ "also at this time: 4.2 mmol/L": the values of the latest moment that `shown` does not say; "" when there are none."""
    latest = row.latest.record
    rest = [p.record for p in beside(row) if not _is_words(p.record, latest)]
    if not rest:
        return ""
    when = _WHEN.get(latest.taken.precision, "then") if latest.taken is not None else "undated"
    said = [_value(judge, record, latest) for record in reversed(rest)]
    more = f" and {len(said) - _MOST} more" if len(said) > _MOST else ""
    return f"also {when}: {', '.join(said[:_MOST])}{more}"


def _value(judge: Judge, record: Observation, latest: Observation) -> str:
    """With its flag, unit and status, and with what tells it from the one that leads."""
    one = values.shown(judge, record)
    words = " ".join(part for part in (one.text, one.flag, one.unit, one.status) if part)
    told = ", ".join(filter(None, (getattr(record, name) for name in _apart(record, latest))))
    return f"{words} ({told})" if told else words
