"""The resources of one sandbox EHR, in memory, with the indexes that its searches use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from sandbox.parameters import Parameter, parameters_of
from sandbox.values import Json, patients_of, references, tokens

_TARGETS = (("target",),)


class Held:
    """One resource. patients: ids of whom it is about. raw: its JSON, made at the first use."""

    __slots__ = ("_raw", "_values", "content", "id", "patients", "type")

    def __init__(self, content: Json) -> None:
        self.type: str = content["resourceType"]
        self.id: str = content["id"]
        self.content = content
        self.patients = patients_of(content)
        self._raw: bytes | None = None
        self._values: dict[str, tuple[Any, ...]] = {}

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = orjson.dumps(self.content)
        return self._raw

    def forget(self) -> None:
        """To be called when the content was changed."""
        self._raw = None
        self._values.clear()

    def values(self, parameter: Parameter) -> tuple[Any, ...]:
        """What a search parameter compares, kept for the next search."""
        found = self._values.get(parameter.name)
        if found is None:
            found = self._values[parameter.name] = tuple(parameter.extract(self.content))
        return found


class Store:
    """Filled before the server starts, only read afterwards."""

    def __init__(self, resources: Iterable[Json] = ()) -> None:
        self._by_type: dict[str, dict[str, Held]] = {}
        self._by_patient: dict[tuple[str, str], list[Held]] = {}
        self._by_code: dict[tuple[str, str, str], dict[str, list[Held]]] = {}
        self._by_reference: dict[tuple[str, str], dict[str, list[Held]]] = {}
        for resource in resources:
            self.add(resource)
        self.settle()

    def add(self, content: Json) -> Held:
        """Takes a resource that has a resourceType and an id; one with the same id takes the place of the first."""
        held = Held(content)
        self._by_type.setdefault(held.type, {})[held.id] = held
        return held

    def settle(self) -> None:
        """Builds the indexes; to be called when everything has been added."""
        for index in (self._by_patient, self._by_code, self._by_reference):
            index.clear()
        for held in self.of_type("Provenance"):
            aimed = (self.find(each) for each in references(held.content, _TARGETS))
            about = (patient for each in aimed if each for patient in each.patients)
            held.patients = tuple(dict.fromkeys((*held.patients, *about)))
        for kind in self._by_type.values():
            for held in kind.values():
                for patient in held.patients:
                    self._by_patient.setdefault((held.type, patient), []).append(held)

    def warm(self, kind: str, names: Iterable[str], most: int = 50_000) -> None:
        """Reads what the first searches of a type will compare; only the first `most` resources."""
        parameters = [parameters_of(kind)[name] for name in names]
        for held in islice(self._by_type.get(kind, {}).values(), most):
            for parameter in parameters:
                held.values(parameter)

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_type))

    def __len__(self) -> int:
        return sum(len(kind) for kind in self._by_type.values())

    def __iter__(self) -> Iterator[Held]:
        for kind in self._by_type.values():
            yield from kind.values()

    def get(self, kind: str, identifier: str) -> Held | None:
        return self._by_type.get(kind, {}).get(identifier)

    def find(self, reference: str) -> Held | None:
        """The resource that "Type/id" names."""
        kind, _, identifier = reference.partition("/")
        return self.get(kind, identifier)

    def of_type(self, kind: str) -> list[Held]:
        return list(self._by_type.get(kind, {}).values())

    def of_patient(self, kind: str, patient: str) -> list[Held]:
        return self._by_patient.get((kind, patient), [])

    def coded(self, kind: str, patient: str, name: str, codes: Iterable[str]) -> list[Held]:
        """The resources of a patient with one of these codes at a token parameter, whatever the code system."""
        key = (kind, patient, name)
        index = self._by_code.get(key)
        if index is None:
            index = self._by_code[key] = self._coded(kind, patient, name)
        found = {id(held): held for code in dict.fromkeys(codes) for held in index.get(code, ())}
        return list(found.values())

    def _coded(self, kind: str, patient: str, name: str) -> dict[str, list[Held]]:
        parameter = parameters_of(kind)[name]
        index: dict[str, list[Held]] = {}
        for held in self.of_patient(kind, patient):
            for code in dict.fromkeys(code for _, code in held.values(parameter)):
                index.setdefault(code, []).append(held)
        return index

    def pointing_at(self, kind: str, name: str, reference: str) -> list[Held]:
        """Resources of a type whose reference parameter names this one: what `_revinclude` asks for."""
        key = (kind, name)
        index = self._by_reference.get(key)
        if index is None:
            parameter, index = parameters_of(kind)[name], {}
            for held in self.of_type(kind):
                for each in dict.fromkeys(held.values(parameter)):
                    index.setdefault(each, []).append(held)
            self._by_reference[key] = index
        return index.get(reference, [])

    def with_identifier(self, kind: str, system: str | None, value: str) -> list[Held]:
        """Resources with this identifier; system None: whatever the system."""
        return [
            held
            for held in self.of_type(kind)
            for identifier in _identifiers(held.content)
            if identifier[1] == value and system in (None, identifier[0])
        ]


def _identifiers(content: Json) -> Iterator[tuple[str | None, str]]:
    found = content.get("identifier")
    for each in found if isinstance(found, list) else [found]:
        yield from tokens(each)
