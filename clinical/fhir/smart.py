"""SMART App Launch 2.2 and Backend Services: the names that the application uses, in one place.

discovery: whom to trust and where people sign in. launch: the way there and back. tokens: exchange, refresh, system
tokens, revocation. identity: who it was. keys: who we are. Everything is a pure function of its arguments and of an
HTTP function; states and tokens are returned, never kept.
"""

from __future__ import annotations

from clinical.fhir.discovery import (
    SmartConfiguration,
    backend_scopes,
    discover,
    is_safe_address,
    known_issuer,
    launch_scopes,
    read_configuration,
)
from clinical.fhir.exchange import Answer, HttpFunction, Question, http_for
from clinical.fhir.identity import Who, fetch_keys, validate
from clinical.fhir.keys import new_key, public_keys
from clinical.fhir.launch import Pending, begin, challenge, launch_parameters, returned_code
from clinical.fhir.tokens import Registration, TokenClient, Tokens, read_tokens

__all__ = [
    "Answer",
    "HttpFunction",
    "Pending",
    "Question",
    "Registration",
    "SmartConfiguration",
    "TokenClient",
    "Tokens",
    "Who",
    "backend_scopes",
    "begin",
    "challenge",
    "discover",
    "fetch_keys",
    "http_for",
    "is_safe_address",
    "known_issuer",
    "launch_parameters",
    "launch_scopes",
    "new_key",
    "public_keys",
    "read_configuration",
    "read_tokens",
    "returned_code",
    "validate",
]
