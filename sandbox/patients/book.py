"""The base of a Chart: where resources go, what id they get, whom they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from .clock import Clock
from .places import PEOPLE, ROOMS
from .terms import Resource, reference


class Book:
    """Holds the resources of one patient in one EHR.

    `encounter` is put on what is recorded from then on, until it is set to another id or to "".
    """

    def __init__(self, server: str, key: str, clock: Clock) -> None:
        self.server, self.key, self.clock = server, key, clock
        self.resources: list[Resource] = []
        self.encounter = ""
        self.sex = "unknown"
        self._taken: dict[str, int] = {}

    def add(self, kind: str, name: str, fields: Resource) -> str:
        """Puts a resource into the record. Its id is made of patient and name; a second of that name is numbered."""
        base = f"{self.key}-{name}"[:56]
        count = self._taken[f"{kind}/{base}"] = self._taken.get(f"{kind}/{base}", 0) + 1
        key = base if count == 1 else f"{base}-{count}"
        kept = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        self.resources.append({"resourceType": kind, "id": key} | kept)
        return key

    def written(self, *parts: Callable[[Self], None]) -> list[Resource]:
        """The whole record, once each part has put into it what it holds, in this order."""
        for part in parts:
            part(self)
        return self.resources

    @property
    def subject(self) -> Resource:
        return reference("Patient", self.key)

    def about(self) -> Resource:
        """Subject and, where one is set, the encounter: what nearly every resource starts with."""
        made: Resource = {"subject": self.subject}
        return made | (
            {"encounter": reference("Encounter", self.encounter)} if self.encounter else {}
        )

    def who(self, key: str) -> Resource:
        """A clinician of the directory; another word stands as a name without a record of its own."""
        if key in PEOPLE:
            return reference("Practitioner", key, PEOPLE[key].name)
        return {"display": key}

    def where(self, key: str) -> Resource:
        """A room or bed of the directory; KeyError for an unknown one."""
        return reference("Location", key, ROOMS[key].name)
