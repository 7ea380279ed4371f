"""Answers to the questions of nurses on ward 6B."""

from __future__ import annotations

from .lookup import Answer, Fact, Records, fact

_INES, _GRACE = "mercy/ward-sepsis", "mercy/ward-hip"
_PARTS = ("9279-1", "59408-5", "3151-8", "85354-9", "8867-4", "8310-5")


def answers(records: Records) -> tuple[Answer, ...]:
    """In the order of the questions."""
    return (*_scores(records), *_bedside(records), *_care(records))


def _answer(question: str, facts: list[Fact], where: str = _INES) -> Answer:
    server, _, key = where.partition("/")
    return Answer(question, key, server, tuple(facts))


# One line per question: it reads as the table that it is.
# fmt: off
def _scores(r: Records) -> list[Answer]:
    parts = [source for code in _PARTS for source in r.newest(_INES, code)]
    return [
        _answer("n01", [fact("At least 8, consciousness missing", parts)]),
        _answer("n02", [fact("Going up; the sets of this shift", r.newest(_INES, "9279-1", 3))]),
        _answer("n03", [fact("Consciousness: last answer two hours ago", r.newest(_INES, "67775-7"))]),
        _answer("n13", [fact("First: new critical hemoglobin, score 7", r.newest("mercy/ward-gi-bleed", "718-7")), fact("Not measured for nine hours", r.newest("mercy/ward-gallbladder", "9279-1"))], "mercy/"),
    ]


def _bedside(r: Records) -> list[Answer]:
    return [
        _answer("n04", [fact("Respiration of eight hours", r.newest(_INES, "9279-1", 7))]),
        _answer("n05", [fact("94 %", r.newest(_INES, "59408-5")), fact("2 L/min, nasal cannula", r.newest(_INES, "3151-8"))]),
        _answer("n06", [fact("Urine of six hours", r.newest(_INES, "9187-6", 6)), fact("Fluid in", r.newest(_INES, "9103-3", 6))]),
        _answer("n07", [fact("Peak 38.8 °C, twelve hours ago", r.newest(_INES, "8310-5", 12)[8]), fact("Blood culture, preliminary", r.newest(_INES, "600-7"))]),
        _answer("n08", [fact("Pain 2 after oxycodone", r.newest(_GRACE, "72514-3")), fact("Oxycodone given", r.of(_GRACE, "MedicationAdministration", "oxycodone")[-1])], _GRACE),
        _answer("n09", [fact("Glucose by fingerstick", r.newest(_INES, "41653-7", 4)), fact("Insulin given, three doses in a day", r.of(_INES, "MedicationAdministration", "insulin")[-3:])]),
        _answer("n14", [fact("Lying 124/70, standing 98/58", _lying_and_standing(r))]),
    ]


def _lying_and_standing(r: Records) -> list[str]:
    """The one pressure taken standing and the one just before it, lying."""
    every = r.of(_INES, "Observation", "blood pressure")
    standing = r.with_words(_INES, "standing position")
    return every[every.index(standing) - 1 : every.index(standing) + 1]


def _care(r: Records) -> list[Answer]:
    return [
        _answer("n10", [fact("Contact isolation, MRSA", r.of(_INES, "Flag", "isolation")), fact("High fall risk", r.of(_INES, "Flag", "fall")), fact("Pressure injury risk", r.of(_INES, "Flag", "pressure"))]),
        _answer("n11", [fact("Line and urinary catheter", r.of(_INES, "Device", "catheter"))]),
        _answer("n12", [fact("Gram-positive cocci in the blood culture", r.newest(_INES, "600-7"))]),
    ]
