"""One rule of a draft as its slots: read from the table of a rule set, and put back into it. No clock, no database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinical import codes
from clinical.rank.file_parts import SYSTEMS
from clinical.rank.library import Item, Library

LISTS = ("must", "should", "background")
OFF = "off"
_NAMES = {uri: name for name, uri in SYSTEMS.items()}
# System -> (key of the file, kinds that such codes can be); where there are several, the first is meant unless said.
_OWN: dict[str, tuple[str, tuple[str, ...]]] = {
    codes.LOINC: ("loinc", ("lab", "vital", "quest", "proc")), codes.SNOMED: ("snomed", ("cond", "proc")),
    codes.CVX: ("cvx", ("imm",)), codes.ICD10CM: ("icd10cm", ("cond",)), codes.RXNORM: ("rxnorm", ("med",)),
}  # fmt: skip
_OWN_WORDS = "LOINC, SNOMED CT, CVX, ICD-10-CM or RxNorm"
_SAY_WHICH = frozenset({codes.SNOMED})  # a procedure taken for a problem would be found nowhere
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,2})?")


class BadSlot(Exception):
    """A slot that cannot be read. slot: its name. The message says what is expected, in words."""

    def __init__(self, slot: str, words: str) -> None:
        super().__init__(words)
        self.slot = slot


@dataclass(frozen=True)
class Rule:
    """The slots as text, "" = as the library says. place: 1 is the first of its list, "" = the last. intervals: (when, months)."""

    item: str
    importance: str = "must"
    place: str = ""
    lookback: str = ""
    interval: str = ""
    intervals: tuple[tuple[str, str], ...] = ()
    applies: str = ""
    why: str = ""
    source: str = ""


def rule_of(table: Mapping[str, Any], item: str) -> Rule | None:
    """The rule about an item; None when the set does not list it."""
    for importance in LISTS:
        names = table["items"].get(importance, [])
        if item in names:
            terms = table.get("change", {}).get(item, {})
            return Rule(
                item=item,
                importance=importance,
                place=str(names.index(item) + 1),
                lookback=_text(terms.get("lookback_months")),
                interval=_text(terms.get("interval_months")),
                intervals=tuple(
                    (one["when"], _text(one["months"])) for one in terms.get("intervals", ())
                ),
                applies=terms.get("applies_if", ""),
                why=terms.get("why", ""),
                source=" ".join(terms.get("source", ())),
            )
    return None


def with_rule(table: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    """The table with this rule in place of the one about the same item. Raises BadSlot."""
    lists = {
        name: [one for one in table["items"].get(name, []) if one != rule.item] for name in LISTS
    }
    changes = dict(table.get("change", {}))
    if rule.importance == OFF:
        changes.pop(rule.item, None)
        return {**table, "items": _filled(lists), "change": changes}
    if rule.importance not in LISTS:
        raise BadSlot("importance", "must-see, should-see or background")
    terms = _terms(rule, changes.get(rule.item, {}))
    if terms:
        changes[rule.item] = terms
    else:
        changes.pop(rule.item, None)
    wanted = lists[rule.importance]
    wanted.insert(_place(rule.place, len(wanted)), rule.item)
    return {**table, "items": _filled(lists), "change": changes}


def with_own_item(
    table: Mapping[str, Any],
    library: Library,
    *,
    system: str,
    code: str,
    name: str,
    today: str,
    origin: str,
    kind: str = "",
) -> tuple[dict[str, Any], str]:
    """As `with_own_codes`, for one code."""
    found, label = [(system, code, name)], name or code
    return with_own_codes(table, library, found, label=label, today=today, origin=origin, kind=kind)


def with_own_codes(
    table: Mapping[str, Any],
    library: Library,
    found: Sequence[tuple[str, str, str]],
    *,
    label: str,
    today: str,
    origin: str,
    kind: str = "",
) -> tuple[dict[str, Any], str]:
    """The table with an item of its own for codes of one system, and the id of that item. Raises BadSlot.

    found: (system URI, code, name). origin: where they come from, in words. kind: of the item, "" = as the system says.
    Kept out of every other context by its name.
    """
    field, kind = _field_and_kind(found, kind)
    short = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30] or "codes"
    tail = re.sub(r"[^A-Za-z0-9]", "_", found[0][1])
    item = f"{kind}.{table['id']}-{short}_{tail}"[:61]
    own = {group: dict(items) for group, items in table.get("own", {}).items()}
    own.setdefault(kind, {})[item.partition(".")[2]] = {
        "label": label[:48],
        field: [code for _, code, _ in found],
    }
    rows = list(table.get("codes", ()))
    known = {(SYSTEMS[one["system"]], one["code"]) for one in rows} | set(library.codes)
    rows += [
        {
            "system": _NAMES[uri],
            "code": code,
            "name": (name or code)[:300],
            "source": origin[:300],
            "date": today,
        }
        for uri, code, name in found
        if (uri, code) not in known
    ]
    return {**table, "own": own, "codes": rows}, item


def _field_and_kind(found: Sequence[tuple[str, str, str]], kind: str) -> tuple[str, str]:
    system = found[0][0]
    field, kinds = _OWN.get(system, ("", ()))
    if not kinds or not all(code for _, code, _ in found):
        raise BadSlot("item", f"An item of your own is made of {_OWN_WORDS} codes.")
    if not kind and system in _SAY_WHICH:
        raise BadSlot("kind", "SNOMED CT codes may be problems or procedures: say which they are.")
    if kind and kind not in kinds:
        raise BadSlot("kind", f"{_NAMES[system]} codes are not of that kind.")
    return field, kind or kinds[0]


def codes_of(item: Item) -> tuple[tuple[str, str], ...]:
    """(system URI, code) by which an item is found; ICD-10-CM prefixes among them."""
    return (*item.codes, *((codes.ICD10CM, prefix) for prefix in item.icd))


def _terms(rule: Rule, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the pack changes about the item; what the form does not know (caution, change) stays."""
    kept = {key: before[key] for key in ("caution", "change") if key in before}
    found: dict[str, Any] = dict(kept)
    if rule.applies.strip():
        found["applies_if"] = " ".join(rule.applies.split())
    if rule.lookback.strip():
        found["lookback_months"] = _months("lookback", rule.lookback, "any", whole=True)
    if rule.interval.strip():
        found["interval_months"] = _months("interval", rule.interval, "none")
    several = [(when, months) for when, months in rule.intervals if when.strip() or months.strip()]
    if several:
        found["intervals"] = [
            {"when": _condition(when), "months": _months("intervals", months, "none")}
            for when, months in several
        ]
    if rule.why.strip():
        found["why"] = " ".join(rule.why.split())
    if rule.source.split():
        found["source"] = rule.source.split()
    return found


def _condition(when: str) -> str:
    if not when.strip():
        raise BadSlot("intervals", "An interval needs its condition, or no number.")
    return " ".join(when.split())


def _months(slot: str, written: str, word: str, *, whole: bool = False) -> Any:
    text = written.strip().lower().removesuffix("months").removesuffix("month").strip()
    if text == word:
        return word
    if not _NUMBER.fullmatch(text) or float(text) == 0 or (whole and "." in text):
        kind = "a whole number" if whole else "a number"
        raise BadSlot(slot, f"{kind} of months, or the word {word}")
    return int(text) if text.isdigit() else float(text)


def _place(written: str, length: int) -> int:
    if not written.strip():
        return length
    if not written.strip().isdigit():
        raise BadSlot("place", "the number of its place in the list")
    return min(max(int(written), 1) - 1, length)


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _filled(lists: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: names for name, names in lists.items() if names}
