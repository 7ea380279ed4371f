"""How each source stands for each section, and the words for it. The worst always leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from clinical.records import FetchState, Frozen, NotShown, SearchState, Section
from clinical.summary import fmt, wording
from clinical.summary.inputs import Site
from clinical.summary.sections import NAMES
from clinical.summary.view_model import State

ANSWERED = frozenset({FetchState.OK, FetchState.OK_EMPTY, FetchState.OK_NEGATED})
_UNREAD = frozenset(
    {"unreadable", "not-understood"}
)  # reasons: what it would have said is not known
_MORE = ", more may exist"


class Answer(Frozen, frozen=True):
    """The state of one section at one source: the worst of the searches that feed it."""

    server: str
    section: Section
    state: FetchState
    at: datetime | None = None
    reason: str = ""
    remedy: str = ""
    received: int = 0
    lost: int = 0
    foreign: int = 0
    stale: bool = False
    cut_short: bool = False

    @property
    def gap(self) -> bool:
        """Something may exist there that is not on this page."""
        return self.state in wording.GAPS


class Unread(Frozen, frozen=True):
    """Entries of one source that came and were not understood. tokens: of those that are known one by one.

    cut_short: further ones may not have come at all.
    """

    server: str
    count: int
    tokens: tuple[str, ...] = ()
    cut_short: bool = False


class States:
    """All search states of one chart, by section and source. aside: what came and is not shown (`Chart.not_shown`)."""

    def __init__(
        self,
        found: Sequence[SearchState],
        site: Site,
        zone: tzinfo,
        first: str = "",
        aside: Iterable[NotShown] = (),
    ) -> None:
        self.site, self.zone, self.first = site, zone, first
        servers = {state.server for state in found}
        self.servers = tuple(sorted(servers, key=lambda name: (name != first, name)))
        self.fetching = frozenset(s.server for s in found if s.state is FetchState.FETCHING)
        self.latest = _latest(found)
        grouped: dict[tuple[Section, str], list[SearchState]] = {}
        for state in found:
            grouped.setdefault((state.section, state.server), []).append(state)
        self._answers = {key: _worst(states) for key, states in grouped.items()}
        self._searches = {(state.server, state.search): state.state for state in found}
        self._unread: dict[tuple[Section, str], list[str]] = {}
        for one in aside:
            if one.reason in _UNREAD:
                place = (one.section, one.source.server)
                self._unread.setdefault(place, []).append(one.source.token)

    @property
    def complete(self) -> bool:
        """Every search has answered or was given up."""
        return bool(self.servers) and not self.fetching

    def of(self, section: Section) -> tuple[Answer, ...]:
        """One answer per source that was to be asked at all, worst first."""
        return self.over((section,))

    def asked(self, section: Section) -> tuple[Answer, ...]:
        """The answers of the sources that were asked, or would have been, for this section."""
        return tuple(
            self._answers[section, server]
            for server in self.servers
            if (section, server) in self._answers
        )

    def over(self, sections: Iterable[Section]) -> tuple[Answer, ...]:
        """One answer per source over several sections that feed one place: the worst of them, worst first."""
        wanted = tuple(sections)
        found = []
        for server in self.servers:
            answers = [self._answer(section, server) for section in wanted]
            found.append(min(answers, key=_order))
        return tuple(sorted(found, key=_order))  # stable: the launching source first among equals

    def _answer(self, section: Section, server: str) -> Answer:
        known = self._answers.get((section, server))
        if known is not None:
            return known
        # Not in the plan's answers yet: still to come while that source is being read, else never asked.
        coming = server in self.fetching
        return Answer(
            server=server,
            section=section,
            state=FetchState.FETCHING if coming else FetchState.NOT_SUPPORTED,
        )

    def gaps(self, sections: Iterable[Section]) -> tuple[Answer, ...]:
        """The sources that did not answer whole, or only an earlier time, worst first."""
        return tuple(a for a in self.over(sections) if a.gap or a.stale)

    def whole(self, sections: Iterable[Section]) -> bool:
        """Every source answered this in full and just now: the only ground for "none known"."""
        return bool(self.servers) and all(
            a.state in ANSWERED and not a.stale for a in self.over(sections)
        )

    def asked_whole(self, sections: Iterable[Section]) -> bool:
        """Whether the sources that answered were asked for the whole record: a search without a window follows one
        that brought nothing. It must have ended well at each of them; what it brought is on the chart.
        """
        wanted = tuple(sections)
        asked = [
            self._searches.get((answer.server, f"{section}.ever"))
            for answer in self.over(wanted)
            if answer.state in ANSWERED
            for section in wanted
        ]
        return bool(asked) and all(state in ANSWERED for state in asked)

    def unread(self, sections: Iterable[Section]) -> tuple[Unread, ...]:
        """The sources that sent entries of these sections which nobody could read, each entry counted once."""
        wanted = tuple(sections)
        found = []
        for server in self.servers:
            tokens = dict.fromkeys(
                token for section in wanted for token in self._unread.get((section, server), ())
            )
            places = [(section, server) for section in wanted]
            others = [
                self._answers[p].lost
                for p in places
                if p in self._answers and p not in self._unread
            ]
            if count := len(tokens) + sum(others):
                short = any(self._answers[p].cut_short for p in places if p in self._answers)
                found.append(
                    Unread(server=server, count=count, tokens=tuple(tokens), cut_short=short)
                )
        return tuple(found)

    def failed(self, server: str) -> bool:
        """Whether something that this source was asked for did not come."""
        return any(
            answer.state is FetchState.FAILED
            for (_, name), answer in self._answers.items()
            if name == server
        )

    def rank(self, answer: Answer) -> int:
        """How bad an answer is; the lowest leads."""
        return _order(answer)

    # -- words

    def words(self, answer: Answer) -> State:
        """One source's answer as an honest state that names the source."""
        name = self.site.name(answer.server)
        if answer.stale and answer.state is not FetchState.FAILED:
            return wording.state(
                wording.OUT_OF_DATE, f"{name}, last read {self.time(answer.at)}", retry=True
            )
        kind = wording.BY_STATE[answer.state]
        detail = name
        if answer.state is FetchState.FAILED:
            at = self.time(answer.at)
            parts = [f"from {name}", "" if answer.stale else at, answer.reason]
            detail = ", ".join(part for part in parts if part)
            if answer.stale:
                detail = f"{detail} Shown is what was read {at}".rstrip() + "."
        elif answer.state is FetchState.FETCHING:
            detail = name
        elif answer.state is FetchState.PARTIAL:
            detail = f"{name}: {_how_incomplete(answer)}"
        elif answer.reason:
            detail = f"{name}: {answer.reason}"
        tokens = tuple(self._unread.get((answer.section, answer.server), ()))
        failed = answer.state is FetchState.FAILED
        return wording.state(kind, detail, sources=tokens, retry=failed)

    def brief(self, answer: Answer) -> State:
        """The same where there is room for a few words only: why a source failed stands beside its name in the bar."""
        whole = self.words(answer)
        if answer.state is not FetchState.FAILED:
            return whole
        at = self.time(answer.at)
        tail = f"; shown is what was read {at}" if answer.stale else f", {at}" if at else ""
        detail = f"from {self.site.name(answer.server)}{tail}"
        return wording.state(wording.BY_STATE[answer.state], detail, retry=whole.retry)

    def time(self, at: datetime | None) -> str:
        """hh:mm of an answer; "" when it has none."""
        return fmt.clock(at, self.zone) if at is not None else ""

    def places(self, answers: Iterable[Answer]) -> str:
        """ "Mercy or Lakeside": names of the sources of these answers, in their order."""
        return " or ".join(self.site.name(answer.server) for answer in answers)

    def gap_states(self, sections: Iterable[Section]) -> tuple[State, ...]:
        """What to print beside the rows of a place: one honest state per source that did not answer whole."""
        return tuple(self.words(answer) for answer in self.gaps(sections))

    def nothing(
        self, sections: Iterable[Section], what: str = "", *, also: Iterable[Section] = ()
    ) -> State:
        """The state of a place without any entry: the worst answer leads, and nothing is said for a source that failed.

        what: what was looked for, printed behind the word ("for time in range"). also: other sections of which an
        entry could stand here; what came of them and could not be read is said too.
        """
        wanted = tuple(sections)
        answers = self.over(wanted)
        bad = [a for a in answers if a.gap]
        unread = self.unread((*wanted, *also))
        silent = {one.server for one in unread}
        empty = [a for a in answers if a.state in ANSWERED and a.server not in silent]
        tail = f"nothing recorded at {self.places(empty)}" if empty else ""
        review = [self._needs_review(one) for one in unread]
        tokens = tuple(token for one in unread for token in one.tokens)
        if bad and not (bad[0].state is FetchState.PARTIAL and bad[0].server in silent):
            lead = self.words(bad[0])
            detail = " · ".join(part for part in (lead.detail, *review, tail) if part)
            return State(
                glyph=lead.glyph,
                word=lead.word,
                detail=_spaced(what, detail),
                sources=tokens,
                retry=lead.retry,
            )
        if unread:
            others = (self.words(a) for a in bad if a.server not in silent)
            also_bad = (f"{one.word.lower()} {one.detail}".strip() for one in others)
            detail = _spaced(what, " · ".join(part for part in (*review, *also_bad, tail) if part))
            return wording.state(wording.NOTHING_IN_WHAT_COULD_BE_READ, detail, sources=tokens)
        if empty:
            return wording.state(
                wording.NOTHING_RECORDED, _spaced(what, f"at {self.places(empty)}")
            )
        in_part = [said for answer in answers if (said := self._in_part(answer, wanted))]
        if in_part:
            return wording.state(
                wording.NOTHING_RECORDED_IN_PART, _spaced(what, f"at {' · '.join(in_part)}")
            )
        return wording.state(
            wording.NOT_AVAILABLE, _spaced(what, f"from {self.places(answers)}" if answers else "")
        )

    def review(self, said: wording.Wording, sections: Iterable[Section]) -> State | None:
        """These words with what could not be read of these sections; None when all of them could."""
        unread = self.unread(sections)
        tokens = tuple(token for one in unread for token in one.tokens)
        detail = " · ".join(self._needs_review(one) for one in unread)
        return wording.state(said, detail, sources=tokens) if unread else None

    def _needs_review(self, one: Unread) -> str:
        verb = "needs" if one.count == 1 else "need"
        said = f"{fmt.plural(one.count, 'entry', 'entries')} {verb} review"
        return f"{self.site.name(one.server)}: {said}{_MORE if one.cut_short else ''}"

    def _in_part(self, answer: Answer, sections: Iterable[Section]) -> str:
        """ "Mercy: consents not offered", for a source that answered some of the sections; "" for one that answered none."""
        found = [self._answer(section, answer.server) for section in sections]
        missing = [NAMES[one.section].lower() for one in found if one.state not in ANSWERED]
        if len(missing) == len(found):
            return ""
        return f"{self.site.name(answer.server)}: {', '.join(missing)} not offered"


