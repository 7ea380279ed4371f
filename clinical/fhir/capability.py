"""What a server says it can do: the few lines of its CapabilityStatement that decide what is asked."""

from __future__ import annotations

from typing import Any

import msgspec

from clinical.errors import SourceError
from clinical.fhir import wire


class Capability(msgspec.Struct, frozen=True):
    """types: resource type -> interactions ("read", "search-type", …). fhir_version: as sent.

    parameters, includes: per type, what is declared; servers often honour more, and sometimes less. Parameters the
    product sends are therefore never left out because they are not declared.
    """

    fhir_version: str = ""
    software: str = ""
    types: dict[str, frozenset[str]] = {}
    parameters: dict[str, frozenset[str]] = {}
    includes: dict[str, frozenset[str]] = {}

    def offers(self, resource: str, interaction: str) -> bool:
        """Whether it declares this. A type declared without any interaction is taken to offer all."""
        if resource not in self.types:
            return False
        return not self.types[resource] or interaction in self.types[resource]


def read_capability(body: bytes, *, source: str = "The server") -> Capability:
    """From the body of GET {base}/metadata. Unknown and malformed parts are passed over; real ones are imperfect.

    Raises SourceError when it is no CapabilityStatement at all.
    """
    wire.refuse_other_formats(body.strip(), source)
    try:
        statement = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise SourceError(
            f"{source} sent a capability statement that cannot be read.", permanent=True
        ) from None
    if not isinstance(statement, dict) or statement.get("resourceType") != "CapabilityStatement":
        raise SourceError(
            f"{source} did not answer with a capability statement.",
            permanent=True,
            remedy="Check this connection's FHIR base URL.",
        )
    declared = [
        each for rest in _dicts(statement.get("rest")) for each in _dicts(rest.get("resource"))
    ]
    named = [each for each in declared if isinstance(each.get("type"), str)]
    return Capability(
        fhir_version=_text(statement.get("fhirVersion")),
        software=_text((statement.get("software") or {}).get("name"))
        if isinstance(statement.get("software"), dict)
        else "",
        types={each["type"]: _codes(each.get("interaction"), "code") for each in named},
        parameters={each["type"]: _codes(each.get("searchParam"), "name") for each in named},
        includes={each["type"]: _strings(each.get("searchInclude")) for each in named},
    )


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _codes(value: Any, name: str) -> frozenset[str]:
    return frozenset(_text(each.get(name)) for each in _dicts(value)) - {""}


def _strings(value: Any) -> frozenset[str]:
    return (
        frozenset(each for each in value if isinstance(each, str))
        if isinstance(value, list)
        else frozenset()
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
