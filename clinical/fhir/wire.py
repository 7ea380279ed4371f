"""From the bytes of an answer to typed resources, entry by entry: one bad entry costs one entry.

A page is decoded with its entries left as raw JSON; each entry is then decoded into the struct of its type. What
cannot be read stays in the page as an Entry with its bytes and a problem in words, so that it can be counted and
looked at. Nothing here trusts the server: sizes, depths, types and encodings are all checked or survived.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Any

import msgspec

from clinical import resources as fhir
from clinical.errors import SourceError
from clinical.fhir import salvage
from clinical.fhir.entries import Entry, Page

MAX_DEPTH = 64
MAX_ENTRIES = 10_000
_KNOWN_AT_MOST = 5_000
_NOTHING = msgspec.Raw()
_CHECK_SETTINGS = "Ask the administrator to check this connection's FHIR base URL."
_TRY_AGAIN = "Try again; if it stays so, tell the EHR's administrator."


class KnownEntries:
    """The Observations that a pull has read already, by their bytes: a further search that brings them costs little.

    One for each pull and source, gone with it. Safe for threads: what is missed is only read once more.
    """

    def __init__(self) -> None:
        self._entries: dict[bytes, Entry] = {}
        self._parts: dict[Hashable, Any] = {}

    def read(self, raw: bytes, mode: str, full_url: str) -> Entry:
        """What read_resource gives for an answer about Observations."""
        entry = self._entries.get(raw)
        if entry is None:
            entry = read_resource(raw, mode=mode, full_url=full_url, hint="Observation")
            if type(entry.resource) is fhir.Observation and len(self._entries) < _KNOWN_AT_MOST:
                self._share_parts(entry.resource)
                self._entries[raw] = entry
        elif entry.mode != mode or entry.full_url != full_url:
            entry = msgspec.structs.replace(entry, mode=mode, full_url=full_url)
        return entry

    def _share_parts(self, found: fhir.Observation) -> None:
        """Equal parts are held once: what is in memory less often is also read faster afterwards."""
        share = self._parts.setdefault
        found.category = share(found.category, found.category)
        found.code = share(found.code, found.code)
        found.interpretation = share(found.interpretation, found.interpretation)
        found.subject = share(found.subject, found.subject)
        found.encounter = share(found.encounter, found.encounter)
        found.performer = share(found.performer, found.performer)


class _Mode(msgspec.Struct, gc=False):
    mode: str | None = None


class _Part(msgspec.Struct, gc=False):
    fullUrl: str | None = None
    resource: msgspec.Raw = _NOTHING
    search: _Mode | None = None


class _LoosePart(msgspec.Struct, gc=False):
    fullUrl: Any = None
    resource: msgspec.Raw = _NOTHING
    search: Any = None


class _Bundle(msgspec.Struct, gc=False):
    resourceType: str | None = None
    total: int | None = None
    link: Any = None
    entry: list[_Part] | None = None


class _LooseBundle(msgspec.Struct, gc=False):
    resourceType: Any = None
    total: Any = None
    link: Any = None
    entry: list[msgspec.Raw] | None = None


class _Head(msgspec.Struct, gc=False):
    resourceType: Any = None
    id: Any = None


_bundle = msgspec.json.Decoder(_Bundle)
_loose_bundle = msgspec.json.Decoder(_LooseBundle)
_loose_part = msgspec.json.Decoder(_LoosePart)
_head = msgspec.json.Decoder(_Head)
_readers = {name: msgspec.json.Decoder(kind) for name, kind in fhir.RESOURCE_TYPES.items()}
_STARTS = {name: b'{"resourceType":"%b"' % name.encode() for name in fhir.RESOURCE_TYPES}
_JSON_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,64})"')
_ID = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9\-.]{1,64})"')


def read_page(
    body: bytes,
    *,
    expected: str = "",
    source: str = "The server",
    known: KnownEntries | None = None,
) -> Page:
    """Decodes the body of an answer: a Bundle, or one resource.

    expected: the type that was asked for; it decides between match and include when the server does not say.
    source: who answered, the first words of an error. known: of the same pull. Raises SourceError for an answer that
    is not FHIR JSON at all or that breaks off; never for a bad entry.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    refuse_other_formats(body, source)
    bundle, parts = _envelope(body, source)
    if bundle.resourceType != "Bundle":
        return _single(body, bundle.resourceType, expected, source)
    total = bundle.total if isinstance(bundle.total, int) and 0 <= bundle.total < 2**63 else None
    entries, outcomes = _sort_out(parts[:MAX_ENTRIES], expected, known)
    return Page(
        total=total,
        self_link=_link(bundle.link, "self"),
        next_link=_link(bundle.link, "next"),
        entries=entries,
        outcomes=outcomes,
        left_out=max(0, len(parts) - MAX_ENTRIES),
    )


def read_resource(raw: bytes, *, mode: str = "match", full_url: str = "", hint: str = "") -> Entry:
    """Decodes one resource; never raises. hint: its likely type, which saves a look at the JSON."""
    start = _STARTS.get(hint)
    kind = hint if start is not None and raw.startswith(start) else ""
    try:
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and salvage.deeper_than(MAX_DEPTH, raw):
            return _unreadable(raw, mode, full_url, f"nested more than {MAX_DEPTH} levels deep")
        if not kind:
            kind = _type_of(raw)
        reader = _readers.get(kind)
        if reader is None:
            words = f"a resource of type {kind} is not read here" if kind else "has no resourceType"
            return _unreadable(raw, mode, full_url, words)
        resource = reader.decode(raw)
    except _JSON_ERRORS as error:
        return _unreadable(raw, mode, full_url, _words(error))
    return Entry(
        type=kind, id=resource.id or "", mode=mode, raw=raw, resource=resource, full_url=full_url
    )


