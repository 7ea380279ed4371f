"""Two sandbox EHRs with a stranger in each, and a page as a reader takes it: what tests of hostile servers stand on.

The stranger has an entry of every kind that is asked for. None of his words may ever be on another patient's page.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from sandbox import patients
from sandbox.patients import terms
from sandbox.patients.authoring import Chart
from sandbox.patients.clock import Clock
from sandbox.server import Sandbox
from sandbox.store import Store
from sandbox.wire import Request, Response

TRUSTED = "https://sandbox.visit-lens.example/person"
STRANGER, MARIA = "stranger", "maria"
NAMES = {"mercy": "Mercy", "lakeside": "Lakeside"}
_PATIENT_SECONDS = 20.0
_SEARCH = re.compile(r"/fhir/(?!Patient)[A-Z]\w+")
ROOMS = {"mercy": "clinic-4", "lakeside": "lake-5"}
# In every text of the stranger's record, and numbers that are in no other record of the sandbox
CANARIES = ("kanari", "77123", "31.31313", "Patient/stranger", "stranger-")
# Words that stand in one record only: they are looked for on the pages of the others
NEIGHBOURS = {
    "t2dm-ckd": ("Testcase, Anna", "dapagliflozin", "t2dm-ckd-"),
    "traps": ("Trap-Testcase", "huntington", "wasp venom", "traps-odd"),
    MARIA: ("Sample, Maria", "migraine", "carpal tunnel", "maria-"),
    "new-patient": ("Blank-Sample", "new-patient-"),
}


def stranger(server: str, now: datetime) -> list[dict[str, Any]]:
    """Kasimir Kanario: something of every kind, today and before, and "no known allergy"."""
    chart = Chart(server, STRANGER, Clock(now))
    chart.patient("Kanario", "Kasimir", "male", "1971-01-31", "K-77123", "P-999999")
    chart.no_known_allergies(30)
    chart.allergy("Kanarine latex", 900, reaction="Anaphylaxis", criticality="high")
    chart.problem("Kanarine fever", "I10", 700)
    chart.medicine("Kanarine 20 MG Oral Tablet", "1 kanarine tablet daily", 400)
    chart.stated("Kanarine drops", "as needed, kanarine", 20)
    chart.labs(3, creatinine=77123.4, potassium=31.31313, hemoglobin=77123.4, a1c=31.31313)
    chart.vitals(2, bp=(231, 131), pulse=131, weight=77123.4)
    chart.note(2, "Kanarine note", "PLAN: give kanarine.")
    report = chart.report("Kanarine scan", 2, conclusion="A kanarine shadow.", kind="RAD", loinc="")
    chart.procedure("Kanarine excision", 90, report=report)
    chart.vaccine("Kanarine vaccine", "197", 40)
    chart.flag("Kanarine isolation", 5, kind="infection-control")
    chart.device("Kanarine pump", 400)
    chart.consent(
        "Kanarine resuscitation", 60, scope="adr", category=(terms.LOINC, "45473-6"), rule="deny"
    )
    chart.family("Mother", "MTH", ("Kanarine syndrome", 40))
    chart.finding("Housing status", "71802-3", "With kanaries", 50, category="social-history")
    chart.order("Kanarine test", 1)
    chart.plan("Kanarine plan", "A kanarine plan.", 30, goals=[chart.goal("Kanarine below 5", 30)])
    chart.imaging("Kanarine CT", 20, "CT")
    chart.visit("Kanarine visit", hours=-0.2, at=ROOMS[server], complaint="Kanarine")
    given = {
        "status": "completed",
        "medicationCodeableConcept": {"text": "Kanarine infusion"},
        "subject": chart.subject,
        "effectiveDateTime": chart.clock.at(1),
    }
    chart.add("MedicationAdministration", "given", given)
    return chart.resources


def maria(server: str, now: datetime) -> list[dict[str, Any]]:
    """Maria Sample: no known allergies, asserted at both EHRs; one problem and one result at each."""
    chart = Chart(server, MARIA, Clock(now))
    number, problem = {"mercy": ("00811", "Migraine"), "lakeside": ("T-811", "Carpal tunnel")}[
        server
    ]
    chart.patient("Sample", "Maria", "female", "1980-04-05", number, "P-100811")
    chart.no_known_allergies(40)
    chart.problem(problem, "G43.909", 800)
    chart.lab("potassium" if server == "mercy" else "tsh", 4.0, 30)
    return chart.resources


def small_store(server: str, people: tuple[str, ...], now: datetime) -> Store:
    """The house, these people of the sandbox, Maria and the stranger."""
    everything = Store(patients.resources(server, now))
    kept = [h.content for h in everything if not h.patients or set(h.patients) & set(people)]
    return Store([*kept, *stranger(server, now), *maria(server, now)])


class CountingEhr(Sandbox):
    """A sandbox EHR that counts what it is asked for below its FHIR base, by address.

    patient_first: it answers no search before it was read which patient it is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: Counter[str] = Counter()
        self.patient_first = False
        self._counting = threading.Lock()
        self._patient_read = threading.Event()

    def reset(self) -> None:
        """No faults, nothing asked yet."""
        self.board.change({"reset": True})
        self.asked.clear()
        self.put_patient_first(False)

    def put_patient_first(self, wanted: bool) -> None:
        self.patient_first = wanted
        self._patient_read.clear()

    def answer(self, request: Request) -> Response:
        if not request.path.startswith("/fhir"):
            return super().answer(request)
        with self._counting:
            self.asked[f"{request.path}?{request.query}"] += 1
        if self.patient_first and _SEARCH.fullmatch(request.path):
            self._patient_read.wait(_PATIENT_SECONDS)
        answer = super().answer(request)
        if request.path.startswith("/fhir/Patient/"):
            self._patient_read.set()
        return answer


