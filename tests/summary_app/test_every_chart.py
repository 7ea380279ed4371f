"""Every patient there is, opened as a clinician does: launch at the EHR, sign-in, page until nothing is awaited.

The sandbox's own patients always; records that nobody here wrote when VISIT_LENS_DATA names a folder with them.
No error, no entry lost without being counted, and the ledger adds up to what was received.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from sandbox import loader, patients
from sandbox.patients.clock import SITE_ZONE
from sandbox.server import Sandbox
from sandbox.store import Store
from summary_app.access import door
from summary_app.access.models import User
from summary_app.connections.models import Connection
from summary_app.summary.services import pages

FOLDERS = ("synthea", "mimic-iv-demo", "us-core-examples", "ccda-converted")
DATA = os.environ.get("VISIT_LENS_DATA", "")
_PATIENCE = 60.0  # seconds until a page that is not complete never will be
TRUSTED = "https://sandbox.visit-lens.example/person"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet")]


@pytest.fixture
def hospital(live_server: Any) -> Iterator[Callable[[str, Store], Sandbox]]:
    """Starts sandbox EHRs that know the application under test, with their connection rows."""
    started: list[Sandbox] = []
    settings.VISIT_LENS_BASE_URL = live_server.url

    def start(name: str, store: Store) -> Sandbox:
        ehr = Sandbox(
            store, name=name, title=name.title(), app_url=live_server.url, clock=time.time,
            zone=SITE_ZONE,
        )  # fmt: skip
        ehr.start()
        started.append(ehr)
        Connection.objects.create(
            key=name, name=name.title(), base_url=ehr.base, client_id="visit-lens", test=True,
            authorization=Connection.Authorization.ASYMMETRIC,
            backend_client_id="visit-lens-backend", backend_policy="sandbox",
            backend_for_clinicians=True, trusted_identifiers=TRUSTED, page_size=1000,
        )  # fmt: skip
        return ehr

    before = settings.VISIT_LENS_BASE_URL
    yield start
    settings.VISIT_LENS_BASE_URL = before
    for ehr in started:
        ehr.stop()


class Clinician:
    """A browser without a screen."""

    def __init__(self) -> None:
        self.http = requests.Session()

    def opens(self, ehr: Sandbox, patient: str, encounter: str = "") -> tuple[str, str]:
        """(context id, the page once nothing is awaited). Raises AssertionError for anything but a page."""
        query = {"patient": patient, "encounter": encounter}
        answer = self.http.get(f"{ehr.root}/launch-app", params=query, timeout=30)
        assert answer.status_code == 200, f"{patient}: {answer.status_code} {answer.text[:400]}"
        ctx = urlsplit(answer.url).path.split("/")[2]
        url = answer.url
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if 'data-summary="complete"' in answer.text:
                return ctx, answer.text
            time.sleep(0.1)
            answer = self.http.get(url, timeout=30)
            assert answer.status_code == 200, f"{patient}: {answer.status_code}"
        raise AssertionError(f"{patient} was never complete")


def check_ledger(ctx: str) -> int:
    """The ledger counts every entry that was received, each once. Returns how many there were."""
    user = User.objects.get(chartcontext__id=ctx)
    opening = door.look_again(user, ctx, as_of=timezone.now())
    sections = pages.sections_of(opening)
    received = {
        (entry.source.server, entry.source.reference)
        for section in sections
        for entry in (*section.records, *section.not_shown)
    }
    built = pages.built_of(opening, as_of=timezone.now())
    assert sum(line.count for line in built.summary.ledger) == len(received)
    return len(received)


def sandbox_store(name: str) -> Store:
    return Store(patients.resources(name, timezone.now()))


def patients_of(store: Store) -> list[str]:
    return [str(held.content["id"]) for held in store.of_type("Patient")]


@pytest.mark.timeout(300)  # all of them, one after the other
def test_every_patient_of_the_sandbox_opens(hospital: Callable[[str, Store], Sandbox]) -> None:
    store = sandbox_store("mercy")
    mercy = hospital("mercy", store)
    hospital("lakeside", sandbox_store("lakeside"))
    for patient in patients_of(store):
        visit = f"visit-{patient}"
        encounter = visit if store.get("Encounter", visit) is not None else ""
        ctx, page = Clinician().opens(mercy, patient, encounter)
        if 'class="stop"' not in page:
            assert check_ledger(ctx) > 0, patient


@pytest.mark.skipif(not DATA, reason="VISIT_LENS_DATA names no folder of records")
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_patient_of_real_records_opens(
    folder: str, hospital: Callable[[str, Store], Sandbox]
) -> None:
    store = sandbox_store("mercy")
    invented = set(patients_of(store))
    assert loader.load(Path(DATA) / folder, store).references
    mercy = hospital("mercy", store)
    everybody = [patient for patient in patients_of(store) if patient not in invented]
    assert everybody
    for patient in everybody:
        ctx, page = Clinician().opens(mercy, patient)
        if 'class="stop"' not in page:
            assert check_ledger(ctx) > 0, patient
