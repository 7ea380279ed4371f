"""Reading one search to its end. Every request is a job of the pull's lane; the jobs of one reading meet under its lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec

from clinical.errors import SourceError
from clinical.fhir import ending, windows
from clinical.fhir.collected import Collected
from clinical.fhir.entries import Page
from clinical.fhir.faults import Answered
from clinical.fhir.fetched import Fetched
from clinical.fhir.parts import Chains, Parts, parts_of
from clinical.fhir.references import medications_missing, read_path
from clinical.fhir.searches import Params, Search, path_of
from clinical.fhir.steps import Circumstances, Step
from clinical.fhir.windows import Window
from clinical.fhir.workers import LATE, URGENT
from clinical.records import Section

_REFUSALS = frozenset({400, 405, 412, 414, 422})
_MEDICATIONS_AT_MOST = 40
_SLOTS_KEPT = 2


class Reading:
    """One search being read. `done` is called once, in the thread that ends it."""

    def __init__(
        self, search: Search, around: Circumstances, done: Callable[[Reading, Fetched], None]
    ) -> None:
        self.search = search
        self.collected = Collected(around.subject, search.resource, search.category)
        self.fault: SourceError | None = None
        self.notes: list[str] = []
        self._around = around
        self._done = done
        self._lock = threading.Lock()
        self._under_way = 0
        self._seen: set[str] = set()
        self._reserve = ""  # the next link of the first page while windows cover the rest
        self._chains = Chains()
        self._parts: Parts | None = None  # of a range that was divided from the beginning
        self._undivided: Step | None = None  # what they stand for, when it was not sent beside them
        self._total: int | None = None
        self._divided = False
        self._abandoned = False  # the parts: the whole range is read
        self._restarted = False
        self._asked_for: set[str] = set()  # Medications, each once
        self._keeps_free = 0
        self.over = False

    # ---- starting and sending

    def start(self) -> None:
        """Sends the first request. A reading always ends by calling `done`, whatever happens."""
        learned = self._around.session.transport.learned.get(self.search.key, 0)
        if self.search.split and 2 * self.search.tier <= URGENT:
            self._keeps_free = _SLOTS_KEPT
            self._around.lane.keep_free(_SLOTS_KEPT)  # until it is known whether it will be divided
        with self._lock:
            for step in self._opening(min(learned, len(self.search.fallbacks))):
                self._send(step)

    def _opening(self, attempt: int) -> list[Step]:
        """The whole range in one request, or its parts where it is to be divided from the beginning."""
        session, whole = self._around.session, self._first(attempt)
        ranges = [] if attempt else parts_of(self.search, session)
        if not ranges:
            return [whole]
        self._parts = Parts()
        steps = [self._window(attempt, part, 1) for part in ranges]
        if session.transport.proven_windows:
            self._undivided = whole
            return steps
        return [*steps, whole]

    def _window(self, attempt: int, part: Window, depth: int) -> Step:
        part = windows.overlapping(part)
        params = windows.narrowed(self._params(attempt), self.search.date, part)
        return Step(path_of(self.search.resource, params), "window", attempt, part, depth)

    def _first(self, attempt: int) -> Step:
        if self.search.read:
            return Step(read_path(self.search.resource, self.search.read))
        return Step(path_of(self.search.resource, self._params(attempt)), attempt=attempt)

    def _params(self, attempt: int) -> Params:
        return (self.search.params, *self.search.fallbacks)[attempt]

    def _send(self, step: Step) -> None:
        self._under_way += 1
        self._seen.add(self._around.address(step.path))
        # What has begun is brought to its end before something new begins; the allergies come before everything, and of
        # what is for later what takes longest.
        first = self.search.section == Section.ALLERGIES
        before = step.kind != "first" or first or (self.search.tier > 1 and bool(self.search.split))
        priority = 2 * self.search.tier - before
        self._around.lane.put(partial(self._run, step), priority=priority)

    def _run(self, step: Step) -> None:
        lane, answered = self._around.lane, [self._around.ask(step)]
        if self.search.tier > 1 and isinstance(answered[0], bytes) and lane.gives_way:
            lane.put(partial(self._work, step, answered), priority=LATE)
        else:
            self._work(step, answered)

    def _work(self, step: Step, answered: list[bytes | SourceError]) -> None:
        """answered: what `ask` brought, taken out here: a megabyte that nobody needs once it has been read."""
        body = answered.pop()
        answer = self._around.read(body, self.search) if isinstance(body, bytes) else body
        del body
        with self._lock:
            self._safely(partial(self._settle, step, answer))
            kept, self._keeps_free = self._keeps_free, 0
        if kept:
            self._around.lane.keep_free(-kept)
        if isinstance(answer, Page):
            self._around.work_ahead(answer, self.search)  # once what it leads to has been sent
        with self._lock:
            self._under_way -= 1
            ended = self._under_way == 0 and not self.over and not self._safely(self._more)
            self.over = self.over or ended
        if ended:
            self._finish()

    def _safely(self, job: Callable[[], object]) -> bool:
        """What it says; a bug in it ends the search as incomplete, and is raised by pull."""
        try:
            return bool(job())
        except Exception as error:  # noqa: BLE001  # see above
            self.fault = self.fault or self._around.broken(error)
            return False

    def _settle(self, step: Step, answer: Page | SourceError) -> None:
        if self.over:
            return
        if isinstance(answer, Page):
            self._received(step, answer)
        else:
            self._failed(step, answer)

    # ---- what came

    def _received(self, step: Step, page: Page) -> None:
        if step.kind == "first":
            self._total = page.total
            if step.attempt:
                self._around.session.transport.learned[self.search.key] = step.attempt
        if step.kind == "medication":
            page = msgspec.structs.replace(
                page,
                entries=tuple(msgspec.structs.replace(e, mode="include") for e in page.entries),
            )
        self._around.session.transport.page_sizes.saw(self.search.key, page)
        new = max(self.collected.add(page), self._chains.add(step, page), not page.entries)
        if self._parts is not None:
            self._parts.add(step, page)
        if step.kind == "window" and not windows.kept(step.window, windows.dates_of(page.entries)):
            self._give_up_windows()
        elif (step.window is not None and self._abandoned) or self._leads_nowhere(step, page):
            return  # the whole range is being read instead, or this page was all of it
        elif page.next_link and not self._divide(step, page):
            self._follow(step, page.next_link, new)

    def _leads_nowhere(self, step: Step, page: Page) -> bool:
        """A link to what has been asked already, beside a page that holds as many as the server says there are."""
        if not page.next_link:
            return True
        again = self._around.address(step.path, page.next_link) in self._seen
        return again and page.total is not None and page.total <= len(page.entries)

    def _divide(self, step: Step, page: Page) -> bool:
        """Sends windows for the rest of this page's range; False when the next link has to be followed."""
        search, transport = self.search, self._around.session.transport
        whole = step.window or Window(search.since, None)
        usable = step.kind in ("first", "window") and step.depth < 3 and transport.keeps_windows
        link = self._around.address(step.path, page.next_link)
        bounded = any(name == search.date for name, _ in self._params(step.attempt))
        if not search.split or not usable or not link or (search.since is not None and not bounded):
            return False
        matches = [entry for entry in page.entries if entry.mode == "match"]
        if page.total is not None and page.total <= len(matches):
            return False  # all that is announced is here
        parts = windows.divide(
            whole,
            windows.dates_of(matches),
            count=len(matches),
            total=page.total,
            now=self._around.now(),
            slots=self._around.lane.width,
        )
        if self._parts is not None and step.kind == "first":
            parts = ()  # they are under way
        elif not parts:
            return False
        # Without a number only its own pages can tell whether the parts bring all of it.
        beside = step.kind == "first" and page.total is None and not transport.proven_windows
        if beside and self._parts is None:
            self._parts = Parts(page)
        if step.kind == "first" and not beside:
            self._reserve = link
        self._divided = True
        for part in parts:
            self._send(self._window(step.attempt, part, step.depth + 1))
        return not beside

    def _follow(self, step: Step, link: str, new: int) -> None:
        url = self._around.address(step.path, link)
        limits = self._around.session.connection.limits
        if not url:
            self.notes.append("its link to the next page is no address")
        elif url in self._seen or (step.kind == "page" and not new and not self._restarted):
            if self._total is None or self.collected.matches < self._total:
                self.notes.append("its list of pages runs in a circle")
        elif self.collected.pages >= limits.pages_per_search:
            self.notes.append(f"only the first {limits.pages_per_search} pages were read")
        elif self._around.session.bytes_read > limits.pull_bytes:
            self.notes.append(f"more than {limits.pull_bytes / 1e6:g} MB came in")
        else:
            self._send(Step(url, "page", step.attempt, step.window))

    # ---- what did not come

    def _failed(self, step: Step, fault: SourceError) -> None:
        refused = isinstance(fault, Answered) and (
            fault.status in _REFUSALS or (fault.status == 403 and self._includes(step))
        )
        if step.kind == "medication":
            return  # the drug stays unresolved, and is shown so
        if step.window is not None and (self._abandoned or self._restarted):
            return  # the whole range is being read instead
        if step.kind == "first" and refused and self._ask_otherwise(step):
            return
        if step.kind == "window" and refused:
            self._give_up_windows()
        elif step.kind == "page" and isinstance(fault, Answered) and fault.status in (404, 410):
            self._restart(step, fault)
        else:
            self.fault = self.fault or fault

    def _includes(self, step: Step) -> bool:
        """Whether it asked for resources of another type too; those alone may be what is not allowed."""
        return any(name == "_include" for name, _ in self._params(step.attempt))

    def _ask_otherwise(self, step: Step) -> bool:
        """The next fallback, or each code by itself; False when there is none left."""
        if step.attempt < len(self.search.fallbacks):
            self._send(self._first(step.attempt + 1))
            return True
        if len(self.search.codes) > 1:
            for code in self.search.codes:
                params = tuple(
                    (name, code if name == "code" else value)
                    for name, value in self._params(step.attempt)
                )
                self._send(Step(path_of(self.search.resource, params), "code", step.attempt))
            return True
        return False

    def _give_up_windows(self) -> None:
        """The server does not keep to windows: its own chain of pages is followed instead."""
        self._around.session.transport.keeps_windows = False
        self._abandoned = self._parts is not None
        whole, self._undivided = self._undivided, None
        if whole is not None:
            self._send(whole)
        else:
            self._follow_reserve()

    def _follow_reserve(self) -> bool:
        url, self._reserve = self._reserve, ""
        if not url or url in self._seen:
            return False
        self._send(Step(url, "page"))
        return True

    def _restart(self, step: Step, fault: SourceError) -> None:
        """Links to further pages expire; the search is begun once more, and what is known already is passed over."""
        if self._restarted:
            self.fault = self.fault or fault
            return
        self._restarted = True
        self._send(replace(self._first(step.attempt), kind="again"))

    # ---- the end

    def _more(self) -> bool:
        """Sends what is still missing when all requests have ended; False when nothing is."""
        if self._parts is not None and self.fault is None and not self.notes:
            self._parts.judge(self._around.session.transport, self._total)
        if self._short() and self._follow_reserve():
            return True
        return self.search.resolve and self._resolve()

    def _short(self) -> bool:
        """Windows should have brought as many matches as the server announced."""
        return (
            self._divided
            and self.fault is None
            and self._total is not None
            and self.collected.matches < self._total
        )

    def _resolve(self) -> bool:
        """Reads the Medications that are pointed to and did not come along, then the ingredients of a mixture."""
        base = self._around.session.connection.base
        left = _MEDICATIONS_AT_MOST - len(self._asked_for)
        pointed_to = medications_missing(self.collected.entries, base)
        missing = [one for one in pointed_to if one not in self._asked_for][:left]
        self._asked_for.update(missing)
        for reference in missing:
            self._send(Step(reference, "medication"))
        return bool(missing)

    def _finish(self) -> None:
        self._done(self, self._outcome())

    def _outcome(self) -> Fetched:
        state = ending.state_of(
            self.search,
            self.collected,
            connection=self._around.session.connection,
            fault=self.fault,
            notes=self.notes,
            at=self._around.now(),
        )
        return Fetched(self.search, state, self.collected.entries, self.collected.elsewhere)

    def cut_off(self, fault: SourceError) -> None:
        """Ends the reading now, unless it has ended already; `done` is called from here."""
        with self._lock:
            if self.over:
                return
            self.over = True
            self.fault = self.fault or fault
        self._finish()