@dataclass(frozen=True)
class Said:
    """One honest state as printed. place: the block or slot it stands in. words: all of it."""

    place: str
    glyph: str
    words: str


_PLACE = re.compile(
    r'<(?:section|li|footer)\s+(?:id="([\w-]+)"|class="(slot [\w -]+|block answers)")'
)
_STATE = re.compile(
    r'<span class="st st-([\w-]+)".*?</b>(?: <span class="m">.*?</span>)?</span>', re.DOTALL
)
_TOKENS = re.compile(r'data-source="([^"]*)"')
_CHIP = re.compile(r'<li class="chip chip-([\w-]+)">(.*?)</li>', re.DOTALL)


class Shown:
    """A page, read without the product: what stands where, and which entries it names."""

    def __init__(self, html: str) -> None:
        self.html = html
        start, end = html.find('<div id="chart">'), html.find('<div id="poll"')
        assert 0 < start < end, "this is no chart"
        self.chart = html[start:end]
        self.text = plain(self.chart)
        self.tokens = {token for each in _TOKENS.findall(self.chart) for token in each.split()}
        self.chips = [(state, plain(words)) for state, words in _CHIP.findall(self.chart)]

    def states(self) -> Iterator[Said]:
        """Every honest state of the chart but for the table that lists each source by itself."""
        places = [(m.start(), (m.group(1) or m.group(2))) for m in _PLACE.finditer(self.chart)]
        for match in _STATE.finditer(self.chart):
            place = next((name for at, name in reversed(places) if at < match.start()), "")
            if place != "block answers":
                yield Said(place, match.group(1), plain(match.group(0)))

    def of(self, server: str) -> set[str]:
        return {token for token in self.tokens if token.startswith(f"{server}/")}

    def chip(self, name: str) -> tuple[str, str]:
        return next(chip for chip in self.chips if chip[1].startswith(name))


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", html))).strip()


def strangers_words(html: str, patient: str) -> list[str]:
    """Words of other people that are on this page."""
    others = [word for key, words in NEIGHBOURS.items() if key != patient for word in words]
    folded = unescape(html).lower()
    return [word for word in (*CANARIES, *others) if word.lower() in folded]
