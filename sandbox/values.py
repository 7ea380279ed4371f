"""Finding values in a resource, whatever its shape: what is not as FHIR wants it is passed over, never an error."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Token = tuple[str | None, str]  # system (None: a plain code, which has none to compare), code

_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


def at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value at a path; lists on the way are gone through.

    >>> list(at({"a": [{"b": 1}, {"b": [2, 3]}]}, ("a", "b")))
    [1, 2, 3]
    """
    if isinstance(value, list):
        for each in value:
            yield from at(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from at(value[path[0]], path[1:])


def tokens(value: Any) -> Iterator[Token]:
    """What a token search compares: codes of a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean."""
    if isinstance(value, bool):
        yield None, "true" if value else "false"
    elif isinstance(value, str):
        yield None, value
    elif isinstance(value, dict):
        if "coding" in value:
            for coding in at(value, ("coding",)):
                yield from tokens(coding)
        else:
            code = value.get("code", value.get("value"))
            system = value.get("system")
            if isinstance(code, str):
                yield system if isinstance(system, str) else "", code


def strings(value: Any) -> Iterator[str]:
    """What a string search compares: a string, or the parts of a HumanName or an Address."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in (*_NAME_PARTS, *_ADDRESS_PARTS):
            yield from (each for each in at(value, (part,)) if isinstance(each, str))


def plain(text: str) -> str:
    """Without case and accents, as FHIR compares strings.

    >>> plain("Adán")
    'adan'
    """
    parts = unicodedata.normalize("NFKD", text)
    return "".join(each for each in parts if not unicodedata.combining(each)).casefold()


def reference(value: Any) -> str:
    """ "Type/id" that a Reference points to on this server; "" when it names no type and id, or another server.

    >>> reference({"reference": "Patient/1/_history/2"})
    'Patient/1'
    >>> reference({"reference": "http://ehr.example/fhir/Patient/1"})
    ''
    """
    text = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(text, str):
        return ""
    kind, _, identifier = text.partition("/_history/")[0].partition("/")
    known = kind[:1].isupper() and kind.isalpha() and identifier and "/" not in identifier
    return f"{kind}/{identifier}" if known else ""


def references(value: Any, paths: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for path in paths:
        for each in at(value, path):
            found = reference(each)
            if found:
                yield found


_SUBJECTS = ("patient", "subject", "beneficiary", "individual")


def patients_of(resource: Json) -> tuple[str, ...]:
    """Ids of the patients that a resource is about, as it says itself; a Patient is about itself."""
    if resource.get("resourceType") == "Patient":
        return (str(resource.get("id")),)
    found: dict[str, None] = {}
    for name in _SUBJECTS:
        value = resource.get(name)
        if value is not None:
            found.update(dict.fromkeys(references(value, ((),))))
    if "participant" in resource:
        found.update(dict.fromkeys(references(resource, (("participant", "actor"),))))
    return tuple(text.removeprefix("Patient/") for text in found if text.startswith("Patient/"))
