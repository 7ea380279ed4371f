"""Cultures as clinicians read them: specimen, what grew, susceptibilities with the resistant ones first.

"No growth" is a result, in the laboratory's words. No result, pending and preliminary are said as what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from clinical.records import Component, Frozen, Item, Observation, Report, Value
from clinical.summary import fmt, names, values
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.rows import reasons
from clinical.summary.view_model import Level, ListRow, Part

_RATINGS = ("R", "NS", "I", "SDD", "S")  # in the order in which they are printed
# A code that asks what grew, and does not say it.
_ASKS = re.compile(r"\bcultures?\b|\borganism\b|\bidentified\b|\bisolate\b")
_WAITING = frozenset({"registered", "preliminary"})
_NEWER = {"registered": 0, "preliminary": 1, "final": 2, "amended": 3, "corrected": 3}


class Tested(Frozen, frozen=True):
    """One antibiotic. rating: "R", "S" …, "" when only a number was sent. value: "≤1", "" when none was."""

    drug: str
    rating: str
    value: str = ""


class Isolate(Frozen, frozen=True):
    """Something that grew, or the specimen itself when antibiotics were reported without an organism."""

    name: str
    tested: tuple[Tested, ...] = ()


def observations(item: Item) -> list[Observation]:
    """The entries that stand, the test first: an earlier version under the same identifier is left to the opened row."""
    every = [record for record in item.members if isinstance(record, Observation)]
    newest: dict[tuple[str, ...], Observation] = {}
    for record in every:
        for key in _identities(record):
            known = newest.get(key)
            if known is None or _NEWER.get(known.status, 1) <= _NEWER.get(record.status, 1):
                newest[key] = record
    return [r for r in every if all(newest[key] is r for key in _identities(r))]


def _identities(record: Observation) -> list[tuple[str, ...]]:
    return [
        (record.source.server, i.system, i.value, record.concept.text)
        for i in record.identifiers
        if i.system and i.value
    ]


def isolates(item: Item) -> tuple[Isolate, ...]:
    """What grew, in a stable order, each with its antibiotics."""
    standing = observations(item)
    root = _root(item, standing)
    found: list[Isolate] = []
    rated = {id(r): r for r in standing if r is not root and _is_antibiotic(r, standing)}
    for record in standing:
        if id(record) in rated:
            continue
        tested = [
            *(_tested(part) for part in record.components if _rating(part)),
            *(_tested(child) for child in rated.values() if _belongs(child, record)),
        ]
        name = _organism(record, root)
        if tested or (name and record is not root):
            found.append(Isolate(name=name or "organism not named", tested=_in_order(tested)))
    loose = [_tested(r) for r in rated.values() if not any(_belongs(r, o) for o in standing)]
    if loose:
        found.append(Isolate(name="organism not named", tested=_in_order(loose)))
    return tuple(found)


def _root(item: Item, standing: Sequence[Observation]) -> Observation:
    lead = item.lead
    return lead if isinstance(lead, Observation) and lead in standing else standing[0]


def _belongs(child: Observation, parent: Observation) -> bool:
    if child.source.server != parent.source.server or child is parent:
        return False
    return child.source.reference in parent.members or parent.source.reference in child.derived_from


def _is_antibiotic(record: Observation, standing: Iterable[Observation]) -> bool:
    if "susceptib" in record.concept.text.lower():
        return True
    return bool(_rating(record)) and any(_belongs(record, other) for other in standing)


def _rating(measured: Observation | Component) -> str:
    said = list(measured.interpretation)
    if measured.value.concept is not None:
        said += [coding.code for coding in measured.value.concept.codings]
    return next((rating for rating in _RATINGS if rating in said), "")


def _tested(measured: Observation | Component) -> Tested:
    rating = _rating(measured)
    quantity = measured.value.quantity
    value = fmt.quantity_value(quantity) if quantity is not None else measured.value.string or ""
    if not rating and not value:
        value = values.value_text(measured.value)[0] or values.absent_words(measured.absent)
    drug = measured.concept.text.partition("[")[0].strip()
    if drug.isupper():
        drug = drug.lower()
    return Tested(drug=drug[:1].lower() + drug[1:], rating=rating, value=value)


def _in_order(tested: Iterable[Tested]) -> tuple[Tested, ...]:
    places = {rating: place for place, rating in enumerate(_RATINGS)}
    return tuple(sorted(tested, key=lambda one: (places.get(one.rating, 9), one.drug, one.value)))


def _organism(record: Observation, root: Observation) -> str:
    """What grew: the value where the code only asks; else the code, which names it, with what is said about it."""
    said, name = _said(record.value), record.concept.text.strip()
    if record is root or _ASKS.search(name.lower()):
        return said or ("" if record is root else name)
    return f"{name}: {said.strip()}" if said.strip() else name


def _said(value: Value) -> str:
    text, unit = values.value_text(value)
    return f"{text} {unit}".strip()


# ---- words ----------------------------------------------------------------------------------------------------


def statements(item: Item) -> tuple[str, ...]:
    """What `result` says, one statement each: the value of the test, every organism, every conclusion in quotes."""
    standing = observations(item)
    root = _root(item, standing)
    told = [_said(root.value)] if _said(root.value) else []
    told += [one.name for one in isolates(item)]
    told += [f"“{r.conclusion}”" for r in item.members if isinstance(r, Report) and r.conclusion]
    if told:
        return tuple(dict.fromkeys(text.strip() for text in told))
    return ("pending" if root.status == "registered" else values.absent_words(root.absent),)


def result(item: Item) -> str:
    """The laboratory's words for the test, and every organism: "Escherichia coli", "No growth", "pending" …"""
    return "; ".join(statements(item))


