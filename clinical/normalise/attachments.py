"""Attachments: plain text is decoded, everything else stays as sent. Source: hl7.org/fhir/R4/datatypes.html#Attachment"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from clinical import resources as fhir
from clinical.records import Attachment

from .reading import Reading

TEXT_AT_MOST = 200_000  # characters of text kept; a longer note is cut, and says so
DATA_AT_MOST = 6_000_000  # characters of base64 kept (4.5 MB); a larger file is read from its source when opened
_PLAIN = frozenset({"text/plain", "text/markdown"})
_CHARSETS = {
    "": "utf-8",
    "utf-8": "utf-8",
    "us-ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}


def attachments(
    sent: Iterable[fhir.Attachment | None] | None, reading: Reading
) -> tuple[Attachment, ...]:
    return tuple(attachment(one, reading) for one in sent or () if one is not None)


def attachment(sent: fhir.Attachment, reading: Reading) -> Attachment:
    """text only for text/plain and text/markdown that decode; HTML stays data and is cleaned where it is shown."""
    kind, charset = _kind(sent.contentType)
    text = _decoded(sent.data, charset) if kind in _PLAIN and sent.data else None
    keep = text is None and sent.data is not None and len(sent.data) <= DATA_AT_MOST
    return Attachment(
        content_type=sent.contentType or "",
        title=sent.title or "",
        text=text or "",
        url=sent.url or "",
        data=(sent.data or "") if keep else "",
        size=_size(sent),
        created=reading.time(sent.creation),
    )


def _kind(content_type: str | None) -> tuple[str, str]:
    """("text/plain", "utf-8") from "text/plain; charset=UTF-8"."""
    kind, _, rest = (content_type or "").partition(";")
    charset = ""
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return kind.strip().lower(), charset


def _decoded(data: str, charset: str) -> str | None:
    """None when it is not base64, or not text in the character set it claims: then it stays data."""
    codec = _CHARSETS.get(charset)
    if codec is None:
        return None
    # four characters of base64 are three bytes, and a character of UTF-8 is at most four bytes
    wanted = (TEXT_AT_MOST + 1) * 16 // 3 // 4 * 4
    packed = "".join(data.split())
    try:
        raw = base64.b64decode(packed[:wanted], validate=True)
    except (binascii.Error, ValueError):
        return None
    cut = len(packed) > wanted
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        if not cut or error.start < len(raw) - 3:  # the cut may split the last character only
            return None
        text = raw[: error.start].decode(codec)
    if not cut and len(text) <= TEXT_AT_MOST:
        return text
    return text[:TEXT_AT_MOST] + "\n[cut here: the source holds more]"


def _size(sent: fhir.Attachment) -> int | None:
    """As sent (a number, or the string of one as in R5); else what the base64 amounts to."""
    if isinstance(sent.size, int):
        return sent.size
    if sent.size is not None and sent.size.isdecimal():
        return int(sent.size)
    return len(sent.data) * 3 // 4 if sent.data else None
