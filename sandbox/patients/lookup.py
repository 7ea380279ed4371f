"""How an answer is written, and how its entries are found in the resources of the authored patients."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from . import resources
from .terms import Resource


class Fact(NamedTuple):
    """One thing that must be seen: in words, and all the entries it comes from as "<server>/<ResourceType>/<id>".

    No sources: the screen has to say that nothing is recorded.
    """

    says: str
    sources: tuple[str, ...]


class Answer(NamedTuple):
    """question: its id. patient: the key, whose visit is visit-<key> on `server`. "" = the unit board."""

    question: str
    patient: str
    server: str
    facts: tuple[Fact, ...]


class Records:
    """The resources of both servers, to be looked up by patient, kind and code."""

    def __init__(self, now: datetime) -> None:
        self.all = {server: resources(server, now) for server in ("mercy", "lakeside")}

    def of(self, where: str, kind: str, *words: str) -> list[str]:
        """Sources of a patient's resources of that kind; words: one of them must stand in the name, any case.

        where: "mercy/heart-failure". Oldest first. KeyError when nothing is found: an answer must exist.
        """
        server, _, key = where.partition("/")
        found = [
            r
            for r in self.all[server]
            if r["resourceType"] == kind
            and _subject(r) == f"Patient/{key}"
            and (not words or any(word.lower() in _name(r).lower() for word in words))
        ]
        if not found:
            raise KeyError((where, kind, words))
        found.sort(key=_moment)
        return [f"{server}/{kind}/{r['id']}" for r in found]

    def with_words(self, where: str, words: str) -> str:
        """The only observation of a patient that holds these words anywhere; ValueError when there are more or none."""
        server, _, key = where.partition("/")
        (found,) = [
            r
            for r in self.all[server]
            if r["resourceType"] == "Observation"
            and _subject(r) == f"Patient/{key}"
            and words in str(r)
        ]
        return f"{server}/Observation/{found['id']}"

    def newest(self, where: str, code: str, count: int = 1) -> tuple[str, ...]:
        """The last `count` observations of that LOINC or SNOMED code, newest first."""
        server, _, key = where.partition("/")
        found = [
            r
            for r in self.all[server]
            if r["resourceType"] == "Observation"
            and _subject(r) == f"Patient/{key}"
            and code in [c["code"] for c in r["code"].get("coding", [])]
        ]
        if len(found) < count:
            raise KeyError((where, code, count))
        found.sort(key=_moment, reverse=True)
        return tuple(f"{server}/Observation/{r['id']}" for r in found[:count])


def _subject(resource: Resource) -> str:
    whose = resource.get("subject") or resource.get("patient") or {}
    return str(whose.get("reference", ""))


def _name(resource: Resource) -> str:
    for field in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        value = resource.get(field)
        if isinstance(value, dict):
            return str(value.get("text", ""))
    reasons = resource.get("reasonCode") or [{}]
    return str(reasons[0].get("text", ""))


def _moment(resource: Resource) -> datetime:
    for field in (
        "effectiveDateTime", "effectivePeriod", "authoredOn", "performedDateTime", "occurrenceDateTime", "period",
        "whenHandedOver", "date", "recordedDate", "onsetDateTime", "dateAsserted", "manufactureDate",
    ):  # fmt: skip
        value = resource.get(field)
        text = value.get("end") or value["start"] if isinstance(value, dict) else value
        if text:
            return _read(str(text))
    raise KeyError(resource["id"])


def _read(text: str) -> datetime:
    """A FHIR date; one without a day or month counts as its first, for sorting only."""
    whole = text if len(text) > 7 else (text + "-01-01")[:10]
    moment = datetime.fromisoformat(whole)
    return moment if moment.tzinfo else moment.astimezone()


def fact(says: str, *groups: Iterable[str] | str) -> Fact:
    """A Fact of several groups of sources."""
    flat: list[str] = []
    for group in groups:
        flat += [group] if isinstance(group, str) else list(group)
    return Fact(says, tuple(dict.fromkeys(flat)))
