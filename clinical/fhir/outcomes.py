"""What an OperationOutcome means for the search it came with. FHIR R4 issue types, and codes some vendors add.

Only codes are read. The free text of an outcome may name the patient, so it is never repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from clinical import resources as fhir
from clinical.records import FetchState

_ORDER = ("fatal", "error", "warning", "information")
_RESTRICTED_TYPES = frozenset({"forbidden", "suppressed"})
_SIGN_IN_TYPES = frozenset({"login", "expired", "session"})
_NO_MATCH = frozenset({"4101"})  # Epic: the search is fine and found nothing
_HARMLESS = frozenset(
    {"4122", "59100"}
)  # Epic: a parameter was ignored; results are filtered here again
_BREAK_THE_GLASS = frozenset({"4130", "4131", "4134"})  # Epic
_WORDS = {
    "throttled": "too many requests",
    "too-costly": "the search is too costly for the server",
    "too-long": "the search is too long for the server",
    "timeout": "the server ran out of time",
    "incomplete": "the server says that its answer is incomplete",
    "not-supported": "the server does not support a part of the search",
    "not-found": "the server does not find what was asked for",
    "no-store": "the server could not reach its store",
    "transient": "a passing fault of the server",
    "exception": "an internal fault of the server",
    "suppressed": "the server withholds a part",
    "forbidden": "the server does not let you see a part",
    "security": "the server does not let you see a part",
}

_decoder = msgspec.json.Decoder(fhir.OperationOutcome)


class Verdict(msgspec.Struct, frozen=True):
    """state: FAILED, RESTRICTED or PARTIAL. issue: the issue type. words: for the reason of a SearchState."""

    state: FetchState
    issue: str
    words: str


def verdict(found: Iterable[fhir.OperationOutcome]) -> Verdict | None:
    """The worst that these outcomes say; None when they report nothing but information or "no matches"."""
    issues = sorted(_issues(found), key=lambda issue: _rank(issue.severity))
    for issue in issues:
        if judged := _judge(issue):
            return judged
    return None


def verdict_of(body: bytes) -> Verdict | None:
    """The verdict of an error answer's body; None when it is not a readable OperationOutcome."""
    try:
        outcome = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return verdict([outcome])


def _issues(found: Iterable[fhir.OperationOutcome]) -> Iterator[fhir.OutcomeIssue]:
    for outcome in found:
        for issue in outcome.issue or ():
            if issue is not None:
                yield issue


def _rank(severity: str | None) -> int:
    return _ORDER.index(severity) if severity in _ORDER else 1


def _judge(issue: fhir.OutcomeIssue) -> Verdict | None:
    kind = issue.code or ""
    codes = _vendor_codes(issue)
    if codes & _BREAK_THE_GLASS:
        return Verdict(FetchState.RESTRICTED, kind, "access has to be asked for in the EHR")
    if codes & (_NO_MATCH | _HARMLESS):
        return None
    if kind in _RESTRICTED_TYPES and issue.severity not in ("warning", "information"):
        return Verdict(FetchState.RESTRICTED, kind, _words(kind))
    if issue.severity == "information" and kind not in _RESTRICTED_TYPES:
        return None
    if issue.severity in ("warning", "information"):
        return Verdict(FetchState.PARTIAL, kind, _words(kind))
    return Verdict(FetchState.FAILED, kind, _words(kind))


def _vendor_codes(issue: fhir.OutcomeIssue) -> set[str]:
    coding = issue.details.coding if issue.details is not None else None
    return {each.code for each in coding or () if each is not None and each.code}


def _words(kind: str) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _SIGN_IN_TYPES:
        return "the server asks for a new sign-in"
    return "the server reports a problem with its answer"
