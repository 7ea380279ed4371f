"""The schedule of a sandbox EHR, and how a visit is opened from it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox import home

from .conftest import APP, App, Json, Start, two_patients


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert not {"style", "onclick"} & set(found)
        assert tag not in ("script", "style")
        if tag == "a":
            self.hrefs.append(found["href"] or "")


def launches(page: str) -> list[dict[str, list[str]]]:
    reader = _Links()
    reader.feed(page)
    opened = [urlsplit(href) for href in reader.hrefs if href.startswith("/launch-app")]
    return [parse_qs(each.query) for each in opened]


def visit(id_: str, patient: str, start: datetime, status: str = "planned", **more: Any) -> Json:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": status,
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": start.isoformat()},
        **more,
    }


def begun(start: Start, *resources: Json) -> App:
    """A sandbox without other visits than these. Its clock stands at an hour of the day."""
    plain = [each for each in two_patients() if each["resourceType"] != "Encounter"]
    app = start([*plain, *resources])
    app.clock.now = datetime(2026, 5, 5, 10, tzinfo=UTC).timestamp()
    return app


NOW = datetime(2026, 5, 5, 10, tzinfo=UTC)


def test_the_schedule_shows_who_comes_today_in_order(start: Start) -> None:
    app = begun(
        start,
        visit(
            "late",
            "p2",
            NOW + timedelta(hours=3),
            reasonCode=[{"text": "Knee <pain>"}],
            participant=[{"individual": {"reference": "Practitioner/nurse"}}],
            location=[{"location": {"reference": "Location/x", "display": "Room 4"}}],
        ),
        visit("early", "p1", NOW - timedelta(hours=2), "in-progress"),
        visit("stays", "p1", NOW - timedelta(days=3), "in-progress"),
        visit("gone", "p1", NOW - timedelta(days=3), "finished"),
        visit("off", "p1", NOW, "cancelled"),
        visit("tomorrow", "p1", NOW + timedelta(days=1)),
        visit("nobody", "p9", NOW),
    )
    page = app.get(app.url("/?user=nurse")).text
    opened = [each["encounter"][0] for each in launches(page) if "encounter" in each]
    assert opened == ["early", "late", "stays"]
    for words in (
        "Anna Sample",
        "Knee &lt;pain&gt;",
        "Dr nurse",
        "Room 4",
        ">13:00<",
        "May 02 10:00",
        "Here since an earlier day",
    ):
        assert words in page
    assert all(each["user"] == ["nurse"] for each in launches(page))


def test_an_appointment_and_its_encounter_are_one_visit(start: Start) -> None:
    begins = NOW.isoformat()
    booked = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": begins,
        "participant": [{"actor": {"reference": "Patient/p1"}}],
    }
    other = {**booked, "id": "a2", "participant": [{"actor": {"reference": "Patient/p2"}}]}
    app = begun(start, {**booked, "id": "a1"}, other, visit("e1", "p1", NOW))
    rows = launches(app.get(app.url("/")).text)[:2]
    assert [(row["patient"], row.get("encounter")) for row in rows] == [
        (["p1"], ["e1"]),
        (["p2"], None),
    ]


def test_patients_without_a_visit_can_be_opened_and_found(start: Start) -> None:
    app = begun(start)
    page = app.get(app.url("/"))
    assert "No visits today" in page.text
    assert [each["patient"] for each in launches(page.text)] == [["p2"], ["p1"]]
    for words in ("anna test", "P-1", "p1"):
        found = app.get(app.url(f"/?q={words}"))
        assert [each["patient"] for each in launches(found.text)] == [["p1"]], words


def test_thousands_of_patients_do_not_fill_the_page(start: Start) -> None:
    many = [{"resourceType": "Patient", "id": f"n{n}", "name": "odd"} for n in range(3000)]
    app = begun(start, *many)
    page = app.get(app.url("/")).text
    assert len(launches(page)) == home.MOST_PATIENTS
    assert "200 of 3002 patients" in page
    assert [each["patient"] for each in launches(app.get(app.url("/?q=n2999")).text)] == [["n2999"]]


def test_a_button_of_the_schedule_launches_the_application(start: Start) -> None:
    app = begun(start, visit("e1", "p1", NOW))
    page = app.get(app.url("/")).text
    href = re.search(r"href='(/launch-app[^']+)'", page)
    assert href is not None
    answer = app.get(app.url(href[1].replace("&amp;", "&")))
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{APP}/launch/mercy/"
    assert parse_qs(where.query)["iss"] == [app.sandbox.base]


def test_pages_carry_a_strict_policy_and_take_their_style_from_a_file(app: App) -> None:
    for path in ("/", "/sandbox/faults", "/nothing-here"):
        answer = app.get(app.url(path), Accept="text/html")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        _Links().feed(answer.text)
    assert app.get(app.url("/sandbox.css")).headers["Content-Type"].startswith("text/css")


def test_what_is_typed_is_only_text(app: App) -> None:
    page = app.get(app.url("/?q=%22%27><script>alert(1)</script>&user=%22><b>"))
    assert "<script" not in page.text
    assert "<b>" not in page.text
