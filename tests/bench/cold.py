"""P1, P2, P3, P5: opening a chart that nobody has read before."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.application import Sent, StandIn, World
from tests.bench.browser import Look, NotComplete, Opening, first_screen, later_searches, open_chart
from tests.bench.figures import Report

OPENS = 7
CLINICIANS = 6
ROUNDS = 6  # of P5


@dataclass(frozen=True)
class Cold:
    """Seconds after the EHR's token was here. slowest, fastest: of the requests sent, by the EHRs' own clocks.

    since_asked: of the first section, from the moment when the launching EHR was asked for anything. of_mercy: until
    no search of the launching EHR was asked any more. fastest: of the launching EHR.
    """

    first_section: float
    since_asked: float
    first_screen: float
    of_mercy: float
    everything: float
    slowest: float
    fastest: float
    requests: int


def prime(world: World) -> None:
    """Two openings that are not measured: what the process learns once is learnt (keys, tokens, sockets)."""
    for _ in range(2):
        one = open_chart(world, world.fresh("k50"))
        one.fill()
    for ehr in world.ehrs:
        ehr.log()


def cold_open(world: World, shape: str, *, only_mercy: bool = False) -> Cold:
    """only_mercy: ends as soon as the launching EHR has answered everything."""
    logs(world)
    opening = open_chart(world, world.fresh(shape))
    opening.fill(enough=_mercy_done if only_mercy else None)
    sent = logs(world)
    began = max(each.sent for each in sent["mercy"] if each.target.endswith("/auth/token"))
    asked = {name: [each for each in found if _is_search(each)] for name, found in sent.items()}
    return _measured(opening, began, asked, only_mercy)


def _measured(
    opening: Opening, began: float, asked: dict[str, list[Sent]], only_mercy: bool
) -> Cold:
    later = later_searches()
    everything = [each for found in asked.values() for each in found]
    server = "mercy/" if only_mercy else ""
    return Cold(
        first_section=opening.first_answer() - began,
        since_asked=opening.first_answer() - min(each.arrived for each in asked["mercy"]),
        first_screen=when(opening, later, server) - began,
        of_mercy=opening.when(server="mercy/") - began,
        everything=opening.when(server=server) - began,
        slowest=max(each.seconds for each in everything),
        fastest=min(each.seconds for each in asked["mercy"]),
        requests=len(everything),
    )


def when(opening: Opening, later: frozenset[str], server: str = "") -> float:
    """When the first screen was complete."""
    for look in opening.looks:
        if not any(each.startswith(server) for each in first_screen(look, later)):
            return look.at
    raise NotComplete("the first screen was never complete")


def logs(world: World) -> dict[str, list[Sent]]:
    return {ehr.name: ehr.log() for ehr in world.ehrs}


def _is_search(sent: Sent) -> bool:
    return (
        sent.target.startswith("/fhir/")
        and "/auth/" not in sent.target
        and ".well-known" not in sent.target
    )


def _mercy_done(look: Look) -> bool:
    return not any(each.startswith("mercy/") for each in look.asking)


def _median(found: list[Cold], figure: Callable[[Cold], float]) -> float:
    return statistics.median(figure(each) for each in found)


def _first(each: Cold) -> float:
    return each.first_screen / each.slowest


def _all(each: Cold) -> float:
    return each.everything / each.slowest


def p1(world: World, report: Report) -> None:
    found = [cold_open(world, "k1000") for _ in range(OPENS)]
    report.line("P1 cold open, first screen / slowest request", _median(found, _first), 1.25)
    report.line("P1 cold open, everything / slowest request", _median(found, _all), 3.0)
    _note(report, "1,000 observations at each EHR, one page per search", found)
    small = [cold_open(world, "k50") for _ in range(OPENS)]
    report.line("P1 the same, 50 observations, first screen", _median(small, _first), 1.25)
    report.line("P1 the same, 50 observations, everything", _median(small, _all), 3.0)
    _note(report, "50 observations at each EHR", small)


def _note(report: Report, what: str, found: list[Cold]) -> None:
    report.note(
        f"{what}: first section {_median(found, lambda c: c.first_section) * 1000:.0f} ms, first screen "
        f"{_median(found, lambda c: c.first_screen) * 1000:.0f} ms, everything "
        f"{_median(found, lambda c: c.everything) * 1000:.0f} ms, slowest request "
        f"{_median(found, lambda c: c.slowest) * 1000:.0f} ms, {found[0].requests} requests"
    )


def p2(world: World, report: Report) -> None:
    for ehr in world.ehrs:
        ehr.set(cap=100)
    found = [cold_open(world, "k1000") for _ in range(5)]
    for ehr in world.ehrs:
        ehr.set(cap=1000)
    report.line("P2 1,000 observations, pages of 100, first screen", _median(found, _first), 2.25)
    report.line("P2 1,000 observations, pages of 100, everything", _median(found, _all), 3.0)
    _note(report, "pages of 100", found)
    for shape, words in (("y10000", "over three years"), ("k10000", "within one year")):
        found = [cold_open(world, shape) for _ in range(5)]
        report.line(f"P2 10,000 observations {words}, first screen", _median(found, _first), 2.0)
        _note(report, f"10,000 observations {words}, pages of 1,000", found)


def p3(world: World, report: Report) -> None:
    healthy = [cold_open(world, "k1000") for _ in range(5)]
    ratio = _median(healthy, lambda each: each.since_asked / each.fastest)
    report.line("P3 first section / its own request, from asking for it", ratio, 1.2)
    world.lakeside.set(hangs=True)
    try:
        alone = [cold_open(world, "k1000", only_mercy=True) for _ in range(5)]
    finally:
        world.lakeside.set()
    added = _median(alone, lambda c: c.of_mercy) / _median(healthy, lambda c: c.of_mercy)
    report.line("P3 healthy EHR beside one that hangs / beside one that answers", added, 1.15)
    first = _median(alone, lambda c: c.first_screen)
    report.note(
        f"beside an EHR that hangs: its first screen {first * 1000:.0f} ms, everything of it "
        f"{_median(alone, lambda c: c.of_mercy) * 1000:.0f} ms"
    )


def p5(world: World, report: Report) -> None:
    later = later_searches()
    alone, together = [], []
    with _ample_connections(world):
        for round_ in range(ROUNDS):
            alone += [_opened(world, later, f"lone{round_}-{i}") for i in range(2)]
            with ThreadPoolExecutor(CLINICIANS) as pool:
                jobs = [
                    pool.submit(_opened, world, later, f"six{round_}-{i}")
                    for i in range(CLINICIANS)
                ]
                together += [job.result() for job in jobs]
    for place, what in enumerate(("first screen", "everything")):
        one = statistics.median(each[place] for each in alone)
        six = statistics.median(each[place] for each in together)
        report.line(f"P5 six clinicians at once / one alone, {what}", six / one, 1.5)
        report.note(f"{what}: alone {one * 1000:.0f} ms, six at once {six * 1000:.0f} ms")


@contextmanager
def _ample_connections(world: World) -> Iterator[None]:
    """What an EHR may be sent at once in all is not the limit here: as many requests as six openings may have under way."""
    from summary_app.models import Connection

    before = dict(Connection.objects.values_list("pk", "connections"))
    most = max(Connection.objects.values_list("concurrency", flat=True)) * CLINICIANS
    Connection.objects.update(connections=most)
    try:
        prime(world)
        yield
    finally:
        for pk, number in before.items():
            Connection.objects.filter(pk=pk).update(connections=number)


def _opened(world: World, later: frozenset[str], clinician: str) -> tuple[float, float]:
    """Seconds from the browser's return with a code, less what the token request takes at the EHR."""
    opening = open_chart(world, world.fresh("k1000"), clinician=clinician)
    opening.fill()
    began = opening.called + _token_seconds(world.mercy)
    return when(opening, later) - began, opening.when() - began


def _token_seconds(ehr: StandIn) -> float:
    from tests.bench.application import WAITS

    return WAITS[ehr.name]
