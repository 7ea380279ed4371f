"""A measurement that stands only in the words of a report: the report is pointed to, no number is taken out of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from clinical.records import Absent, Frozen, Item, Procedure, Report
from clinical.summary import names, studies, wording
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import State

_FILE = Path(__file__).with_name("reported.toml")


class Measure(Frozen, frozen=True):
    """One row of `reported.toml`. named: finds its words in what a report says."""

    exams: frozenset[str]
    named: re.Pattern[str]


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """Item id -> where it is named. Raises tomllib.TOMLDecodeError or KeyError for a broken table."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["measure"]
    return {row["item"]: _measure(row["exams"], row["words"]) for row in rows}


def _measure(exams: list[str], words: list[str]) -> Measure:
    either = "|".join(re.escape(word) for word in words)
    return Measure(
        exams=frozenset(exams),
        named=re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])", re.IGNORECASE),
    )


def state(desk: Desk, absent: Absent) -> State | None:
    """ "In report Transthoracic echocardiogram 15-May" for the newest report of this visit that names the item.

    None when no report does. A report that says the measurement could not be made is pointed to as well.
    """
    measure = measures().get(absent.item)
    if measure is None:
        return None
    found = max(_naming(desk, measure), key=_order, default=None)
    if found is None:
        return None
    when = desk.when_short(studies.time_of(found.lead)) or "no date"
    name = names.test(names.problem(found.label)) or "exam not named"
    return wording.state(wording.IN_REPORT, f"{name} {when}", sources=item_tokens(found))


def _naming(desk: Desk, measure: Measure) -> Iterator[Item]:
    for entry in desk.in_order(("report", "procedure")):
        item = desk.items[entry.key]
        if not measure.exams.isdisjoint(entry.listed) and any(
            measure.named.search(text) for text in _texts(item)
        ):
            yield item


def _texts(item: Item) -> Iterator[str]:
    """What a report or procedure says in words, every entry of it."""
    for record in item.members:
        if isinstance(record, Report):
            yield record.conclusion
            yield from (part.text for part in record.attachments)
        elif isinstance(record, Procedure):
            yield record.outcome


def _order(item: Item) -> tuple[float, str]:
    time = studies.time_of(item.lead)
    return (time.start.timestamp() if time is not None else float("-inf"), item.key)
