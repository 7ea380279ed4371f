"""VISIT_LENS_UNITS: read from the environment, and checked before anybody sees a page."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from config import env
from summary_app.checks import units_can_be_read


def test_pairs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIT_LENS_UNITS", "glucose=mmol/L, temperature = Cel")
    assert env.pairs("VISIT_LENS_UNITS") == {"glucose": "mmol/L", "temperature": "Cel"}
    monkeypatch.delenv("VISIT_LENS_UNITS")
    assert env.pairs("VISIT_LENS_UNITS") == {}


@pytest.mark.parametrize("sent", ["glucose", "glucose=", "glucose=mmol/L, temperature"])
def test_what_is_no_pair_is_refused(sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIT_LENS_UNITS", sent)
    with pytest.raises(ImproperlyConfigured, match="must be like"):
        env.pairs("VISIT_LENS_UNITS")


def test_a_unit_that_makes_no_sense_is_an_error_with_a_way_out(settings: Settings) -> None:
    settings.VISIT_LENS_UNITS = {"glucose": "mmol/L"}
    assert units_can_be_read() == []
    settings.VISIT_LENS_UNITS = {"glucose": "mmHg"}
    (found,) = units_can_be_read()
    assert (found.id, "VISIT_LENS_UNITS" in (found.hint or "")) == ("visit_lens.E005", True)
