"""P6, P8: opening a chart that was read before, asking whether there is news, and what the first view weighs."""

from __future__ import annotations

import re
import statistics
import time
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import requests

from tests.bench.application import World
from tests.bench.browser import Opening, open_chart
from tests.bench.cold import cold_open
from tests.bench.figures import Report

_FILES = re.compile(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)=["']([^"']+)["'][^>]*>""")
_IN_CSS = re.compile(rb"""url\(["']?([^"')]+)["']?\)""")
_POLL = re.compile(r"updates\?since=(\d+)")


def p6(world: World, report: Report) -> None:
    cold = statistics.median(cold_open(world, "k1000").everything for _ in range(3))
    patient = world.fresh("k1000")
    opening = open_chart(world, patient)
    opening.fill()
    again = [_opened_again(world, patient, opening.session) for _ in range(5)]
    loads, polls = [], []
    since = _POLL.search(opening.session.get(opening.url, timeout=20).text)
    client = HTTPConnection(urlsplit(opening.url).netloc, timeout=20)
    for _ in range(30):  # interleaved: both see the same machine
        loads.append(_seconds(client, opening, opening.url, 200))
        polls.append(_seconds(client, opening, _news(opening, since), 204))
    page, poll = statistics.median(loads), statistics.median(polls)
    report.line("P6 opened again from the EHR / cold", statistics.median(again) / cold, 1 / 20)
    report.line("P6 page of a chart that was read / cold", page / cold, 1 / 20)
    report.line("P6 poll with nothing new / that page", poll / page, 1 / 10)
    report.milliseconds("P6 page of a chart that was read", loads, 100.0)


def _opened_again(world: World, patient: str, session: requests.Session) -> float:
    """Seconds from the EHR's token to a page that has everything of the earlier reading."""
    world.mercy.log()
    opening = open_chart(world, patient, session=session)
    session.get(opening.url, timeout=20).raise_for_status()
    ended = time.monotonic()
    began = max(each.sent for each in world.mercy.log() if each.target.endswith("/auth/token"))
    opening.fill()  # the refresh ends before the next measurement begins
    return ended - began


def _news(opening: Opening, since: re.Match[str] | None) -> str:
    if since is None:
        raise ValueError("the complete page does not say where to ask for news")
    return urljoin(opening.url, f"updates?since={since[1]}")


def _seconds(client: HTTPConnection, opening: Opening, url: str, status: int) -> float:
    """From the question to the last byte of its answer, over one connection that is kept, as a browser keeps it."""
    headers = {"Cookie": "; ".join(f"{each.name}={each.value}" for each in opening.session.cookies)}
    headers |= {"HX-Request": "true"} if status == 204 else {}
    headers |= {"Accept-Encoding": "gzip"}
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    began = time.perf_counter()
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    answer.read()
    taken = time.perf_counter() - began
    if answer.status != status:
        raise ValueError(f"{answer.status} instead of {status}")
    return taken


def p8(world: World, report: Report) -> None:
    opening = open_chart(world, world.fresh("k1000"))
    opening.fill()
    sizes = {"page": _transferred(opening.session, opening.url)}
    for url in _FILES.findall(opening.session.get(opening.url, timeout=20).text):
        _weigh(opening.session, urljoin(opening.url, url), sizes)
    report.line(
        "P8 first view, everything it transfers", sum(s for s, _ in sizes.values()) / 1024, 60, "KB"
    )
    charts = [
        url
        for url, (_, body) in sizes.items()
        if b"plotly.js v" in body or b"Plotly.newPlot" in body
    ]
    report.line("P8 chart libraries in the first view", len(charts), 0, "")
    report.note(
        ", ".join(
            f"{url.rsplit('/', 1)[-1]} {size / 1024:.1f} KB" for url, (size, _) in sizes.items()
        )
    )


def _weigh(session: requests.Session, url: str, sizes: dict[str, tuple[int, bytes]]) -> None:
    if url in sizes or not url.startswith("http") or "#" in url:  # a place on the page itself
        return
    sizes[url] = _transferred(session, url)
    body = sizes[url][1]
    if url.partition("?")[0].endswith(".css"):
        for found in _IN_CSS.findall(body):
            _weigh(session, urljoin(url, found.decode()), sizes)


def _transferred(session: requests.Session, url: str) -> tuple[int, bytes]:
    """Bytes of the body as they cross the network, compressed as a browser accepts it; and the body itself."""
    answer = session.get(url, timeout=20, headers={"Accept-Encoding": "gzip"}, stream=True)
    answer.raise_for_status()
    raw = answer.raw.read(decode_content=False)
    if answer.headers.get("Content-Encoding") == "gzip":
        import gzip

        return len(raw), gzip.decompress(raw)
    return len(raw), raw
