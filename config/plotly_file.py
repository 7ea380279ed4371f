"""plotly.min.js from the installed plotly package as a static file. Nothing else of the package is served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

NAME = "plotly/plotly.min.js"


def folder() -> Path:
    """Where the installed package keeps its script. Raises FileNotFoundError when it is not there."""
    spec = find_spec("plotly")
    found = Path(str(spec.origin)).parent / "package_data" if spec is not None else Path()
    if not (found / "plotly.min.js").is_file():
        raise FileNotFoundError("the plotly package has no plotly.min.js: install requirements.txt")
    return found


class PlotlyFinder(BaseFinder):
    """A staticfiles finder with one file."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.storage = FileSystemStorage(location=folder())
        self.storage.prefix = "plotly"  # type: ignore[attr-defined]  # read by collectstatic

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        if path != NAME:
            return []
        where = str(folder() / "plotly.min.js")
        return [where] if find_all else where

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        yield "plotly.min.js", self.storage
