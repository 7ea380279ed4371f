"""Find anything on the patient with 10,000 observations at each EHR: from the pause after a key to the answer."""

from __future__ import annotations

import re
import time

from tests.bench.application import World
from tests.bench.browser import NotComplete, open_chart
from tests.bench.figures import Report

PAUSE_MS = 30.0  # static/visit-lens/find.js
_BAR_MS = 100.0  # from the last key
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_WORDS = (
    "k", "pot", "potassium", "na", "creat", "hb", "hba1c", "sugar", "ldl", "tsh", "inr", "bnp", "trop", "metf", "lisin",
    "water tablet", "penic", "weight", "bp", "echo", "potasium", "creatinin", "xyzzy", "diabetes",
)  # fmt: skip


def find(world: World, report: Report) -> None:
    opening = open_chart(world, world.fresh("k10000"))
    opening.fill()
    found = _TOKEN.search(opening.page) or _TOKEN.search(opening.session.get(opening.url).text)
    if found is None:
        raise NotComplete("the page of a chart has no token for its forms")

    def ask(words: str) -> float:
        began = time.perf_counter()
        answer = opening.session.post(
            f"{opening.url}find",
            data={"q": words, "csrfmiddlewaretoken": found[1]},
            headers={"HX-Request": "true"},
            timeout=60,
        )
        answer.raise_for_status()
        return time.perf_counter() - began

    report.seen("find anything: the index, made while the field opens", ask("") * 1000, "ms")
    seconds = [ask(words) + PAUSE_MS / 1000 * report.slowness for words in _WORDS]
    report.milliseconds("find anything: from the last key to the answer", seconds, _BAR_MS)
