"""Records that nobody on this project wrote. Skipped unless VISIT_LENS_DATA names a folder with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clinical import resources as fhir
from clinical.fhir.wire import read_page

FOLDER = Path(os.environ.get("VISIT_LENS_DATA", ""))
FILES = sorted(FOLDER.glob("*/*.json")) if os.environ.get("VISIT_LENS_DATA") else []


@pytest.mark.skipif(not FILES, reason="VISIT_LENS_DATA is not set")
def test_every_resource_of_a_type_that_is_read_can_be_read() -> None:
    unread = [
        (path.name, entry.reference, entry.problem)
        for path in FILES
        for entry in read_page(path.read_bytes()).entries
        if entry.resource is None and entry.type in fhir.RESOURCE_TYPES
    ]
    assert unread == []
