"""Two web processes on one database: one click in the one, and the next opening in the other stands under the version before."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import requests

from tests.clinical.fhir.fake_ehr import running
from tests.summary_app.ehr import SmartEhr, lab, patient
from tests.summary_app.two_processes import two_processes

BOUND = 5.0  # seconds after which no opening anywhere may stand under what was taken back


def form(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found, page[:500]
    return {"csrfmiddlewaretoken": found[1]}


def version_at(ehr: SmartEhr, address: str) -> tuple[float, str]:
    """A new opening there: when it began, and the version of the rule that its row names."""
    browser = requests.Session()
    began = time.monotonic()
    query = {"iss": ehr.base, "launch": f"launch-{began}"}
    away = browser.get(f"{address}/launch/mercy/", params=query, allow_redirects=False, timeout=20)
    back = ehr.authorize(away.headers["Location"])
    page = browser.get(f"{address}/callback/mercy/", params=back, timeout=20)
    until = time.monotonic() + 30
    while "A1c" not in page.text:
        assert time.monotonic() < until, page.text[-2000:]
        page = browser.get(page.url, timeout=20)
    chosen = browser.post(
        f"{page.url}visit", data={**form(page.text), "visit": "diabetes"}, timeout=20
    )
    key = re.search(r'row/(series-[0-9a-f]{12})"', chosen.text)
    assert key, chosen.text[-2000:]
    row = browser.get(f"{page.url}row/{key[1]}", timeout=20).text
    version = re.search(r"diabetes v(\d+) lab\.hba1c", row)
    assert version, row
    return began, version[1]


@pytest.mark.timeout(300)  # two servers start
def test_a_rollback_holds_for_the_next_opening_in_every_process(tmp_path: Path) -> None:
    ehr = SmartEhr([patient("p1"), lab("a1", "p1", 8.1)])
    with running(ehr), two_processes(tmp_path, ehr.base) as ((first, second), session):
        publisher = requests.Session()
        publisher.cookies.set("visit-lens-session", session)
        page = publisher.get(f"{first}/rules/diabetes/", timeout=20)
        assert page.status_code == 200
        for address in (first, second):
            assert version_at(ehr, address)[1] == "2"
        found = re.search(r'action="(/rules/roll-out/\d+/back)"', page.text)
        assert found, page.text
        publisher.post(f"{first}{found[1]}", data=form(page.text), timeout=20).raise_for_status()
        taken_back = time.monotonic()
        assert version_at(ehr, first)[1] == "1"
        began, version = version_at(ehr, second)
        while version != "1":
            assert began < taken_back + BOUND
            began, version = version_at(ehr, second)
