"""The last hospital stay or ED visit, for the visit bar: when, where, why, its discharge note, and those before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from clinical import dates
from clinical.records import Document, Encounter, FhirTime, Frozen, Item, Section
from clinical.summary import fmt, names
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.events import in_stay, is_opened, is_today
from clinical.summary.view_model import Part
from clinical.summary.visit_parts import CLASS_WORDS, NO_VISIT, Whole, wholes

_YEAR = timedelta(days=366)
_MOST_EARLIER = 2
_REASON = 60  # characters; a longer reason is not told here at all: it is never cut
_NONE = "No {other}hospital stay or ED visit in the last 2 years"  # as far back as is asked


class Stay(Frozen, frozen=True):
    """One visit that counts, with its parts, narrowed for the type checker."""

    whole: Whole
    record: Encounter
    period: FhirTime

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.whole.tokens


def build(desk: Desk) -> tuple[Part, ...]:
    """ "Last hospital stay 22-Aug to 27-Aug, Mercy: heart failure · discharge summary · before it ED visit 03-Jan,
    Lakeside"; that there was none; () where the visits were not read whole and none is known. Without any that has a
    date, those without one are named: they may be of today.

    Earlier ones are told for a year, and counted beyond the second.
    """
    every = _stays(desk)
    ahead = [one for one in every if _starts_ahead(desk, one)]
    found = [one for one in every if not _starts_ahead(desk, one)]
    if not found:
        if unsure := (*_undated(desk), *_ahead(desk, ahead)):
            return unsure
        none = _NONE.format(other="other " if in_stay(desk) else "")
        return () if desk.states.gaps((Section.ENCOUNTERS,)) else (Part(text=none),)
    last = found[0]
    words = f"Last {names.lower_first(_words(desk, last))}{_why(last)}"
    parts = [Part(text=words, sources=last.tokens)]
    for note in _notes(desk, last)[:1]:
        name = names.lower_first(names.test(note.label)) or "note"
        parts.append(Part(text=" · "))
        parts.append(Part(text=name, sources=item_tokens(note), href=f"#row-{note.key}"))
    recent = [one for one in found[1:] if one.period.start >= desk.as_of - _YEAR]
    desk.taken.update(item.key for one in (last, *recent) for item in one.whole.items)
    return (*parts, *_earlier(desk, recent), *_ahead(desk, ahead, " · "))


def _starts_ahead(desk: Desk, one: Stay) -> bool:
    return bool(dates.implausible(one.period, as_of=desk.as_of))


def _ahead(desk: Desk, found: Sequence[Stay], join: str = "; ") -> tuple[Part, ...]:
    """Stays whose begin cannot be right: told with their days and that, never as the last one."""
    parts: list[Part] = []
    for one in found[:_MOST_EARLIER]:
        parts += [Part(text=join)] if parts or join == " · " else []
        words = f"{_words(desk, one)}, implausible: in the future"
        parts.append(Part(text=words, sources=one.tokens))
    if more := found[_MOST_EARLIER:]:
        tokens = tuple(token for one in more for token in one.tokens)
        parts.append(Part(text=f" and {len(more)} more in the future", sources=tokens))
    desk.taken.update(item.key for one in found for item in one.whole.items)
    return tuple(parts)


def _earlier(desk: Desk, found: Sequence[Stay]) -> list[Part]:
    parts: list[Part] = []
    for place, one in enumerate(found[:_MOST_EARLIER]):
        parts.append(Part(text=", " if place else " · before it "))
        words = names.lower_first(_words(desk, one))
        parts.append(Part(text=words, sources=one.tokens))
    more = found[_MOST_EARLIER:]
    if more:
        tokens = tuple(token for one in more for token in one.tokens)
        parts.append(Part(text=f" and {len(more)} more in 12 months", sources=tokens))
    return parts


def _undated(desk: Desk) -> tuple[Part, ...]:
    """ "Hospital stay without a date, in-progress, Mercy": each of them, as its source states it."""
    parts: list[Part] = []
    for item in desk.chart.encounters:
        record = item.lead
        if not isinstance(record, Encounter) or record.period is not None or not _counts(record):
            continue
        status = record.status or "status not stated"
        place = desk.name(record.source.server)
        words = f"{CLASS_WORDS[record.class_code]} without a date, {status}, {place}"
        parts += [Part(text="; ")] if parts else []
        parts.append(Part(text=words, sources=item_tokens(item)))
        desk.taken.add(item.key)
    return tuple(parts)


def _counts(record: Encounter) -> bool:
    return record.class_code in CLASS_WORDS and record.status not in NO_VISIT


def _stays(desk: Desk) -> list[Stay]:
    """Hospital stays, observation stays and ED visits, the newest first; of today's only what is over and not the
    visit that the page is for."""
    found = []
    for one in wholes(desk.chart.encounters):
        record = one.record
        if record.period is None or desk.opened_visit in one.references:
            continue
        if _counts(record) and not _is_the_visit(desk, record):
            found.append(Stay(whole=one, record=record, period=record.period))
    return sorted(found, key=lambda one: (-one.period.start.timestamp(), one.whole.item.key))


def _is_the_visit(desk: Desk, record: Encounter) -> bool:
    """The visit that the page is for, or one of today that still runs."""
    return is_opened(desk, record) or (record.status != "finished" and is_today(desk, record))


def visited(desk: Desk) -> bool:
    """Whether another visit at the launching source has begun that `last_seen` does not count: one that ended within 12
    hours, or whose status nobody stated. Then "no visit" would not be true."""
    return any(
        isinstance(record := item.lead, Encounter)
        and desk.states.first in ("", record.source.server)
        and record.status not in NO_VISIT
        and not _is_the_visit(desk, record)
        and (record.period is None or record.period.start <= desk.as_of)
        for item in desk.chart.encounters
    )


def none_before(desk: Desk) -> str:
    """That no visit came before, in words; "" when one may have."""
    if visited(desk):
        return ""
    return "No visit here before this one" if in_stay(desk) else "Not seen here"


def _words(desk: Desk, one: Stay) -> str:
    """ "Hospital stay 22-Aug to 27-Aug, Mercy"; of one that is over with an end that lies ahead that is said."""
    began = desk.when_short(one.period)
    ended = ""
    if one.period.end is not None:
        last, first = (
            one.period.end.astimezone(desk.zone).date(),
            fmt.date_of(one.period, desk.zone),
        )
        ended = "" if last == first else f" to {fmt.short_day(last, desk.today)}"
        if ended and fmt.begins_as(one.period) not in ("year", "month"):
            began = fmt.short_day(first, desk.today)  # both ends to the day
    place = desk.name(one.record.source.server)
    doubt = " (implausible end: in the future)" if _ends_ahead(desk, one) else ""
    return f"{CLASS_WORDS[one.record.class_code]} {began}{ended}{doubt}, {place}"


def _ends_ahead(desk: Desk, one: Stay) -> bool:
    """Said to be over, and its end has not come. One that runs may have a planned end."""
    if one.record.status != "finished" or one.period.end is None or _starts_ahead(desk, one):
        return False
    last = msgspec.structs.replace(one.period, start=dates.plot_time(one.period))
    return bool(dates.implausible(last, as_of=desk.as_of))


def _why(one: Stay) -> str:
    text = next((reason.text for reason in one.record.reasons if reason.text), "")
    reason = names.lower_first(names.problem(text))
    return f": {reason}" if 0 < len(reason) <= _REASON else ""


def _notes(desk: Desk, one: Stay) -> list[Item]:
    """The discharge notes that the source links to the stay, the newest first."""
    found = []
    for item in desk.chart.documents:
        record = item.lead
        if not isinstance(record, Document):
            continue
        server = record.source.server
        linked = any((server, visit) in one.whole.references for visit in record.encounter)
        if linked and "discharge" in item.label.lower() and record.written is not None:
            found.append((-record.written.start.timestamp(), item.key, item))
    return [item for *_, item in sorted(found, key=lambda each: each[:2])]
