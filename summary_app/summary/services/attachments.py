"""The files of reports and notes, made fit to be shown: text as text, HTML cleaned, PDF and pictures as they are.

A file by reference is fetched with the clinician's own rights, from the EHR that named it and from no other server.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from clinical.errors import SourceError
from clinical.fhir.binary import File, fetch_file
from clinical.records import Attachment
from clinical.summary.papers import NOT_SENT, files, item_of, kind_of, media_type
from summary_app.access import door
from summary_app.summary.services import cleaning, pages, rights

_CHARSET = re.compile(r"charset\s*=\s*\"?([\w-]+)", re.ASCII)

Kind = Literal["page", "pdf", "picture", "file"]


class NotShown(Exception):
    """There is no such file, or it may or can not be shown. The message is for the clinician."""


@dataclass(frozen=True)
class Shown:
    """page: a whole HTML document. pdf, picture: the file as sent. file: to be saved, not shown."""

    kind: Kind
    content_type: str
    body: bytes
    title: str = ""


def shown(opening: door.Opening, key: str, place: int, *, as_of: datetime) -> Shown | None:
    """One file of a report or note of this chart; None when the chart has no such file.

    Raises NotShown when it cannot be had or read.
    """
    built = pages.built_of(opening, as_of=as_of)
    item = item_of(built.chart, key)
    held = files(item) if item is not None else []
    if not 0 <= place < len(held):
        return None
    record, one = held[place]
    return _fit(_content(opening, record.source.server, one), one)


def _content(opening: door.Opening, server: str, one: Attachment) -> File:
    if one.text:
        return File("text/plain; charset=utf-8", one.text.encode())
    if one.data:
        try:
            packed = "".join(one.data.split())
            return File(one.content_type, base64.b64decode(packed, validate=True))
        except (binascii.Error, ValueError):
            raise NotShown("The file is damaged: it cannot be unpacked.") from None
    if not one.url:
        raise NotShown(NOT_SENT)
    return _fetched(opening, server, one.url)


def _fetched(opening: door.Opening, server: str, url: str) -> File:
    source = next((s for s in opening.sources if s.key == server), None)
    if source is None:
        raise NotShown("The EHR that named this file is not part of this chart any more.")
    try:
        reader = rights.of_clinician(opening.user_id, source.connection, source.patient)
        return fetch_file(reader.wire, url)
    except rights.NotPermitted as refused:
        raise NotShown(f"Not permitted: {refused}") from None
    except SourceError as fault:
        words = f"Not retrieved: {fault} {fault.remedy}".strip()
        raise NotShown(words) from None


def _fit(found: File, one: Attachment) -> Shown:
    declared = found.content_type or one.content_type
    kind = kind_of(Attachment(content_type=declared, data="x"))
    start = found.content[:8]
    if kind == "page":
        return _page(found.content, declared, one.title)
    if kind == "pdf" and b"%PDF-" in found.content[:1024]:
        return Shown("pdf", "application/pdf", found.content, one.title)
    if start.startswith(b"\x89PNG") and kind == "picture":
        return Shown("picture", "image/png", found.content, one.title)
    if start.startswith(b"\xff\xd8\xff") and kind == "picture":
        return Shown("picture", "image/jpeg", found.content, one.title)
    return Shown("file", "application/octet-stream", found.content, one.title)


# ---- text and HTML --------------------------------------------------------------------------------------------


def _page(content: bytes, declared: str, title: str) -> Shown:
    text = _decoded(content, declared)
    inside = _cleaned(text) if media_type(declared) not in ("text/plain", "text/markdown") else _plain(text)  # fmt: skip
    return Shown("page", "text/html; charset=utf-8", inside.encode(), title)


def _plain(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def _decoded(content: bytes, declared: str) -> str:
    """Raises NotShown for bytes that are no text in the character set they claim: guessed text could say other things."""
    named = _CHARSET.search(declared.lower()) or _CHARSET.search(content[:1024].decode("latin-1").lower())  # fmt: skip
    codec = named[1] if named else "utf-8"
    if codec in ("iso-8859-1", "latin-1", "latin1"):
        codec = "cp1252"
    try:
        return content.decode(codec)
    except (UnicodeDecodeError, LookupError):
        raise NotShown(
            f"Unparsed, not summarised: it is no text in the character set it names ({codec})."
        ) from None


def _cleaned(html: str) -> str:
    try:
        return cleaning.clean(html)
    except cleaning.Refused as refused:
        raise NotShown(f"Unparsed, not summarised: {refused}") from None
