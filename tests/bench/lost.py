"""P11: one defective resource in one hundred costs at most that one, and nothing is lost without being counted."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote, urljoin

import requests

from clinical.records import Section
from clinical.summary.sections import NAMES
from tests.bench.application import World
from tests.bench.browser import open_chart
from tests.bench.defects import COUNT, DEFECTS, PLACE, chart_of
from tests.bench.figures import Report

_SOURCE = re.compile(r'data-source="([^"]*)"')


def p11(world: World, report: Report) -> None:
    whole, as_sent = 0, 0
    for key, (words, _) in DEFECTS.items():
        shown, counted, reachable = _opened(world, key)
        whole += counted == COUNT
        as_sent += reachable
        report.line(f"P11 {words}: shown of {COUNT}", shown, COUNT - 1, "", least=True)
    report.line(
        "P11 defects with every resource accounted for", whole, len(DEFECTS), "", least=True
    )
    report.line(
        "P11 defects that open as sent, byte for byte", as_sent, len(DEFECTS), "", least=True
    )


def _opened(world: World, key: str) -> tuple[int, int, int]:
    """How many of the observations are on the screen, how many are accounted for, whether the odd one opens."""
    opening = open_chart(world, f"{key}.1")
    opening.fill()
    summary = _get(
        opening.session, urljoin(opening.url, f"/api/v1{_path(opening.url)}summary")
    ).json()
    row = _potassium(summary["summary"])
    page = _get(opening.session, urljoin(opening.url, f"row/{quote(row, safe='')}?all=1")).text
    tokens = {token for found in _SOURCE.findall(page) for token in html.unescape(found).split()}
    odd = chart_of(key, "mercy")[PLACE]
    names = {each["id"] for each in chart_of(key, "mercy")}
    shown = {
        t
        for t in tokens
        if t.startswith("mercy/Observation/") and t.rpartition("/")[2] in _named(names, key)
    }
    counted = _counted(summary["summary"])
    raw = opening.session.get(
        urljoin(opening.url, f"as-sent/mercy/Observation/{quote(_name(odd['id'], key))}"),
        timeout=20,
    )
    return len(shown), counted, int(raw.status_code == 200 and _same(raw.content, odd, key))


def _get(session: requests.Session, url: str) -> requests.Response:
    answer = session.get(url, timeout=20)
    answer.raise_for_status()
    return answer


def _path(url: str) -> str:
    return "/c/" + url.split("/c/")[1]


def _potassium(summary: dict[str, Any]) -> str:
    """Key of the row; wherever on the page it stands."""
    for block in summary["blocks"]:
        rows = [
            *block.get("rows", ()),
            *(r for g in block.get("groups", ()) for r in g.get("rows", ())),
        ]
        for row in rows:
            if row.get("row") == "lab" and row["name"].lower().startswith("potassium"):
                return str(row["key"])
    raise ValueError("no row for potassium")


def _counted(summary: dict[str, Any]) -> int:
    """Entries per EHR that the page's account of laboratory results adds up to (both have the same defect)."""
    lines = [line for line in summary["ledger"] if line["section"] == NAMES[Section.LABS]]
    return sum(line["count"] for line in lines) // 2


def _named(names: set[str], key: str) -> set[str]:
    return {_name(each, key) for each in names}


def _name(identifier: str, key: str) -> str:
    return identifier.replace("--patient--", f"{key}.1")


def _same(raw: bytes, odd: dict[str, Any], key: str) -> bool:
    import orjson

    return raw == orjson.dumps(odd).replace(b"--patient--", f"{key}.1".encode())
