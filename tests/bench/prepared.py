"""The charts that a stand-in EHR serves, as bytes made beforehand: a search joins them and does nothing else.

One chart serves any number of patients: its bytes hold a placeholder where the patient's id belongs, so that every
cold opening is of a patient whom nobody has read before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from tests.bench.records import Shape, chart

PLACEHOLDER = "--patient--"
Query = list[tuple[str, str]]


@dataclass(frozen=True)
class Item:
    """One resource. body: its Bundle entry. date: "2026-11-12T08:00:00" or "", for date searches."""

    id: str
    body: bytes
    resource: bytes
    date: str = ""
    categories: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()


@dataclass
class Chart:
    """One patient's resources by type, the newest first."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], list[Item]] = field(default_factory=dict, repr=False)

    def found(self, kind: str, query: Query) -> list[Item]:
        """The matches of a search, in its order."""
        asked = dict(query)
        low = max((v[2:21] for n, v in query if v.startswith("ge")), default="")[:19]
        high = min((v[2:21] for n, v in query if v.startswith("lt")), default="9")[:19]
        chosen = self._chosen(kind, asked.get("category", ""), asked.get("code", ""))
        if not low and high == "9":
            return chosen
        return [item for item in chosen if not item.date or low <= item.date < high]

    def _chosen(self, kind: str, category: str, code: str) -> list[Item]:
        """Worked out once: a stand-in must not take the processors away from what is measured."""
        known = self._known.get((kind, category, code))
        if known is None:
            categories = set(category.split(",")) if category else set()
            codes = {each.rpartition("|")[2] for each in code.split(",")} if code else set()
            known = self._known[kind, category, code] = [
                item
                for item in self.items.get(kind, [])
                if (not categories or item.categories & categories)
                and (not codes or item.codes & codes)
            ]
        return known

    def one(self, kind: str, identifier: str) -> Item | None:
        return next((i for i in self.items.get(kind, []) if i.id == identifier), None)


def prepare(resources: Iterable[dict[str, Any]], base: str) -> Chart:
    """base: FHIR base, for the fullUrl of the entries."""
    made = Chart()
    for resource in resources:
        kind = resource["resourceType"]
        made.items.setdefault(kind, []).append(_item(resource, kind, base))
    for items in made.items.values():
        items.sort(key=lambda item: item.date, reverse=True)
    return made


def prepared_shape(
    shape: Shape, site: str, today: date, base: str, *, second: bool = False
) -> Chart:
    """The chart of this shape for any patient: its key is the placeholder."""
    held = shape.elsewhere if second and shape.elsewhere is not None else shape.observations
    named = Shape(PLACEHOLDER, held, shape.years, shape.seed)
    return prepare(chart(named, site, today), base)


def for_patient(body: bytes, patient: str) -> bytes:
    return body.replace(PLACEHOLDER.encode(), patient.encode())


def searchset(items: Sequence[Item], *, total: int | None = None, links: bytes = b"") -> bytes:
    """A page with these items. total: of the whole search, when the page is not all of it."""
    count = len(items) if total is None else total
    return b'{"resourceType":"Bundle","type":"searchset","total":%d,"link":[%s],"entry":[%s]}' % (
        count,
        links,
        b",".join(item.body for item in items),
    )


def _item(resource: dict[str, Any], kind: str, base: str) -> Item:
    body = orjson.dumps(resource)
    url = f"{base}/{kind}/{resource['id']}".encode()
    entry = b'{"fullUrl":"%s","resource":%s,"search":{"mode":"match"}}' % (url, body)
    when = (
        resource.get("effectiveDateTime")
        or resource.get("authoredOn")
        or resource.get("date")
        or ""
    )
    concepts = resource.get("category") or ()
    return Item(
        id=resource["id"],
        body=entry,
        resource=body,
        date=str(when)[:19],
        categories=_codes(concepts),
        codes=_codes([resource.get("code") or {}]),
    )


def _codes(concepts: Any) -> frozenset[str]:
    held = concepts if isinstance(concepts, list) else [concepts]
    return frozenset(
        str(coding.get("code"))
        for concept in held
        if isinstance(concept, dict)
        for coding in concept.get("coding") or ()
    )
