"""A browser as far as speed is concerned: launch, sign-in, page, and the polls that fill it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from clinical.fhir.searches import plan_for
from tests.bench.application import World

_ASKING = re.compile(r'data-asking="([^"]*)"')
_POLL = re.compile(r'(/c/[^"]*?/updates\?since=\d+)')
_SECONDS = 60.0


class NotComplete(Exception):
    """A chart did not become complete, or an answer was not what a browser could use."""


@dataclass(frozen=True)
class Look:
    """What stood on the screen from this moment on. asking: searches under way. at: monotonic."""

    at: float
    asking: frozenset[str]
    text: str = field(repr=False)


@dataclass
class Opening:
    """One chart being opened. began: when the EHR's token was here, the first moment anything could be asked.

    called: when the browser came back from the sign-in. looks: every state of the screen, in order.
    """

    session: requests.Session = field(repr=False)
    url: str
    called: float
    returned: float
    looks: list[Look] = field(default_factory=list)

    def fill(self, *, enough: Callable[[Look], bool] | None = None) -> None:
        """The page, and polls as the page sends them, until nothing is being asked (or what is here is enough)."""
        look = self._look(self.session.get(self.url, timeout=_SECONDS))
        until = time.monotonic() + _SECONDS
        while look.asking and not (enough and enough(look)):
            if time.monotonic() > until:
                raise NotComplete(f"still asking: {sorted(look.asking)}")
            found = _POLL.search(look.text)
            if found is None:
                raise NotComplete("a page that is not complete does not say where to ask for news")
            answer = self.session.get(
                _origin(self.url) + found[1], headers={"HX-Request": "true"}, timeout=_SECONDS
            )
            if answer.status_code == 200:
                look = self._look(answer)

    def _look(self, answer: requests.Response) -> Look:
        at = time.monotonic()
        found = _ASKING.search(answer.text)
        if answer.status_code != 200 or found is None:
            raise NotComplete(f"{answer.status_code} instead of a chart: {answer.text[:300]}")
        look = Look(at, frozenset(found[1].split()), answer.text)
        self.looks.append(look)
        return look

    def when(self, *, server: str = "") -> float:
        """When no search was asked any more; server: "mercy/" for its searches only."""
        for look in self.looks:
            if not any(each.startswith(server) for each in look.asking):
                return look.at
        raise NotComplete(f"{server or 'something'} was asked to the end")

    def first_answer(self) -> float:
        """When the first section was on the screen."""
        everything = self.looks[0].asking
        for look in self.looks:
            if everything - look.asking or not look.asking:
                return look.at
        raise NotComplete("nothing came")

    @property
    def page(self) -> str:
        return self.looks[-1].text


def open_chart(
    world: World, patient: str, *, clinician: str = "alice", session: requests.Session | None = None
) -> Opening:
    """From the EHR's launch until the browser knows the address of the chart."""
    browser = session or _browser()
    query = {"iss": world.mercy.base, "launch": f"{patient}~{clinician}~{time.monotonic_ns()}"}
    away = browser.get(
        f"{world.web}/launch/mercy/", params=query, allow_redirects=False, timeout=30
    )
    back = browser.get(_to(away), allow_redirects=False, timeout=30)
    called = time.monotonic()
    chart = browser.get(_to(back), allow_redirects=False, timeout=30)
    return Opening(browser, world.web + _to(chart), called, time.monotonic())


def _browser() -> requests.Session:
    """Asks the environment for no proxy: on the machine that is measured, that took a third of all a browser does."""
    browser = requests.Session()
    browser.trust_env = False
    return browser


def _to(answer: requests.Response) -> str:
    if answer.status_code != 302:
        raise NotComplete(f"{answer.status_code} during the launch: {answer.text[:300]}")
    return answer.headers["Location"]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def later_searches() -> frozenset[str]:
    """Keys of the searches that the first screen does not wait for, from the product's own plan."""
    from datetime import UTC, datetime

    from clinical import rank

    library = rank.load()
    plan = plan_for(
        server="any",
        patient_id="any",
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        visit_codes=rank.visit_codes(library, rank.all_contexts(library)),
        report_codes=rank.report_codes(library, rank.all_contexts(library)),
        role="physician",
    )
    return frozenset(search.key for search in plan.searches if search.tier > 1)


def first_screen(look: Look, later: frozenset[str]) -> frozenset[str]:
    """What the first screen still waits for."""
    return frozenset(each for each in look.asking if each.partition("/")[2] not in later)
