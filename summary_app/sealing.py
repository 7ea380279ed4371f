"""Encryption at rest: AES-GCM under keys from the environment; what is sealed for one purpose opens for no other.

Layout of a sealed value: version (1 byte), key id (8), nonce (12), ciphertext and tag. The first key of
VISIT_LENS_KEYS seals; any of them opens, so a new key is put in front and the old ones stay until all is sealed anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_VERSION = b"\x01"
_ID, _NONCE = 8, 12


class BadKey(Exception):
    """A key in VISIT_LENS_KEYS that is none."""


class CannotOpen(Exception):
    """A sealed value whose key is not there, or that was changed, or was sealed for something else."""


def seal(content: bytes, *, purpose: str) -> bytes:
    """purpose: what it is and whose; the same words are needed to open it. Raises BadKey without any key."""
    ring = key_ring()
    if not ring:
        raise BadKey("There is no key to encrypt with: set VISIT_LENS_KEYS.")
    identifier, key = next(iter(ring.items()))
    nonce = os.urandom(_NONCE)
    head = _VERSION + identifier
    return head + nonce + _cipher(key, purpose).encrypt(nonce, content, head + purpose.encode())


def unseal(sealed: bytes | memoryview, *, purpose: str) -> bytes:
    """Raises CannotOpen; the message names no content."""
    data = bytes(sealed)
    head, nonce, body = data[: 1 + _ID], data[1 + _ID : 1 + _ID + _NONCE], data[1 + _ID + _NONCE :]
    key = key_ring().get(head[1:])
    if key is None or head[:1] != _VERSION:
        raise CannotOpen("The key that this was encrypted with is not in VISIT_LENS_KEYS.")
    try:
        return _cipher(key, purpose).decrypt(nonce, body, head + purpose.encode())
    except InvalidTag:
        raise CannotOpen("What is stored does not fit its key; it was changed or moved.") from None


def key_ring() -> dict[bytes, bytes]:
    """Key id -> key, the current one first. Raises BadKey."""
    return _ring(tuple(settings.VISIT_LENS_KEYS))


@lru_cache(maxsize=8)
def _ring(words: tuple[str, ...]) -> dict[bytes, bytes]:
    return {hashlib.sha256(key).digest()[:_ID]: key for key in map(_key, words)}


def _key(word: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(word)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise BadKey("A key in VISIT_LENS_KEYS is not 32 bytes in base64.")
    return key


def _cipher(key: bytes, purpose: str) -> AESGCM:
    """A key of its own for each purpose."""
    return AESGCM(hmac.new(key, purpose.encode(), hashlib.sha256).digest())


class SealedText(models.Field):
    """Text that is encrypted in the database. Sealed to its table and column, not to its row."""

    description = "encrypted text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", "")
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_prep_value(self, value: Any) -> bytes:
        return seal(str(value).encode(), purpose=self._purpose()) if value else b""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        content = value if prepared else self.get_prep_value(value)
        return connection.Database.Binary(content)

    def from_db_value(self, value: Any, *_: Any) -> str:
        return unseal(value, purpose=self._purpose()).decode() if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        """Never serialised: fixtures and dumps hold no secrets."""
        return ""

    def _purpose(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"