def refuse_other_formats(body: bytes, source: str) -> None:
    """Raises SourceError, in words, for an empty answer, HTML, XML or plain text."""
    start = body[:400].lower()
    if not body:
        raise SourceError(f"{source} answered with nothing.", remedy=_TRY_AGAIN)
    if start.startswith(b"<") and (b"<html" in start or b"<!doctype html" in start):
        raise SourceError(
            f"{source} answered with a web page (HTML) instead of FHIR data.",
            remedy=f"This is often a sign-in page: sign in again. {_CHECK_SETTINGS}",
        )
    if start.startswith(b"<"):
        raise SourceError(
            f"{source} answered with XML instead of JSON.", permanent=True, remedy=_CHECK_SETTINGS
        )
    if start[:1] not in b"{[":
        raise SourceError(
            f"{source} answered with plain text instead of FHIR data.", remedy=_CHECK_SETTINGS
        )


def _envelope(body: bytes, source: str) -> tuple[_Bundle | _LooseBundle, list[_Part | _LoosePart]]:
    try:
        bundle = _bundle.decode(body)
        return bundle, list(bundle.entry or ())
    except _JSON_ERRORS:
        pass  # an odd entry or envelope; the loose reader takes it apart
    try:
        loose = _loose_bundle.decode(body)
        raws = [bytes(raw) for raw in loose.entry or ()]
    except _JSON_ERRORS:
        loose, raws = _salvage(body, source)
    return loose, [_loose(raw) for raw in raws]


def _salvage(body: bytes, source: str) -> tuple[_LooseBundle, list[bytes]]:
    try:
        rest, raws = salvage.entries(body)
    except salvage.Broken:
        raise SourceError(
            f"{source} sent an answer that breaks off in the middle.", remedy=_TRY_AGAIN
        ) from None
    try:
        return _loose_bundle.decode(rest), raws
    except _JSON_ERRORS:
        raise SourceError(f"{source} sent JSON that cannot be read.", remedy=_TRY_AGAIN) from None


def _loose(raw: bytes) -> _LoosePart:
    """One Bundle.entry on its own; when even its JSON is bad, the whole of it stands for the resource."""
    try:
        return _loose_part.decode(raw)
    except _JSON_ERRORS:
        return _LoosePart(resource=msgspec.Raw(raw))


def _sort_out(
    parts: list[_Part | _LoosePart], expected: str, known: KnownEntries | None
) -> tuple[tuple[Entry, ...], tuple[fhir.OperationOutcome, ...]]:
    entries: list[Entry] = []
    outcomes: list[fhir.OperationOutcome] = []
    for entry in _read_parts(parts, expected, known):
        if (
            type(entry.resource) is fhir.OperationOutcome
        ):  # of a struct, isinstance is slow to say no
            outcomes.append(entry.resource)
        else:
            entries.append(entry)
    return tuple(entries), tuple(outcomes)


def _read_parts(
    parts: list[_Part | _LoosePart], expected: str, known: KnownEntries | None
) -> Iterator[Entry]:
    if expected != "Observation":
        known = None
    for part in parts:
        raw = bytes(part.resource) or b"null"
        url = part.fullUrl if isinstance(part.fullUrl, str) else ""
        mode = _mode(part.search)
        if known is None:
            entry = read_resource(raw, mode=mode or "match", full_url=url, hint=expected)
        else:
            entry = known.read(raw, mode or "match", url)
        if not mode and expected and entry.type and entry.type != expected:
            entry = msgspec.structs.replace(entry, mode="include")
        yield entry


def _mode(search: Any) -> str:
    if type(search) is _Mode:
        mode: Any = search.mode
    else:
        mode = search.get("mode") if isinstance(search, dict) else None
    return mode if mode in ("match", "include", "outcome") else ""


def _single(body: bytes, kind: Any, expected: str, source: str) -> Page:
    if not isinstance(kind, str) or not kind:
        raise SourceError(
            f"{source} answered with JSON that is not FHIR.", permanent=True, remedy=_CHECK_SETTINGS
        )
    entry = read_resource(body, hint=expected)
    if isinstance(entry.resource, fhir.OperationOutcome):
        return Page(outcomes=(entry.resource,))
    return Page(entries=(entry,))


def _link(links: Any, relation: str) -> str:
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == relation:
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return ""


def _type_of(raw: bytes) -> str:
    found = _head.decode(raw).resourceType
    return found if isinstance(found, str) else ""


def _unreadable(raw: bytes, mode: str, full_url: str, problem: str) -> Entry:
    """An Entry that says as much about the resource as can be told without reading all of it."""
    kind, name = _TYPE.search(raw), _ID.search(raw)
    try:
        head = _head.decode(raw)
    except _JSON_ERRORS:
        head = _Head(kind.group(1).decode() if kind else "", name.group(1).decode() if name else "")
    return Entry(
        type=head.resourceType if isinstance(head.resourceType, str) else "",
        id=head.id if isinstance(head.id, str) else "",
        mode=mode,
        raw=raw,
        problem=problem,
        full_url=full_url,
    )


def _words(error: Exception) -> str:
    """What was wrong, without any value of the resource: only shapes and places."""
    if isinstance(error, RecursionError):
        return f"nested more than {MAX_DEPTH} levels deep"
    if isinstance(error, UnicodeDecodeError):
        return "holds bytes that are not UTF-8 text"
    text = str(error)
    if isinstance(error, msgspec.ValidationError) and text.startswith(
        ("Expected", "Number out of")
    ):
        return text.replace("`", "").replace(" - at $.", " at ").replace(" - at $", "")
    return "is not valid JSON"
