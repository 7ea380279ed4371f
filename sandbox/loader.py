"""Loading a folder of FHIR resources beside the patients of the house.

Ids are kept where they are valid. References of a Bundle (urn:uuid, relative, absolute) become relative ones. Two
different resources with one id are told apart: one person's records never come to stand under another's.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson

from sandbox import documents
from sandbox.documents import Document, Entry, Refused
from sandbox.people import name_of
from sandbox.store import Held, Store
from sandbox.values import Json, at, patients_of, plain, tokens

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
MOST_NAMED = 40  # lines per kind of message
_POINTERS = ("reference", "url")


@dataclass
class Loaded:
    """references: of everything that was loaded. refused: what was not. counts: what else there is to say."""

    references: set[str] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    files: int = 0
    others: list[str] = field(default_factory=list)


def load(folder: Path, store: Store) -> Loaded:
    """Adds everything in the folder that can be served to the store, and says what was not."""
    loading = _Loading(store)
    fitting, others = documents.files_of(folder)
    loading.result.files = len(fitting)
    loading.result.others = [str(path.relative_to(folder)) for path in others]
    for path in fitting:
        for document in documents.read(path, str(path.relative_to(folder))):
            loading.add(document)
    loading.finish()
    store.settle()
    return loading.result


class _Loading:
    def __init__(self, store: Store) -> None:
        self.result = Loaded()
        self._store = store
        self._from: dict[str, str] = {}  # where each loaded resource was found
        self._urls: dict[str, str] = {}  # fullUrl and replaced references, of the whole folder
        self._open: list[Held] = []  # resources with references that are still to be resolved

    def add(self, document: Document) -> None:
        self.result.refused += document.refused
        given: dict[str, str] = {}
        named = [(entry, self._named(entry, given)) for entry in document.entries]
        for entry, _ in named if given else ():
            _rewrite(entry.content, given)
        renamed = self._renamed(named) if document.bundle else {}
        for entry, reference in named:
            if renamed:
                _rewrite(entry.content, renamed)
            self._put(entry, renamed.get(reference, reference), document)
        for url, reference in given.items():
            self._urls.setdefault(url, renamed.get(reference, reference))

    def _named(self, entry: Entry, given: dict[str, str]) -> str:
        """ "Type/id" of an entry. given: how the document may call it, added to."""
        content = entry.content
        kind, sent = content["resourceType"], content.get("id")
        known = str(sent) if isinstance(sent, int) and not isinstance(sent, bool) else sent
        if not isinstance(known, str) or not _ID.fullmatch(known):
            known = self._new_id(entry, kind)
            self.result.counts["ids were missing or not valid, and were made"] += 1
        reference = f"{kind}/{known}"
        if entry.url:
            given[entry.url] = reference
        if isinstance(sent, str) and sent and sent != known:
            given[f"{kind}/{sent}"] = reference
        return reference

    @staticmethod
    def _new_id(entry: Entry, kind: str) -> str:
        """The same for the same content: of its request or fullUrl when that has one."""
        for text, start in ((entry.request, f"{kind}/"), (entry.url, "urn:uuid:"), (entry.url, "")):
            last = text.removeprefix(start) if start else text.rpartition(f"/{kind}/")[2]
            if (start == "" or text.startswith(start)) and _ID.fullmatch(last):
                return last
        raw = orjson.dumps(entry.content, option=orjson.OPT_SORT_KEYS)
        return "made-" + hashlib.sha256(raw).hexdigest()[:24]

    def _renamed(self, named: list[tuple[Entry, str]]) -> dict[str, str]:
        """New references for resources of a Bundle whose ids somebody else's have already. Patients go first."""
        renamed: dict[str, str] = {}
        for entry, reference in sorted(named, key=lambda pair: not pair[1].startswith("Patient/")):
            held = self._store.find(reference)
            if held is None:
                continue
            about = {f"Patient/{each}" for each in _about(entry.content, reference)}
            moved = any(each in renamed for each in about)
            if moved or self._taken(held, entry.content, reference):
                renamed[reference] = _other(reference, entry.where)
                self.result.counts[
                    "had an id that somebody else's record has, and got another"
                ] += 1
        return renamed

    def _taken(self, held: Held, content: Json, reference: str) -> bool:
        """Whether an id belongs to somebody else, or to the house: what the house has is never replaced."""
        of_house = reference not in self._from and not _same(held.content, content)
        return of_house or _is_another(held, content, reference)

    def _put(self, entry: Entry, reference: str, document: Document) -> None:
        kind, _, identifier = reference.partition("/")
        content = {"resourceType": kind, **entry.content, "id": identifier}
        held = self._store.get(kind, identifier)
        if held is not None and not self._replaces(held, content, entry, document):
            return
        held = self._store.add(content)
        self._from[reference] = entry.where
        self.result.references.add(reference)
        self._open.append(held)

    def _replaces(self, held: Held, content: Json, entry: Entry, document: Document) -> bool:
        """Whether a resource takes the place of the one with its id; says why when it is left out."""
        before = self._from.get(held.reference, "the patients of this house")
        if _same(held.content, content):
            self.result.counts["were there already, word for word"] += 1
            return False
        if self._taken(held, content, held.reference):
            words = f"{held.reference} is somebody else's record already ({before})."
            self.result.refused.append(Refused(entry.where, words))
            return False
        if not document.history and _version(content) > _version(held.content):
            self.result.counts["took the place of an older version"] += 1
            return True
        if document.history:
            self.result.counts["are older versions in a history"] += 1
            return False
        words = f"Another version of {held.reference} was loaded before ({before})."
        self.result.refused.append(Refused(entry.where, words))
        return False

    def finish(self) -> None:
        """Resolves what points from one file to another, and counts what points to nowhere."""
        lookup = _Lookup(self._urls, self._store)
        self._open = [held for held in self._open if self._store.find(held.reference) is held]
        for held in self._open:
            _rewrite(held.content, lookup)
            held.patients = patients_of(held.content)
        for held in self._open:
            for patient in held.patients:
                if self._store.get("Patient", patient) is None:
                    self.result.missing[patient] += 1
        self.result.counts["references find nothing in the folder"] += lookup.unresolved


