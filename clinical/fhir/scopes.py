"""SMART scopes: reading what was granted, and writing what is asked for. Versions 1 and 2 of the syntax."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

_SYNTAX = re.compile(
    r"(?P<level>patient|user|system)/(?P<type>\*|[A-Za-z]+)\.(?P<rights>[a-z*]+)(?:\?(?P<query>.*))?"
)
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_V2_ORDER = "cruds"


@dataclass(frozen=True)
class Scope:
    """One clinical scope. rights: letters out of "cruds". categories: it covers only these; () = no such limit.

    narrowed: limited by something else than category, so that nothing can be concluded from it.
    """

    level: str
    type: str
    rights: str
    categories: tuple[str, ...] = ()
    narrowed: bool = False


def parse(granted: Iterable[str]) -> tuple[Scope, ...]:
    """The clinical scopes among these; others (openid, launch …) and malformed ones are left out.

    >>> parse(["openid", "patient/Observation.rs?category=http://x|laboratory"])[0].categories
    ('laboratory',)
    >>> parse(["patient/Observation.sr"])
    ()
    """
    return tuple(scope for text in granted if (scope := _parse_one(text)) is not None)


def _parse_one(text: str) -> Scope | None:
    match = _SYNTAX.fullmatch(text)
    if match is None:
        return None
    rights = _V1.get(match["rights"], match["rights"])
    if not re.fullmatch("c?r?u?d?s?", rights) or not rights:
        return None
    query = parse_qsl(match["query"] or "")
    categories = tuple(value.rpartition("|")[2] for name, value in query if name == "category")
    narrowed = any(name != "category" for name, _ in query)
    return Scope(match["level"], match["type"], rights, categories, narrowed)


def allows(
    granted: Iterable[Scope], resource: str, right: str, category: Collection[str] = ()
) -> bool:
    """Whether a request may be sent. right: "r" or "s". category: the codes that the search asks for, if any.

    A scope with a condition other than category is taken to cover the request: the server will say.
    """
    for scope in granted:
        if scope.type not in ("*", resource) or right not in scope.rights:
            continue
        if not scope.categories or (category and set(category) <= set(scope.categories)):
            return True
        if not category:
            return True  # the server answers with the part that is granted
    return False


def wanted(
    uses: Iterable[tuple[str, str]], *, level: str, capabilities: Collection[str] | None
) -> tuple[str, ...]:
    """Scopes for these uses of resources: (type, "r" or "s"), at a level (patient, user, system).

    capabilities: of the server's SMART configuration. Version 1 syntax only when it offers nothing newer.
    """
    rights: dict[str, set[str]] = {}
    for resource, right in uses:
        # Registrations know the pair: what may be searched may be read.
        rights.setdefault(resource, set()).update("rs" if right == "s" else right)
    old = capabilities is not None and "permission-v2" not in capabilities
    return tuple(
        f"{level}/{resource}.read"
        if old
        else f"{level}/{resource}." + "".join(c for c in _V2_ORDER if c in rights[resource])
        for resource in sorted(rights)
    )
