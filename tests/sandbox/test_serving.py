"""The command that serves a sandbox EHR: from its start to its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server with a loaded patient, and its address."""
    data, ready = tmp_path / "data", tmp_path / "ready"
    data.mkdir()
    records = [
        {"resourceType": "Patient", "id": "loaded-1", "name": [{"family": "Loaded"}]},
        {
            "resourceType": "Observation",
            "id": "o",
            "subject": {"reference": "Patient/loaded-1"},
            "effectiveDateTime": "2180-01-01",
        },
    ]
    (data / "all.json").write_text(json.dumps(records), encoding="utf-8")
    (data / "broken.json").write_text("{", encoding="utf-8")
    options = ["--name", "mercy", "--title", "Mercy Hospital", "--app-url", "http://127.0.0.1:1"]
    options += ["--ready-file", str(ready), "--data", str(data), "--shift-dates"]
    process = subprocess.Popen(  # noqa: S603  # our own program and arguments
        [sys.executable, "-m", "sandbox", "serve", *options], stdout=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not ready.exists() or not ready.read_text(encoding="utf-8"):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    yield process, ready.read_text(encoding="utf-8").strip()
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_it_says_what_it_loaded_serves_and_ends_when_told(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, root = served
    assert root.startswith("http://127.0.0.1:")
    page = requests.get(root, params={"q": "loaded"}, timeout=10)
    assert "patient=loaded-1" in page.text
    requests.post(f"{root}/sandbox/faults", json={"reads_without_token": True}, timeout=10)
    today = datetime.fromtimestamp(time.time(), UTC).date()
    moved = requests.get(f"{root}/fhir/Observation/o", timeout=10).json()["effectiveDateTime"]
    # Either day around it: the server's day, in its own time zone, may have ended since.
    assert abs((date.fromisoformat(moved) - today).days) <= 1
    schedule = requests.get(root, timeout=10).text
    assert schedule.count("launch-app") > 3
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    lines = [line for line in told.splitlines() if line.startswith("load: ")]
    assert lines[0] == "load: 2 resources of 1 patients loaded from 2 files."
    assert any("broken.json" in line for line in lines)


def test_another_house_is_not_known() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", "serve", "--name", "other", "--title", "x"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