class _Lookup(Mapping[str, str]):
    """References by fullUrl of the whole folder, and conditional ones (Type?identifier=system|value)."""

    def __init__(self, urls: Mapping[str, str], store: Store) -> None:
        self._urls, self._store = urls, store
        self._found: dict[str, dict[tuple[str | None, str], str]] = {}
        self.unresolved = 0

    def get(self, key: str, default: Any = None) -> Any:
        found = self._urls.get(key) or ("?" in key and self._by_identifier(key)) or None
        if found is None and key.startswith(("urn:uuid:", "urn:oid:")):
            self.unresolved += 1
        return found or default

    def _by_identifier(self, text: str) -> str | None:
        kind, _, query = text.partition("?")
        if not query or not kind.isalpha():
            return None
        wanted = dict(parse_qsl(query)).get("identifier", "")
        system, bar, value = wanted.rpartition("|")
        if kind not in self._found:
            self._found[kind] = {
                pair: held.reference
                for held in self._store.of_type(kind)
                for each in at(held.content, ("identifier",))
                for token in tokens(each)
                for pair in (token, (None, token[1]))
            }
        found = self._found[kind].get((system if bar else None, value))
        self.unresolved += found is None
        return found

    def __getitem__(self, key: str) -> str:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return str(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._urls)

    def __len__(self) -> int:
        return len(self._urls)


def _rewrite(value: Any, new: Mapping[str, str]) -> None:
    """Puts new references in the place of those that are known, everywhere in a resource."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict | list):
                _rewrite(each, new)
        return
    for name, each in value.items():
        if isinstance(each, dict | list):
            _rewrite(each, new)
        elif name in _POINTERS and isinstance(each, str):
            found = new.get(each)
            if found is not None:
                value[name] = found


def _other(reference: str, where: str) -> str:
    """A reference like this one that nobody else has; the same for the same place in the folder."""
    kind, _, identifier = reference.partition("/")
    mark = hashlib.sha256(f"{where}|{reference}".encode()).hexdigest()[:12]
    return f"{kind}/{identifier[:51]}-{mark}"


def _about(content: Json, reference: str) -> tuple[str, ...]:
    if reference.startswith("Patient/"):
        return (reference.removeprefix("Patient/"),)
    return patients_of(content)


def _is_another(held: Held, content: Json, reference: str) -> bool:
    """Whether two resources with one id are about different people."""
    if held.type != "Patient":
        about = _about(content, reference)
        return bool(about and held.patients and set(about) != set(held.patients))
    born = (held.content.get("birthDate"), content.get("birthDate"))
    names = (plain(name_of(held.content)), plain(name_of(content)))
    return any(first and second and first != second for first, second in (born, names))


def _same(one: Json, other: Json) -> bool:
    """Word for word, whatever the order."""
    option = orjson.OPT_SORT_KEYS
    return orjson.dumps(one, option=option) == orjson.dumps(other, option=option)


def _version(content: Json) -> tuple[str, int]:
    """To be compared: when it was last updated, then the number of its version."""
    meta = content.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    updated, number = meta.get("lastUpdated"), meta.get("versionId")
    counted = int(number) if isinstance(number, str) and number.isdecimal() else 0
    return (updated if isinstance(updated, str) else "", counted)


def report(loaded: Loaded) -> list[str]:
    """What there is to say, in plain lines."""
    patients = sum(reference.startswith("Patient/") for reference in loaded.references)
    lines = [
        f"{len(loaded.references)} resources of {patients} patients loaded from {loaded.files} files."
    ]
    lines += [f"{number} {words}." for words, number in loaded.counts.items() if number]
    if loaded.others:
        kinds = Counter(Path(name).suffix or Path(name).name for name in loaded.others)
        named = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        lines.append(f"Not FHIR JSON by their names, so not read: {named}.")
    lines += _some(f"Not loaded: {each.where}: {each.reason}" for each in loaded.refused)
    lines += _some(
        f"{number} resources are about Patient/{patient}, who is not in the folder; nobody can open them."
        for patient, number in sorted(loaded.missing.items())
    )
    return lines


def _some(lines: Iterator[str]) -> list[str]:
    every = list(lines)
    if len(every) <= MOST_NAMED:
        return every
    return [*every[:MOST_NAMED], f"… and {len(every) - MOST_NAMED} more like these."]
