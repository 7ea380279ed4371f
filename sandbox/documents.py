"""Files of FHIR resources, read as they are: single resources, Bundles of every type, lines of NDJSON.

Numbers keep the digits with which they were written. What cannot be read becomes a Refused with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from sandbox.values import Json

SUFFIXES = (".json", ".ndjson", ".jsonl")
_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")
_DEEPEST = 20  # Bundles in Bundles
_LONGEST_INTEGER = 18


@dataclass(frozen=True)
class Refused:
    """where: file, and line or entry in it."""

    where: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """One resource: in a Document a JSON object. url: its fullUrl, "" = none. request: "Type/id" of a PUT, "" = none.

    where: for messages.
    """

    content: Any
    where: str
    url: str = ""
    request: str = ""


@dataclass
class Document:
    """What belongs together: the references of a Bundle mean its own entries first.

    bundle: False for resources that stand alone. history: the newest version of each comes first.
    """

    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    bundle: bool = False
    history: bool = False


def files_of(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files under a folder that may hold FHIR JSON, and the others; each in the order of their names."""
    every = sorted(path for path in folder.rglob("*") if path.is_file())
    fitting = [path for path in every if path.suffix.lower() in SUFFIXES]
    return fitting, [path for path in every if path.suffix.lower() not in SUFFIXES]


def read(path: Path, name: str) -> Iterator[Document]:
    """The documents of a file. name: of the file, for messages."""
    try:
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except OSError as error:
        yield _refusal(name, f"The file cannot be read: {error.strerror}.")
        return
    except UnicodeDecodeError:
        yield _refusal(name, "The file is not in UTF-8.")
        return
    if not text.strip():
        yield _refusal(name, "The file is empty.")
        return
    try:
        content = _loads(text)
    except (ValueError, RecursionError) as error:
        lines = text.splitlines()
        if len(lines) < 2 or not _is_json(lines[0]):
            yield _refusal(name, f"The file is not JSON: {error}.")
            return
        yield from _lines(lines, name)
        return
    yield from _documents(content, name)


def _lines(lines: list[str], name: str) -> Iterator[Document]:
    """NDJSON: a line that is broken costs that line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            content = _loads(line)
        except (ValueError, RecursionError) as error:
            yield _refusal(where, f"The line is not JSON: {error}.")
            continue
        yield from _documents(content, where)


def _documents(content: Any, where: str) -> Iterator[Document]:
    if isinstance(content, list):
        for number, each in enumerate(content, 1):
            place = f"{where}, item {number}"
            if isinstance(each, list):
                yield _refusal(place, "The resource is not an object.")
            else:
                yield from _documents(each, place)
    elif isinstance(content, dict) and content.get("resourceType") == "Bundle":
        document = Document(bundle=True, history=content.get("type") == "history")
        _unpack(content, where, document, 0)
        yield document
    else:
        document = Document()
        _take(Entry(content, where), document)
        yield document


def _unpack(bundle: Json, where: str, document: Document, depth: int) -> None:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or depth > _DEEPEST:
        document.refused.append(Refused(where, "The entries of the Bundle cannot be read."))
        return
    for number, entry in enumerate(entries, 1):
        place = f"{where}, entry {number}"
        if not isinstance(entry, dict):
            document.refused.append(Refused(place, "The entry is not an object."))
            continue
        content = entry.get("resource")
        if content is None and _needs_none(entry):
            continue
        if isinstance(content, dict) and content.get("resourceType") == "Bundle":
            _unpack(content, place, document, depth + 1)
        elif not _is_outcome(entry, content):
            request = entry.get("request")
            url = request.get("url") if isinstance(request, dict) else ""
            target = url if isinstance(url, str) and "?" not in url else ""
            full = entry.get("fullUrl")
            _take(Entry(content, place, full if isinstance(full, str) else "", target), document)


def _needs_none(entry: Json) -> bool:
    """Whether an entry is meant to have no resource: a DELETE, a GET, or the answer to a request."""
    request = entry.get("request")
    method = request.get("method") if isinstance(request, dict) else None
    return method in ("DELETE", "GET", "HEAD") or "response" in entry


def _is_outcome(entry: Json, content: Any) -> bool:
    """What a search says beside its matches is no record."""
    search = entry.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    kind = content.get("resourceType") if isinstance(content, dict) else None
    return mode == "outcome" or kind == "OperationOutcome"


def _take(entry: Entry, document: Document) -> None:
    reason = _problem(entry.content)
    if reason:
        document.refused.append(Refused(entry.where, reason))
    else:
        document.entries.append(entry)


def _problem(content: Any) -> str:
    """Why this cannot be served as a resource; "" when it can, whatever its shape."""
    if not isinstance(content, dict):
        return "There is no resource here." if content is None else "The resource is not an object."
    kind = content.get("resourceType")
    if kind is None:
        return "It has no resourceType, so it is no FHIR resource."
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        return "Its resourceType is not a name of a type."
    try:
        orjson.dumps(content)
    except (TypeError, ValueError, RecursionError) as error:
        return f"It cannot be written as JSON again: {error}."
    return ""


def _number(text: str) -> orjson.Fragment:
    """5.10 stays 5.10: the digits of a FHIR decimal mean something."""
    return orjson.Fragment(text)


def _integer(text: str) -> Any:
    return int(text) if len(text) <= _LONGEST_INTEGER else orjson.Fragment(text)


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_decoder = json.JSONDecoder(parse_float=_number, parse_int=_integer, parse_constant=_constant)


def _loads(text: str) -> Any:
    return _decoder.decode(text)


def _is_json(line: str) -> bool:
    try:
        _loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _refusal(where: str, reason: str) -> Document:
    return Document(refused=[Refused(where, reason)])
