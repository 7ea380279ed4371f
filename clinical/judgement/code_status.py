"""What says something about resuscitation, or about treatment that a patient refuses: by code, by ICD-10-CM, by words.

One knowledge for all who say a code status (the safety line, the nursing line, the board), so that none of them calls
"none recorded" what another one shows. The words and codes of the safety floor (`clinical/rank/floor.toml`) are the same;
a test keeps them so. Not yet reviewed by a clinician.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clinical.codes import CONSENT_CATEGORY, ICD10, ICD10CM, LOINC, SNOMED
from clinical.records import Concept

# Names where a source sent a code alone. LOINC: HL7 IPS, PACIO Advance Directive IG, US Core ADI, C-CDA advance directive; consent
# categories: FHIR R4 value set consent-category.
NAMES: dict[tuple[str | None, str], str] = {
    (SNOMED, "304253006"): "Not for resuscitation",
    (SNOMED, "304252001"): "For resuscitation",
    (LOINC, "81351-9"): "Do not resuscitate order in place",
    (LOINC, "84095-9"): "Do not resuscitate",
    (LOINC, "93037-0"): "Portable medical order form",
    (LOINC, "81352-7"): "Order for life-sustaining treatment",
    (LOINC, "42348-3"): "Advance healthcare directive",
    (LOINC, "75320-2"): "Advance directive",
    (LOINC, "45473-6"): "Living will",
    (LOINC, "86533-7"): "Living will",
    (LOINC, "64298-3"): "Power of attorney",
    (LOINC, "92664-2"): "Living will and medical power of attorney",
    (LOINC, "81334-5"): "Personal advance care plan",
    (CONSENT_CATEGORY, "dnr"): "Do not resuscitate",
    (CONSENT_CATEGORY, "polst"): "Portable medical order form",
    (CONSENT_CATEGORY, "acd"): "Advance directive",
    (CONSENT_CATEGORY, "hcd"): "Health care directive",
}
ORDER_IN_PLACE = (LOINC, "81351-9")  # as an Observation, its value says whether there is one
_DECISIONS = frozenset({(SNOMED, "304253006"), (SNOMED, "304252001"), ORDER_IN_PLACE})
_REFUSALS = frozenset({(SNOMED, "304253006"), (LOINC, "84095-9"), (CONSENT_CATEGORY, "dnr")})
# Do not resuscitate; palliative care; refusal for reasons of belief.
ICD_PREFIXES = ("Z66", "Z515", "Z531")
_ICD_REFUSAL = "Z66"
WORDS = (
    "DNR", "DNI", "DNAR", "DNACPR", "no CPR", "POLST", "MOLST", "portable medical order", "do not resuscitate",
    "do not intubate", "not for resuscitation", "not for CPR", "not for intubation", "not to be resuscitated",
    "not to be intubated", "no resuscitation", "no intubation", "no cardiopulmonary resuscitation",
    "do not attempt resuscitation", "do not attempt CPR", "do not attempt cardiopulmonary resuscitation",
    "allow natural death", "code status", "advance directive", "advance care plan", "living will", "health care proxy",
    "comfort care", "comfort measures", "hospice", "full code", "refusal of blood", "refuses blood", "blood refusal",
    "refusal of treatment", "jehovah",
)  # fmt: skip
_NAMED = re.compile(
    r"\b("
    + "|".join(r"s?[\W_]+".join(map(re.escape, words.split())) for words in WORDS)
    + r")s?\b",
    re.IGNORECASE,
)
# One of these stands in whatever the expressions below find: most texts hold none, and are read no further.
_STEMS = (
    "dnr", "dni", "dnar", "cpr", "polst", "molst", "portable", "resuscit", "intubat", "natural", "code", "advance", "living",
    "proxy", "comfort", "hospice", "blood", "refus", "jehovah",
)  # fmt: skip
_REFUSED = re.compile(
    r"\b(do[ -]not[ -](attempt[ -])?|no |not for |not to be )(cardiopulmonary )?(resuscitat\w+|cpr|intubat\w+)\b"
    r"|\b(dnr|dni|dnar|dnacpr)\b|\ballow natural death\b",
    re.IGNORECASE,
)
_DECIDED = re.compile(r"\b(full code|code status|for resuscitation)\b", re.IGNORECASE)
_WITHHELD = re.compile(r"\b(resuscitat\w+|cpr|intubat\w+)\b", re.IGNORECASE)
_NEGATED = ("no ", "not ", "denies ", "negative", "without ")
# Words that begin like a negation and are the order itself.
_THE_ORDER_ITSELF = (
    "no cpr", "no resus", "no intub", "no cardiopulmonary", "not for resus", "not for cpr", "not for intub",
    "not for cardiopulmonary", "not to be resus", "not to be intub",
)  # fmt: skip


def is_negated(text: str) -> bool:
    """Whether the text says that there is nothing of the kind: "No advance directive", but not "No CPR"."""
    said = text.lower()
    return said.startswith(_NEGATED) and not said.startswith(_THE_ORDER_ITSELF)


def is_coded(concept: Concept) -> bool:
    """Whether a code of the concept belongs here, whatever its words."""
    return any((one.system, one.code) in NAMES for one in concept.codings) or has_icd(concept)


def has_icd(concept: Concept, prefixes: str | tuple[str, ...] = ICD_PREFIXES) -> bool:
    return any(
        one.system in (ICD10CM, ICD10) and one.code.replace(".", "").upper().startswith(prefixes)
        for one in concept.codings
    )


def belongs(concept: Concept, texts: Iterable[str]) -> bool:
    """Whether an entry says something about it. texts: every way in which the entry is named."""
    return is_coded(concept) or any(
        _NAMED.search(text) or _REFUSED.search(text) for text in _asserted(texts)
    )


def _asserted(texts: Iterable[str]) -> list[str]:
    """Those that may hold a word of it and do not deny it."""
    return [
        text
        for text in dict.fromkeys(texts)
        if any(stem in (said := text.lower()) for stem in _STEMS) and not is_negated(said)
    ]


def is_refusal(concept: Concept, texts: Iterable[str]) -> bool:
    """Whether it says by itself that resuscitation or intubation is refused. A form that may say so does not."""
    coded = any((one.system, one.code) in _REFUSALS for one in concept.codings)
    worded = any(_REFUSED.search(text) for text in _asserted(texts))
    return coded or worded or has_icd(concept, _ICD_REFUSAL)


def is_decision(concept: Concept, texts: Iterable[str]) -> bool:
    """Whether a flag or an order decides for or against resuscitation."""
    said = tuple(texts)
    coded = any((one.system, one.code) in _DECISIONS for one in concept.codings)
    worded = any(_DECIDED.search(text) for text in _asserted(said))
    return coded or worded or is_refusal(concept, said)


def is_withheld(texts: Iterable[str]) -> bool:
    """Whether an order not to do something (`doNotPerform`) is one against resuscitation or intubation."""
    return any(_WITHHELD.search(text) for text in texts)


def withheld_words(concept: Concept) -> str:
    """Such an order in words that cannot be read as their opposite: "Do not perform: Cardiopulmonary resuscitation"."""
    words = words_of(concept)
    return words if is_refusal(concept, [words]) else f"Do not perform: {words}"


def words_of(concept: Concept) -> str:
    """Its text; where that is a bare code, or nothing, the name of the code if it belongs here."""
    known = {one.code: NAMES.get((one.system, one.code), "") for one in concept.codings}
    if concept.text and concept.text not in known:
        return concept.text
    return known.get(concept.text) or next(filter(None, known.values()), "") or concept.text
