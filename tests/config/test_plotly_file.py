"""One file of the plotly package is a static file, and no other."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders

from config.plotly_file import NAME, PlotlyFinder


def test_the_script_of_the_installed_package_is_found() -> None:
    found = Path(str(finders.find(NAME)))
    assert found.name == "plotly.min.js"
    assert b"plotly.js v" in found.read_bytes()[:200]


def test_nothing_else_of_the_package_is_served() -> None:
    assert [name for name, _ in PlotlyFinder().list(None)] == ["plotly.min.js"]
    for other in ("plotly/widgetbundle.js", "plotly/../__init__.py", "plotly/datasets/iris.csv"):
        assert not PlotlyFinder().find(other)
