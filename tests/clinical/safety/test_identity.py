"""Whose record it is, where the web application decides it."""

from __future__ import annotations

import msgspec

from clinical.records import Identifier
from summary_app.summary.services.identity import compare
from tests.clinical.reconcile.builders import patient, source

MRN = "urn:mrn"


def test_test_data_is_never_joined_with_real_data() -> None:
    number = (Identifier(system=MRN, value="1"),)
    real = patient(identifiers=number)
    there = patient("p2", server="lakeside", identifiers=number)
    assert compare(real, there, systems={MRN}) == ("same", "")
    marked = msgspec.structs.replace(there, source=source("Patient/p2", "lakeside", test=True))
    for pair in ((real, marked), (marked, real)):
        verdict, words = compare(*pair, systems={MRN})
        assert verdict == "different"
        assert "test data" in words
