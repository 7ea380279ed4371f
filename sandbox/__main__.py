"""python -m sandbox serve: one sandbox EHR on this machine, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import FrameType

from sandbox import loader, patients, shifting
from sandbox.patients.clock import SITE_ZONE
from sandbox.server import Sandbox
from sandbox.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until it is told to end. Returns the exit code."""
    options = _options(arguments)
    sandbox = _sandbox(options)
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    sandbox.start()
    _say(f"{options.title}: {len(sandbox.store)} resources at {sandbox.base}")
    if options.ready_file:
        Path(options.ready_file).write_text(f"{sandbox.root}\n", encoding="utf-8")
    ended.wait()
    sandbox.stop()
    return 0


def _sandbox(options: argparse.Namespace) -> Sandbox:
    """The house of that name with its patients, and what was loaded beside them."""
    now = datetime.fromtimestamp(time.time(), SITE_ZONE)
    store = Store(patients.resources(options.name, now))
    if options.data:
        _load(store, Path(options.data), now.date() if options.shift_dates else None)
    store.warm("Observation", ("category", "code", "date"))
    return Sandbox(
        store,
        name=options.name,
        title=options.title,
        app_url=options.app_url,
        port=options.port,
        clock=time.time,
        zone=SITE_ZONE,
    )


def _load(store: Store, folder: Path, today: date | None) -> None:
    """Loads a folder and says what came of it. today: to where dates are shifted, None = they stay."""
    loaded = loader.load(folder, store)
    for line in loader.report(loaded):
        _say(f"load: {line}")
    if today is None:
        return
    shifted = shifting.shift(store, loaded.references, today)
    _say(
        f"load: The records of {shifted.patients} patients were moved, each by whole days, to end today."
    )
    if shifted.undated:
        _say(f"load: {shifted.undated} patients have no dated record and were left as they are.")
    if shifted.kept:
        _say(f"load: {shifted.kept} dates are in no calendar and were left as they are.")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox")
    serve = parser.add_subparsers(required=True, dest="command").add_parser("serve")
    serve.add_argument("--name", required=True, choices=("mercy", "lakeside"))
    serve.add_argument("--title", required=True)
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--app-url", required=True, help="address of the application")
    serve.add_argument("--ready-file", default="", help="written when the server listens")
    serve.add_argument("--data", default="", help="folder of FHIR resources to load")
    serve.add_argument(
        "--shift-dates", action="store_true", help="the last record of each loaded patient is today"
    )
    options = parser.parse_args(arguments)
    if options.data and not Path(options.data).is_dir():
        serve.error(f"there is no folder {options.data}")
    return options


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
