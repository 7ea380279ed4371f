"""One file by reference: the content of an Attachment.url that lies at the same FHIR server.

Source: https://hl7.org/fhir/R4/binary.html. Asked for as FHIR JSON; a server that answers with the bare file is
understood too.
"""

from __future__ import annotations

import base64
import binascii
import time
from urllib.parse import urljoin

import msgspec

from clinical.errors import SourceError
from clinical.fhir import faults
from clinical.fhir.connection import Connection
from clinical.fhir.session import Session


class File(msgspec.Struct, frozen=True):
    """content_type: as the server says inside a Binary, "" when it sent the bare file."""

    content_type: str
    content: bytes


class _Binary(msgspec.Struct):
    resourceType: str = ""
    contentType: str = ""
    data: str = ""


def fetch_file(connection: Connection, url: str) -> File:
    """The file at an address as it was sent (absolute, or relative to the FHIR base).

    Raises SourceError: another server or another path than this connection's, refused, broken, too large.
    """
    address = urljoin(connection.base + "/", url.strip())
    if not address.startswith(connection.base + "/"):
        raise SourceError(
            f"The file lies on another server than {connection.name}, which is not followed "
            "because your sign-in would go with it.",
            permanent=True,
            remedy="Open it in the EHR.",
        )
    until = time.monotonic() + connection.limits.request_seconds
    body = Session(connection, until=until).fetch(address, {"Accept": "application/fhir+json"})
    return _opened(connection, body)


def _opened(connection: Connection, body: bytes) -> File:
    if body.lstrip()[:1] != b"{":
        return File("", body)
    try:
        found = msgspec.json.decode(body, type=_Binary)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return File("", body)
    if found.resourceType != "Binary":
        return File("", body)
    try:
        return File(found.contentType, base64.b64decode("".join(found.data.split()), validate=True))
    except (binascii.Error, ValueError):
        raise SourceError(
            f"The file that {connection.name} sent is damaged.", remedy=faults.LATER
        ) from None
