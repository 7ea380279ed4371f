"""SMART scopes, version 2 with conditions and version 1: what a token may read, and what of it each request gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox import matching
from sandbox.matching import Test
from sandbox.store import Held
from sandbox.wire import FhirError, Pairs, pairs

_SYNTAX = re.compile(
    r"(?P<level>patient|user|system)/(?P<type>\*|[A-Za-z]+)\.(?P<rights>[a-z*]+)(?:\?(?P<query>.+))?"
)
_V1 = {"read": "rs", "*": "rs"}
CONTEXT = ("launch", "launch/patient", "launch/encounter")
IDENTITY = ("openid", "fhirUser", "profile")
REFRESH = ("online_access", "offline_access")

# Types that are about no patient, so that a token for one patient may read them.
SHARED = frozenset(
    [
        "Endpoint",
        "HealthcareService",
        "Location",
        "Medication",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Questionnaire",
        "Substance",
        "ValueSet",
        "CodeSystem",
        "Library",
    ]
)


@dataclass(frozen=True)
class Scope:
    """rights: letters out of "rs". query: conditions on what it covers."""

    level: str
    type: str
    rights: str
    query: tuple[tuple[str, str], ...] = ()

    def covers(self, kind: str, right: str) -> bool:
        return self.type in ("*", kind) and right in self.rights


@dataclass(frozen=True)
class Access:
    """What one request may see: what one of the grants covers. A grant: the only patient (None = any), and tests."""

    grants: tuple[tuple[str | None, tuple[Test, ...]], ...] = ((None, ()),)

    @property
    def patient(self) -> str | None:
        """The only patient of whom anything can be seen; None when it is not only one."""
        several = {patient for patient, _ in self.grants}
        return several.pop() if len(several) == 1 else None

    def allows(self, held: Held) -> bool:
        return any(
            _within(patient, held) and all(test(held) for test in tests)
            for patient, tests in self.grants
        )


def _within(patient: str | None, held: Held) -> bool:
    if patient is None or patient in held.patients:
        return True
    return not held.patients and held.type in SHARED


def parse(text: str) -> Scope | None:
    """The scope, without the rights to write; None when it grants no reading or is malformed.

    >>> parse("patient/Observation.rs?category=laboratory").query
    (('category', 'laboratory'),)
    >>> parse("patient/Observation.sr") is None
    True
    """
    match = _SYNTAX.fullmatch(text)
    if match is None:
        return None
    rights = _V1.get(match["rights"], match["rights"])
    if not re.fullmatch("c?r?u?d?s?", rights):
        return None
    reading = "".join(letter for letter in rights if letter in "rs")
    query: Pairs = pairs(match["query"] or "")
    return Scope(match["level"], match["type"], reading, tuple(query)) if reading else None


def granted(asked: Iterable[str], *, levels: Iterable[str], lost: Iterable[str] = ()) -> list[str]:
    """Of the scopes that were asked for, those that are given. lost: types that are never given."""
    found, refused = [], set(lost)
    for text in dict.fromkeys(asked):
        scope = parse(text)
        if scope is None:
            given = text in (*CONTEXT, *IDENTITY, *REFRESH) and "system" not in levels
        else:
            given = scope.level in levels and scope.type not in refused and not _writes(text)
        if given:
            found.append(text)
    return found


def _writes(text: str) -> bool:
    rights = text.partition("?")[0].rpartition(".")[2]
    return rights not in ("read", "r", "s", "rs")


def access(
    scopes: Iterable[str], kind: str, right: str, *, patient: str, base: str, now: float
) -> Access:
    """What a token with these scopes may see of a type. right: "r" or "s". Raises FhirError (403)."""
    parsed = (parse(text) for text in scopes)
    fitting = [scope for scope in parsed if scope and scope.covers(kind, right)]
    if not fitting:
        words = f"The token's scopes do not cover {kind}.{right}."
        raise FhirError(
            403, "forbidden", words, WWW_Authenticate='Bearer error="insufficient_scope"'
        )
    grants = []
    for scope in fitting:
        tests, unknown = matching.filters(kind, scope.query, base=base, now=now)
        if not unknown:  # a condition that is not understood grants nothing
            grants.append((patient if scope.level == "patient" else None, tuple(tests)))
    return Access(tuple(grants))
