"""A FHIR ValueSet as a group of codes: one item of a rule set's own. The file is read, never fetched from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from clinical.rank.library import Library
from summary_app.rules.services.editing import BadSlot, with_own_codes

_LARGEST = 2_000_000
_MOST = 500
Coded = tuple[str, str, str]  # system URI, code, display


def take_in(
    table: Mapping[str, Any], library: Library, sent: bytes, *, today: str, kind: str = ""
) -> tuple[dict[str, Any], str]:
    """The table with an item made of the value set, and its id. Raises BadSlot with what cannot be used.

    kind: what the codes are ("cond", "proc"), "" = as their system says.

    Codes come from `expansion.contains`, else from `compose.include.concept`. A value set that is defined by filters or by
    other value sets, and was not expanded, is refused: part of it would be missing in silence.
    """
    body = _json(sent)
    if body.get("resourceType") != "ValueSet":
        raise BadSlot("file", "this is no FHIR ValueSet in JSON")
    found = list(dict.fromkeys(_expanded(body) or _composed(body)))
    if not found:
        raise BadSlot("file", "there is no code in it")
    if len(found) > _MOST:
        raise BadSlot("file", f"it has {len(found)} codes; at most {_MOST} make one item")
    systems = {system for system, _, _ in found}
    if len(systems) != 1:
        raise BadSlot("file", f"its codes are of {len(systems)} systems; one item has codes of one")
    title = str(body.get("title") or body.get("name") or "Value set")
    origin = (
        f"ValueSet {body.get('url', 'without url')} version {body.get('version', 'not stated')}"
    )
    return with_own_codes(table, library, found, label=title, today=today, origin=origin, kind=kind)


def _json(sent: bytes) -> dict[str, Any]:
    if len(sent) > _LARGEST:
        raise BadSlot("file", "it is larger than 2 MB")
    try:
        body = msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadSlot("file", f"this is no JSON: {error}") from None
    return body if isinstance(body, dict) else {}


def _expanded(body: Mapping[str, Any]) -> list[Coded]:
    expansion = _dict(body.get("expansion"))
    total, shown = expansion.get("total"), list(_contains(_list(expansion.get("contains")), 0))
    if isinstance(total, int) and shown and total > len(shown):
        raise BadSlot("file", f"its expansion shows {len(shown)} of {total} codes")
    return shown


def _contains(entries: list[Any], depth: int) -> Iterator[Coded]:
    for one in map(_dict, entries):
        if not one.get("abstract"):
            yield from _coded(one.get("system"), one)
        if depth < 8:
            yield from _contains(_list(one.get("contains")), depth + 1)


def _composed(body: Mapping[str, Any]) -> list[Coded]:
    compose = _dict(body.get("compose"))
    if compose.get("exclude"):
        raise BadSlot("file", "it excludes codes: expand it first")
    found: list[Coded] = []
    for one in map(_dict, _list(compose.get("include"))):
        if one.get("filter") or one.get("valueSet") or not one.get("concept"):
            raise BadSlot(
                "file",
                "it is defined by a filter, a whole system or another value set: expand it first",
            )
        for concept in map(_dict, _list(one.get("concept"))):
            found += _coded(one.get("system"), concept)
    return found


def _coded(system: object, one: Mapping[str, Any]) -> Iterator[Coded]:
    code, display = one.get("code"), one.get("display", "")
    if isinstance(system, str) and isinstance(code, str) and code:
        yield system, code[:40], str(display)[:300]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
