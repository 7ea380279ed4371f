"""Which medicine changes are marked on which trend line: a drug that acts on an analyte, by name and only when known.

Pairs: labelled effects of common medicines on potassium, creatinine and eGFR, glucose and A1c, lipids, INR, sodium.
Not yet reviewed by a clinician. Nothing is judged: the tick says when a medicine started or changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from clinical.records import FhirTime, Medication, Series
from clinical.summary import fmt, medicines, names, spark
from clinical.summary.desk import Desk

_RAAS = ("pril", "sartan", "sacubitril", "spironolactone", "eplerenone", "finerenone")
_DIURETIC = (
    "furosemide",
    "torsemide",
    "bumetanide",
    "hydrochlorothiazide",
    "chlorthalidone",
    "metolazone",
)
_NSAID = ("naproxen", "ibuprofen", "diclofenac", "ketorolac", "meloxicam", "celecoxib")
_SUGAR = (
    "metformin", "gliflozin", "glutide", "insulin", "gliptin", "glipizide", "glimepiride", "glyburide",
    "pioglitazone", "prednisone", "prednisolone", "dexamethasone", "tirzepatide",
)  # fmt: skip

ACTS_ON: dict[str, tuple[str, ...]] = {
    "potassium": (*_RAAS, *_DIURETIC, *_NSAID, "potassium chloride", "trimethoprim"),
    "creatinine": (*_RAAS, *_NSAID, *_DIURETIC, "gliflozin", "trimethoprim"),
    "egfr": (*_RAAS, *_NSAID, *_DIURETIC, "gliflozin"),
    "sodium": (*_DIURETIC, "sertraline", "citalopram", "desmopressin"),
    "a1c": _SUGAR,
    "glucose": _SUGAR,
    "ldl": ("statin", "ezetimibe", "evolocumab", "alirocumab", "bempedoic"),
    "inr": ("warfarin", "amiodarone", "metronidazole", "fluconazole"),
    "tsh": ("levothyroxine", "amiodarone", "methimazole", "lithium"),
}
_MOST = 3
_STRENGTH = re.compile(r"\s+\d")

Marks = dict[str, Sequence[tuple[datetime, str]]]


def for_rows(desk: Desk, window: spark.Window) -> Marks:
    """Marks per series key: (moment, "lisinopril changed 12-Aug"), oldest first."""
    changes = _changes(desk, window)
    if not changes:
        return {}
    found: Marks = {}
    for row in desk.chart.series:
        entry = desk.ranked.get(row.key)
        if entry is None or not (entry.importance in ("must", "should") or entry.floor):
            continue
        acting = acting_on(row)
        if acting:
            marks = [
                (at, words) for at, name, words in changes if any(part in name for part in acting)
            ]
            if marks:
                found[row.key] = marks[-_MOST:]
    return found


def acting_on(row: Series) -> tuple[str, ...]:
    """Parts of the names of medicines that act on this analyte; () when none is known."""
    return ACTS_ON.get(names.test(row.label).lower(), ())


def _changes(desk: Desk, window: spark.Window) -> list[tuple[datetime, str, str]]:
    found = []
    for item in desk.chart.medications:
        records = [r for r in medicines.members(item) if not r.avoid]
        started = _ordered(records)
        for index, (time, record) in enumerate(started):
            if window.start <= time.start <= window.end:
                verb = "started" if index == 0 else "changed"
                name = names.lower_first(_drug(names.product(record.concept.text)))
                day = fmt.short_day(fmt.date_of(time, desk.zone), desk.today)
                found.append((time.start, record.concept.text.lower(), f"{name} {verb} {day}"))
    return sorted(found)


def _drug(product: str) -> str:
    """A product's name without strength and form; a combination keeps all of it."""
    return product if "/" in product else _STRENGTH.split(product)[0]


def _ordered(records: Sequence[Medication]) -> list[tuple[FhirTime, Medication]]:
    dated = [(time, record) for record in records if (time := medicines.began(record)) is not None]
    return sorted(dated, key=lambda pair: (pair[0].start, pair[1].source.token))
