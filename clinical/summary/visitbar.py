"""The visit bar: what today is taken to be about, when the patient was last seen, and how each source stands."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import FetchState, Section
from clinical.summary import digest, fmt, stays, wording
from clinical.summary.desk import Desk
from clinical.summary.states import Answer
from clinical.summary.view_model import Glyph, Part, SlotLine, SourceChip, VisitBar

_ALL = tuple(Section)


def build(desk: Desk, told: Sequence[Part | SlotLine] = ()) -> VisitBar:
    """The bar. The choices come from the ranking: every context the visit can be changed to. told: see `digest`."""
    visit = desk.visit
    return VisitBar(
        title=", ".join(visit.titles) or "Visit",
        contexts=visit.contexts,
        basis=visit.basis,
        basis_also="; ".join(visit.basis_also),
        sure=visit.sure,
        choices=desk.ranking.choices,
        last_seen=last_seen(desk),
        stays=stays.build(desk),
        digest=digest.build(desk, told) if desk.visit.setting != "ward" else (),
        sources=tuple(_chip(desk, server) for server in _servers(desk)),
    )


def last_seen(desk: Desk) -> str:
    """ "Last seen by you 12-Aug-2026"; "Not seen here in the last 2 years" when no visit came: further back
    visits are not asked for. Of a visit of the last hours, and of one without a status, it says "not known"."""
    seen = desk.last_seen
    if seen is None:
        gaps = desk.states.gaps((Section.ENCOUNTERS,))
        word = desk.states.words(gaps[0]).word.lower() if gaps else ""
        if gaps:
            return f"Earlier visits: {word}"
        none = stays.none_before(desk)
        return f"{none} in the last 2 years" if none else "Last seen: not known"
    who = desk.viewer.last_seen_by
    who = who if who.startswith("at ") else f"by {who}"
    return f"Last seen {who} {fmt.day(seen.astimezone(desk.zone).date())}"


def _servers(desk: Desk) -> list[str]:
    """The launching source first, then by name."""
    return list(desk.states.servers)


def answers_of(desk: Desk, server: str) -> list[Answer]:
    """What one source answered, section by section, for the sections it was asked about."""
    return [a for section in _ALL for a in desk.states.asked(section) if a.server == server]


def _chip(desk: Desk, server: str) -> SourceChip:
    answers = answers_of(desk, server)
    states = [answer.state for answer in answers]
    at = desk.states.latest.get(server)
    time = fmt.clock(at, desk.zone) if at is not None else ""
    failed = [a for a in answers if a.state is FetchState.FAILED]
    if FetchState.FETCHING in states and not failed:
        return _made(desk, server, "asking", "asking", "asking")
    if failed:
        return _failed(desk, server, answers, failed, time)
    stale = [answer for answer in answers if answer.stale]
    if stale:
        words = ": ".join(filter(None, (f"out of date, read {time}", stale[0].reason)))
        return _made(desk, server, "stale", "out-of-date", _and_then(words, stale), retry=True)
    if states and all(state is FetchState.NOT_CONNECTED for state in states):
        return _made(desk, server, "none", "not-available", "not asked, patient not linked")
    partly = [a for a in answers if a.state is FetchState.PARTIAL]
    if partly:
        shut_too = [a for a in answers if a.state is FetchState.NOT_AUTHORISED]
        words = _and_then(f"in part, {time}", [*partly, *shut_too])
        return _made(desk, server, "partly", "partly", words)
    shut = [a for a in answers if a.state in (FetchState.NOT_AUTHORISED, FetchState.RESTRICTED)]
    if shut:
        return _shut(desk, server, shut, f"in part, {time}" if len(shut) < len(answers) else "")
    return _made(desk, server, "ok", "answered", time)


def _shut(desk: Desk, server: str, shut: list[Answer], partly: str) -> SourceChip:
    """Sections that may not be read. partly: words when others were read, "" when none was."""
    state = "partly" if partly else "not-permitted"
    words = _and_then(partly or wording.NOT_PERMITTED.word.lower(), shut)
    return _made(desk, server, state, "not-permitted", words)


def _failed(
    desk: Desk, server: str, answers: list[Answer], failed: list[Answer], time: str
) -> SourceChip:
    why = failed[0].reason or "no answer"
    if len(failed) == len(answers):
        state, words = "failed", f"not retrieved, {why}"
    else:
        count = fmt.plural(len(failed), "section")
        state, words = "partly", f"{count} not retrieved, {time}: {why}"
    glyph: Glyph = "not-retrieved" if state == "failed" else "partly"
    words = _and_then(words, failed)
    old = [answer.at for answer in answers if answer.stale and answer.at is not None]
    if old:
        state, glyph = "stale", "out-of-date"
        words = (
            f"{words.rstrip('.')}. Out of date: shown is what was read {desk.states.time(min(old))}"
        )
    return _made(desk, server, state, glyph, words, retry=True)


def _and_then(words: str, answers: list[Answer]) -> str:
    """The words, and what a clinician can do about these answers."""
    remedies = dict.fromkeys(answer.remedy for answer in answers if answer.remedy)
    return f"{words.rstrip('.')}. {' '.join(remedies)}" if remedies else words


def _made(
    desk: Desk, server: str, state: str, glyph: Glyph, words: str, *, retry: bool = False
) -> SourceChip:
    return SourceChip(
        server=server, name=desk.name(server), state=state, glyph=glyph, words=words, retry=retry
    )
