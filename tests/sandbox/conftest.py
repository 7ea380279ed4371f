"""A sandbox EHR on a free port, two invented patients in it, and an application that signs in."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc import jwk

from clinical.fhir import keys, launch
from sandbox.auth import new_key
from sandbox.server import Sandbox
from sandbox.store import Store

Json = dict[str, Any]
APP = "http://127.0.0.1:8000"
SCOPES = (
    "launch openid fhirUser online_access patient/Patient.rs patient/Observation.rs "
    "patient/MedicationRequest.rs patient/Medication.r patient/Encounter.rs patient/Provenance.rs"
)


@pytest.fixture(scope="session")
def private_key() -> str:
    return keys.new_key("test-1")


@pytest.fixture(scope="session")
def signing_key() -> jwk.RSAKey:
    return new_key()


@dataclass
class Clock:
    """Moves only when it is told to."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@dataclass
class App:
    """The application at one sandbox: launches, tokens, searches."""

    sandbox: Sandbox
    clock: Clock
    key: str
    http: requests.Session = field(default_factory=requests.Session)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def url(self, path: str) -> str:
        return self.sandbox.root + path

    def get(self, path: str, token: str = "", **headers: str) -> requests.Response:
        sent = {"Accept": "application/fhir+json", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else self.url(f"/fhir/{path}")
        return self.http.get(url, headers=sent, allow_redirects=False, timeout=10)

    def launched(self, patient: str = "p1", **more: str) -> str:
        """The launch word of an EHR launch."""
        answer = self.get(self.url("/launch-app?" + urlencode({"patient": patient, **more})))
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["launch"][0]

    def authorized(self, **changed: str) -> dict[str, list[str]]:
        """What comes back with the browser from the sign-in. changed: parameters to replace."""
        query = {
            "response_type": "code",
            "client_id": "visit-lens",
            "redirect_uri": f"{APP}/callback/mercy/",
            "scope": SCOPES,
            "state": "s-1",
            "aud": self.sandbox.base,
            "code_challenge": launch.challenge(self.verifier),
            "code_challenge_method": "S256",
            "nonce": "n-1",
            **changed,
        }
        answer = self.get(self.url("/auth/authorize?" + urlencode(query)))
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)

    def assertion(self, client: str = "visit-lens", *, ago: float = 0, **changed: Any) -> str:
        """A signed client assertion, made so many seconds ago."""
        given: Json = {
            "client_id": client,
            "audience": self.url("/auth/token"),
            "now": datetime.fromtimestamp(self.clock() - ago, UTC),
            "jti": secrets.token_urlsafe(8),
            **changed,
        }
        return keys.assertion(given.pop("key", self.key), **given)

    def post(self, path: str, form: Json, *, client: str = "visit-lens") -> requests.Response:
        sent = {
            "client_assertion_type": keys.ASSERTION_TYPE,
            "client_assertion": self.assertion(client),
            **form,
        }
        return self.http.post(self.url(path), data=sent, timeout=10)

    def exchanged(self, code: str, **changed: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{APP}/callback/mercy/",
            "code_verifier": self.verifier,
            **changed,
        }
        return self.post("/auth/token", form)

    def signed_in(self, patient: str = "p1", scope: str = SCOPES, **more: str) -> Json:
        """The token response of a whole EHR launch."""
        back = self.authorized(launch=self.launched(patient, **more), scope=scope)
        answer = self.exchanged(back["code"][0])
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content)

    def system(self, scope: str = "system/*.rs") -> str:
        form = {"grant_type": "client_credentials", "scope": scope}
        answer = self.post("/auth/token", form, client="visit-lens-backend")
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def switch(self, **faults: Any) -> None:
        answer = self.http.post(self.url("/sandbox/faults"), json=faults, timeout=10)
        assert answer.status_code == 200, answer.text


Start = Callable[..., App]


@pytest.fixture
def start(private_key: str, signing_key: jwk.RSAKey) -> Iterator[Start]:
    """Starts sandboxes with these resources and ends them."""
    running: list[App] = []

    def begin(resources: list[Json], **options: Any) -> App:
        clock = Clock()
        sandbox = Sandbox(
            Store(resources),
            name="mercy",
            title="Mercy Hospital",
            app_url=APP,
            clock=clock,
            fetch=lambda url: keys.public_keys([private_key]),
            key=signing_key,
            **options,
        )
        sandbox.start()
        running.append(App(sandbox, clock, private_key))
        return running[-1]

    yield begin
    for app in running:
        app.http.close()
        app.sandbox.stop()


@pytest.fixture
def app(start: Start) -> App:
    return start(two_patients())


def two_patients() -> list[Json]:
    """Two patients with equal kinds of records, one visit each, and a nurse."""
    found: list[Json] = [
        {"resourceType": "Practitioner", "id": user, "name": [{"text": f"Dr {user}"}]}
        for user in ("physician", "nurse")
    ]
    found.append({"resourceType": "Medication", "id": "m1", "code": {"text": "Metformin 500 mg"}})
    for number, name in (("1", "Testcase"), ("2", "Sample")):
        found += _patient(number, name)
    return found


def _patient(number: str, name: str) -> list[Json]:
    subject = {"reference": f"Patient/p{number}"}
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    observations = [
        {
            "resourceType": "Observation",
            "id": f"o{number}-{place}",
            "status": "final",
            "category": [{"coding": [{"system": category, "code": kind}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": subject,
            "effectiveDateTime": f"2026-05-0{place}T10:00:00Z",
        }
        for place, (kind, code) in enumerate(
            [("laboratory", "4548-4"), ("laboratory", "2160-0"), ("vital-signs", "8867-4")], 1
        )
    ]
    return [
        {
            "resourceType": "Patient",
            "id": f"p{number}",
            "name": [{"family": name, "given": ["Anna"]}],
            "birthDate": f"196{number}-02-03",
            "gender": "female",
            "identifier": [{"system": "urn:example:person", "value": f"P-{number}"}],
        },
        {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "status": "in-progress",
            "subject": subject,
            "period": {"start": "2026-05-05T09:00:00Z"},
        },
        {
            "resourceType": "MedicationRequest",
            "id": f"mr{number}",
            "status": "active",
            "intent": "order",
            "subject": subject,
            "medicationReference": {"reference": "Medication/m1"},
        },
        {
            "resourceType": "Provenance",
            "id": f"pr{number}",
            "target": [{"reference": f"MedicationRequest/mr{number}"}],
        },
        *observations,
    ]
