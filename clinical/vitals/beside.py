"""Medicines that belong beside a sign: the insulin of a day beside the glucose, the last analgesic beside the pain score.

An analgesic of the shift before is what the score of this one answers.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import msgspec

from clinical.records import Chart

from .events import doses_words, given_since
from .sheet_model import Row

_INSULIN = ("insulin",)
# Analgesics by ingredient. Source: WHO ATC N02A, N02B, M01A (systemic, in hospital use); our choice, 2026-11. Not yet
# reviewed by a clinician.
_ANALGESICS = (
    "morphine", "hydromorphone", "oxycodone", "hydrocodone", "fentanyl", "tramadol", "tapentadol", "codeine", "methadone",
    "buprenorphine", "piritramide", "meperidine", "acetaminophen", "paracetamol", "metamizole", "ibuprofen", "naproxen",
    "diclofenac", "ketorolac", "celecoxib", "parecoxib",
)  # fmt: skip
_BESIDE = timedelta(hours=24)


def with_medicines(chart: Chart, row: Row, as_of: datetime, zone: tzinfo) -> Row:
    """The row with what was given for it in the last 24 hours: every insulin, but of analgesics the last moment alone."""
    words = {"glucose": _INSULIN, "pain": _ANALGESICS}.get(row.key)
    if words is None:
        return row
    found = given_since(chart, words, as_of - _BESIDE, as_of)
    if row.key == "pain":
        given = [at for at, record in found if record.status != "not-done"]
        found = [dose for dose in found if given and dose[0] >= given[-1]]
    return msgspec.structs.replace(
        row,
        given=tuple(doses_words(found, zone, as_of)),
        sources=(*row.sources, *(dose.source.token for _, dose in found)),
    )