def _spaced(what: str, detail: str) -> str:
    return f"{what} {detail}".strip()


def _order(answer: Answer) -> int:
    # An old copy is worse than a fresh answer and better than none.
    return wording.WORST_FIRST[answer.state] * 2 - (3 if answer.stale else 0)


def _worst(states: Sequence[SearchState]) -> Answer:
    worst = min(states, key=lambda s: (wording.WORST_FIRST[s.state], s.search))
    stale = any(s.stale for s in states)
    return Answer(
        server=worst.server,
        section=worst.section,
        state=worst.state,
        at=worst.at,
        reason=worst.reason,
        remedy=worst.remedy,
        received=sum(s.received for s in states),
        lost=sum(s.unreadable for s in states),
        foreign=sum(s.foreign for s in states),
        stale=stale,
        cut_short=any(s.cut_short for s in states),
    )


def _latest(found: Sequence[SearchState]) -> dict[str, datetime]:
    times: dict[str, datetime] = {}
    for state in found:
        if state.at is not None and (state.server not in times or times[state.server] < state.at):
            times[state.server] = state.at
    return times


def _how_incomplete(answer: Answer) -> str:
    if answer.lost or answer.foreign:
        return how_many(answer)
    return answer.reason or f"{fmt.plural(answer.received, 'entry', 'entries')} read{_MORE}"


def how_many(answer: Answer) -> str:
    """ "3 of 5 read, 40 about somebody else set aside, more may exist": what became of what one source sent."""
    all_own = answer.received + answer.lost
    read = f"{answer.received} of {all_own} read" if answer.lost else f"{answer.received} read"
    aside = f", {answer.foreign} about somebody else set aside" if answer.foreign else ""
    return f"{read}{aside}{_MORE if answer.cut_short else ''}"
