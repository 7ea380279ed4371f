"""What a Consent says about treatment: which way each of its rules goes, in words, and whether it is a refusal.

A rule permits or denies what its code names, and the code may itself be an order not to do something: to deny "not for
resuscitation" can be meant either way. What cannot be told is never decided here: it may hold a refusal, and says so.
Source: https://hl7.org/fhir/R4/consent.html. Not yet reviewed by a clinician.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from clinical.codes import CONSENT_CATEGORY, LOINC
from clinical.judgement import code_status as known
from clinical.records import Concept, Consent, Provision

DIRECTIVE, TREATMENT = "adr", "treatment"
_CARE = frozenset({DIRECTIVE, TREATMENT})
_ABOUT_DATA = frozenset({"patient-privacy", "research"})
# Categories of consents to the use of data: LOINC and HL7 consent categories of the FHIR R4 value set consent-category.
_DATA_CATEGORIES = frozenset(
    {
        *((LOINC, code) for code in ("59284-0", "57016-8", "57017-6", "64292-6")),
        *((CONSENT_CATEGORY, code) for code in ("npp", "research", "rsdid", "rsreid", "emrgonly")),
    }
)
_NEGATIVE = re.compile(r"\b(refus\w*|declin\w*|no|not|without|withhold\w*)\b", re.IGNORECASE)
READ_IT = "may hold a refusal, read it"
UNNAMED = "treatment that has no name"


class Rule(NamedTuple):
    """One rule in words. unclear: whether it permits or refuses cannot be told."""

    words: str
    refused: bool = False
    unclear: bool = False


def is_about_data(
    scope: str, categories: Sequence[Concept], provisions: Sequence[Provision]
) -> bool:
    """Whether it is about privacy or research only. An order not to resuscitate is none, whatever its scope says."""
    named = [one for rule in provisions for one in rule.what]
    if any(_belongs(one) for one in categories) or any(_is_refusal(one) for one in named):
        return False
    if scope in _CARE:
        return False
    sent = [{(code.system, code.code) for code in one.codings} for one in categories]
    return scope in _ABOUT_DATA or (bool(sent) and all(one & _DATA_CATEGORIES for one in sent))


def rules(categories: Sequence[Concept], provisions: Sequence[Provision]) -> tuple[Rule, ...]:
    """What its rules say, one by one; without any that names something, what its category is."""
    said = [_rule(rule.type, one) for rule in provisions for one in rule.what]
    document = leading(categories)
    types = {rule.type for rule in provisions}
    if not said:
        name = known.words_of(document)
        if "deny" in types:
            return (Rule(f"{name or UNNAMED}, marked “deny”", unclear=True),)
        return (Rule(name, refused=_is_refusal(document)),)
    if _is_refusal(document) and not any(one.refused for one in said):  # it says both
        said = [*said, Rule(known.words_of(document), unclear=True)]
    return tuple(said)


def leading(categories: Sequence[Concept]) -> Concept:
    """The category that says most: one about code status, else the first that has a name."""
    named = [one for one in categories if known.words_of(one)]
    ordered = sorted(named, key=lambda one: (not _is_refusal(one), not _belongs(one)))
    return ordered[0] if ordered else Concept()


def words(categories: Sequence[Concept], provisions: Sequence[Provision], policy: str = "") -> str:
    """One line: "Refused: Blood transfusion (Advance directive)". policy: what its policy rule is called."""
    found = rules(categories, provisions)
    said = "; ".join(dict.fromkeys(one.words for one in found if one.words))
    kind = _kind(leading(categories))
    if not said:
        return f"{policy or 'Consent that does not say to what'}: read it"
    if kind and kind.lower() not in said.lower():
        said = f"{said} ({kind})"
    return f"{said}: {READ_IT}" if any(one.unclear for one in found) else said


def _kind(category: Concept) -> str:
    """Its name; a bare code tells a reader nothing."""
    name = known.words_of(category)
    return "" if name in {one.code for one in category.codings} else name


def is_unclear(categories: Sequence[Concept], provisions: Sequence[Provision]) -> bool:
    return any(one.unclear for one in rules(categories, provisions))


def refuses(record: Consent) -> bool:
    """Whether it says by itself that resuscitation or intubation is refused."""
    return any(one.refused for one in rules(record.categories, record.provisions))


def decides(record: Consent) -> bool:
    """Whether it decides for or against resuscitation, in words that can be read one way only."""
    named = [one for rule in record.provisions for one in rule.what]
    decided = any(known.is_decision(one, _texts(one)) for one in named)
    return refuses(record) or (decided and not record.unclear)


def belongs(record: Consent) -> bool:
    """Whether it stands under code status: every directive, every refusal of treatment, whatever names one of them."""
    if record.scope == DIRECTIVE or record.unclear:
        return True
    named = [one for rule in record.provisions for one in rule.what]
    denied = any(rule.type == "deny" and rule.what for rule in record.provisions)
    return denied or any(_belongs(one) for one in (*record.categories, *named))


def over(record: Consent, as_of: datetime) -> str:
    """Why it is not in force, "" when it is. A status that was not sent does not end it."""
    if record.status in ("draft", "proposed", "rejected", "inactive"):
        return record.status
    period = record.period
    if period is None or period.precision != "period":
        return ""
    if period.end is not None and period.end <= as_of:
        return "ended"
    return "not yet begun" if period.start > as_of else ""


def doubt(record: Consent) -> str:
    """What keeps its status from being believed: "status not stated"; "" for one that FHIR knows."""
    if not record.status:
        return "status not stated"
    known_ones = ("active", "draft", "proposed", "rejected", "inactive")
    return "" if record.status in known_ones else f"status {record.status}"


def standing(record: Consent, as_of: datetime) -> str:
    """What stands in brackets behind its words: "inactive", "ended", "status not stated"; "" when it is in force."""
    return over(record, as_of) or doubt(record)


def _rule(kind: str, what: Concept) -> Rule:
    name = known.words_of(what) or UNNAMED
    negative = _is_refusal(what) or bool(_NEGATIVE.search(name))
    if kind == "deny":
        return _denied(what, name, negative)
    if negative:
        return Rule(name, refused=_is_refusal(what))
    if known.is_decision(what, _texts(what)) or _belongs(what):
        return Rule(name)  # a living will, a proxy, "for resuscitation": the name says it
    if kind == "permit":
        return Rule(f"Permitted: {name}")
    return Rule(f"{name}, permitted or refused not said", unclear=True)


def _denied(what: Concept, name: str, negative: bool) -> Rule:
    if negative:
        return Rule(f"{name}, marked “deny”", unclear=True)
    stops = known.is_withheld(_texts(what)) or known.is_decision(what, _texts(what))
    if (
        _belongs(what) and not stops
    ):  # to deny a living will, a proxy or comfort care can mean many things
        return Rule(f"{name}, marked “deny”", unclear=True)
    return Rule(f"Refused: {name}", refused=stops)


def _belongs(what: Concept) -> bool:
    return known.belongs(what, _texts(what))


def _is_refusal(what: Concept) -> bool:
    return known.is_refusal(what, _texts(what))


def _texts(what: Concept) -> list[str]:
    return [text for text in (what.text, *(one.display or "" for one in what.codings)) if text]