def status(item: Item) -> str:
    """ "preliminary", "corrected" …; "" for final and for what `result` calls pending."""
    root = _root(item, observations(item))
    if root.status == "registered":
        return ""
    return {"final": "", "": "status not stated"}.get(root.status, root.status)


def is_pending(item: Item) -> bool:
    return _root(item, observations(item)).status in _WAITING


def is_new(desk: Desk, item: Item) -> bool:
    """Taken or released since the patient was last seen."""
    return any(desk.is_new(r.issued or r.taken) for r in observations(item))


def susceptibility(isolate: Isolate) -> str:
    """ "R ampicillin ≥32, cefazolin · S gentamicin ≤1"; "" when nothing was tested."""
    parts = []
    for rating in (*_RATINGS, ""):
        drugs = [f"{t.drug} {t.value}".strip() for t in isolate.tested if t.rating == rating]
        if drugs:
            parts.append(f"{rating} {', '.join(drugs)}".strip())
    return " · ".join(parts)


def level(desk: Desk, item: Item) -> Level:
    """Marked when something is resistant, or when the laboratory itself flagged an entry."""
    if any(one.rating in ("R", "NS") for isolate in isolates(item) for one in isolate.tested):
        return "ab"
    levels = [desk.judge.level(record) for record in observations(item)]
    return "crit" if "crit" in levels else "ab" if "ab" in levels else ""


def row(desk: Desk, item: Item) -> ListRow:
    """One culture: date, test and specimen, what grew; below it the antibiotics of each organism."""
    lead = item.lead
    entry = desk.ranked.get(item.key)
    taken = lead.taken if isinstance(lead, Observation) else None
    specimen = lead.specimen if isinstance(lead, Observation) else ""
    label = names.test(item.label) or "culture not named"
    if specimen and specimen.lower() not in label.lower():
        label = f"{label} ({specimen})"
    said = status(item)
    lines = [
        f"{isolate.name}: {text}" for isolate in isolates(item) if (text := susceptibility(isolate))
    ]
    return ListRow(
        key=item.key,
        parts=(
            Part(text=f"{desk.when_short(taken) or 'no date'}  ", muted=True),
            Part(text=f"{label}{f' ({said})' if said else ''}", href=f"#row-{item.key}"),
            Part(text=f": {result(item)}", level=level(desk, item)),
        ),
        glyph="pending" if is_pending(item) else "",
        when=desk.name(lead.source.server),
        lines=tuple(lines),
        level=level(desk, item),
        sources=item_tokens(item),
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
    )


def facts(item: Item) -> list[tuple[str, str]]:
    """For the opened row."""
    found = [("Result", result(item))]
    if status(item):
        found.append(("Status", status(item)))
    for isolate in isolates(item):
        found.append(("Grew", isolate.name))
        text = susceptibility(isolate)
        if text:
            found.append(("Susceptibility", text))
    return found
