"""When two entries name the same thing: the keys of each kind of record (fhir-rules part 4).

Every key is a tuple of strings; entries that share one are the same item. Keys are cautious: a wrong merge hides a
fact, a missed one only shows it twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from clinical.records import (
    Allergy,
    Concept,
    Consent,
    Device,
    Document,
    Encounter,
    FamilyHistory,
    FhirTime,
    Flag,
    Immunization,
    Medication,
    Problem,
    Procedure,
    Record,
    Report,
)

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
UNII = "http://fdasis.nlm.nih.gov"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
CVX = "http://hl7.org/fhir/sid/cvx"

Key = tuple[str, ...]

SUBSTANCE_SYSTEMS = frozenset({RXNORM, SNOMED, UNII})
PROBLEM_SYSTEMS = frozenset({SNOMED, ICD10CM})

_SPACES = re.compile(r"[^a-z0-9%+./ -]+|\s+")
_STRENGTH = re.compile(
    r"\b\d[\d.,]*\s*(?:-\s*\d[\d.,]*\s*)?(?:mg|mcg|ug|µg|g|gm|kg|ml|l|unt|units?|iu|meq|mmol|hr|%|actuat|mci|cells?|day)?"
    r"(?:\s*/\s*(?:\d[\d.,]*\s*)?(?:mg|mcg|g|ml|l|hr|actuat|day|h|dose|puff|unt|units?))?(?![a-z0-9])"
)
_BRAND = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_FORM_WORDS = frozenset(
    [
        "tablet",
        "tablets",
        "tab",
        "tabs",
        "capsule",
        "capsules",
        "cap",
        "caps",
        "oral",
        "solution",
        "suspension",
        "injection",
        "injectable",
        "prefilled",
        "syringe",
        "pen",
        "pack",
        "extended",
        "release",
        "delayed",
        "immediate",
        "er",
        "xr",
        "sr",
        "dr",
        "ec",
        "cr",
        "la",
        "xl",
        "hr",
        "24",
        "12",
        "topical",
        "cream",
        "ointment",
        "gel",
        "lotion",
        "transdermal",
        "patch",
        "system",
        "inhaler",
        "inhalation",
        "inhalant",
        "metered",
        "dose",
        "powder",
        "dry",
        "nasal",
        "spray",
        "ophthalmic",
        "otic",
        "drops",
        "drop",
        "rectal",
        "vaginal",
        "suppository",
        "sublingual",
        "chewable",
        "disintegrating",
        "effervescent",
        "film",
        "coated",
        "soft",
        "enteric",
        "actuat",
        "mg",
        "ml",
        "product",
        "pill",
        "kit",
        "per",
        "in",
        "for",
        "of",
        "and",
        "subcutaneous",
        "intravenous",
        "intramuscular",
        "iv",
        "im",
        "sc",
        "po",
        "hydrochloride",
        "hcl",
        "sodium",
        "calcium",
        "maleate",
        "besylate",
        "mesylate",
        "fumarate",
        "bitartrate",
        "sulfate",
        "phosphate",
        "acetate",
        "nebulizer",
        "auto",
        "injector",
        "vial",
    ]
)
_SALTS_THAT_ARE_DRUGS = frozenset({"sodium", "calcium", "potassium", "phosphate", "sulfate"})


def words(text: str) -> str:
    """Text for comparison: lower case, one space, no punctuation that carries no meaning."""
    return " ".join(_SPACES.sub(" ", text.lower()).split())


def ingredients(text: str) -> tuple[str, ...]:
    """Names of the ingredients in a product's text, without strength and form; () when nothing is left.

    >>> ingredients("Metformin hydrochloride 500 MG Oral Tablet")
    ('metformin',)
    >>> ingredients("Hydrochlorothiazide 12.5 MG / lisinopril 10 MG Oral Tablet [Zestoretic]")
    ('hydrochlorothiazide', 'lisinopril')
    >>> ingredients("24 HR metoprolol succinate 50 MG Extended Release Oral Tablet")
    ('metoprolol succinate',)
    """
    plain = _BRAND.sub(" ", text.lower())
    found = []
    for part in re.split(r"\s/\s|\s\+\s|;", plain):
        kept = _name_words(_STRENGTH.sub(" ", part))
        if kept:
            found.append(" ".join(kept))
    return tuple(sorted(set(found)))


def _name_words(text: str) -> list[str]:
    kept: list[str] = []
    for word in re.findall(r"[a-z][a-z0-9-]*", text):
        if word not in _FORM_WORDS or (not kept and word in _SALTS_THAT_ARE_DRUGS):
            kept.append(word)
    return kept


def coded(prefix: str, concept: Concept, systems: frozenset[str]) -> list[Key]:
    """One key per coding whose system is one of those that identify such a thing across sources."""
    return [
        (prefix, coding.system, coding.code)
        for coding in concept.codings
        if coding.system in systems and coding.code
    ]


def _day(time: FhirTime | None) -> str:
    return time.start.date().isoformat() if time is not None else ""


def _moment(time: FhirTime | None) -> str:
    return f"{time.start.isoformat()} {time.precision}" if time is not None else ""


def _named(prefix: str, concept: Concept) -> list[Key]:
    """Every coding with a system, and the words: for things that a date or place narrows down already."""
    keys: list[Key] = [(prefix, c.system, c.code) for c in concept.codings if c.system]
    return keys or ([(prefix, "", words(concept.text))] if concept.text else [])


def _with(keys: list[Key], *more: str) -> list[Key]:
    return [(*key, *more) for key in keys]


def _at(keys: list[Key], site: str) -> list[Key]:
    """Left and right are two things; an entry that names no site is not the same as one that does."""
    return _with(keys, f"at {words(site)}") if site else keys


def _identifiers(record: Report | Document | Consent) -> list[Key]:
    return [("id", i.system, i.value) for i in record.identifiers if i.system and i.value]


def _allergy(record: Allergy) -> list[Key]:
    if record.negation:
        return [("negation", record.negation, words(record.concept.text))]
    return coded("substance", record.concept, SUBSTANCE_SYSTEMS)


def _problem(record: Problem) -> list[Key]:
    group = "visit" if record.category == "encounter-diagnosis" else "problem"
    keys = _at(coded(group, record.concept, PROBLEM_SYSTEMS), record.body_site)
    if group == "visit":  # a diagnosis of one visit is that visit's
        keys = keys or _at(_named(group, record.concept), record.body_site)
        return _with(keys, record.encounter or _day(record.recorded))
    return keys


def _medication(record: Medication) -> list[Key]:
    names = ingredients(record.concept.text)
    if record.avoid:
        return [("avoid", *names)] if names else []
    keys = coded("product", record.concept, frozenset({RXNORM}))
    return [*keys, ("ingredients", *names)] if names else keys


def _immunization(record: Immunization) -> list[Key]:
    keys = coded("vaccine", record.concept, frozenset({CVX})) or _named("vaccine", record.concept)
    day = _day(record.given)
    return _with(keys, day, record.status) if day else []


def _procedure(record: Procedure) -> list[Key]:
    if record.performed is None:
        return []
    keys = _at(_named("procedure", record.concept), record.body_site)
    return _with(keys, _moment(record.performed), record.status)


def _report(record: Report) -> list[Key]:
    keys = _identifiers(record)
    if record.taken is not None and record.taken.precision in ("minute", "second"):
        keys += _with(_named("report", record.concept), _moment(record.taken))
    return keys


def _document(record: Document) -> list[Key]:
    """One identifier on two kinds of document is a copying error: a living will is no part of a visit summary."""
    kinds = _named("kind", record.concept) or [("kind", "", "")]
    keys: list[Key] = [(*key, *map(str, kind)) for key in _identifiers(record) for kind in kinds]
    if record.written is not None and record.authors and record.authors[0].display:
        author = words(record.authors[0].display)
        keys += _with(_named("document", record.concept), _moment(record.written), author)
    return keys


def _encounter(record: Encounter) -> list[Key]:
    if record.period is None or not record.facility or record.period.precision == "day":
        return []
    start = record.period.start.isoformat()
    return [("encounter", record.class_code, start, words(record.facility))]


def _device(record: Device) -> list[Key]:
    return [("udi", record.udi)] if record.udi else []


def _flag(record: Flag) -> list[Key]:
    return _with(_named("flag", record.concept), record.status)


def _consent(record: Consent) -> list[Key]:
    """The same paper in two sources, when both say the same of it."""
    return _with(_identifiers(record), record.status, words(record.concept.text))


def _family(record: FamilyHistory) -> list[Key]:
    parts = sorted(words(concept.text) for concept, _ in record.conditions)
    return [("family", words(record.relationship), *parts)]


_KEYS: dict[str, Callable[[Any], list[Key]]] = {
    "allergy": _allergy,
    "problem": _problem,
    "medication": _medication,
    "immunization": _immunization,
    "procedure": _procedure,
    "report": _report,
    "document": _document,
    "encounter": _encounter,
    "device": _device,
    "flag": _flag,
    "consent": _consent,
    "family_history": _family,
}


def keys_of(kind: str, record: Record) -> list[Key]:
    """The keys of one record, its own reference first (so that the same entry met twice is one)."""
    own: Key = ("entry", record.source.server, record.source.reference)
    find = _KEYS.get(kind)
    return [own, *find(record)] if find is not None else [own]
