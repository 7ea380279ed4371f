"""What the pages of the rules show, as plain data: contexts, versions, one version with its rules, doubts and differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinical import rank
from clinical.rank import ruleset_checks, ruleset_words
from clinical.rank.library import Library, Pack
from clinical.rank.ruleset import RuleSet
from clinical.rank.ruleset_file import table_of
from summary_app.access.models import User
from summary_app.rules import queries
from summary_app.rules.models import Rollout, RuleSetVersion
from summary_app.rules.services import allowed, drafts, editing, picker, reading


@dataclass(frozen=True)
class ContextLine:
    """One context on the list. held: what is in force and where, in words. open: versions that are under way."""

    context: str
    title: str
    items: int
    held: tuple[str, ...]
    open: tuple[RuleSetVersion, ...]
    trouble: str = ""


@dataclass(frozen=True)
class RuleLine:
    item: str
    label: str
    importance: str
    place: int
    words: str
    doubts: tuple[str, ...]
    changed: str  # "", "+", "±"
    codes: int


@dataclass(frozen=True)
class Content:
    """A version as it reads. differences: to `against` (a number). doubts: of the set as a whole."""

    pack: Pack
    rules: tuple[RuleLine, ...]
    doubts: tuple[str, ...]
    differences: tuple[ruleset_words.Difference, ...]
    against: str
    library: Library


def contexts(*, now: datetime) -> tuple[ContextLine, ...]:
    """Every context there is, in order of its title."""
    library = rank.load()
    open_now = queries.open_rollouts()
    under_way = queries.unfinished()
    known = {name: pack.title for name, pack in library.packs.items()}
    for row in under_way:
        known.setdefault(row.rule_set.context, row.rule_set.context)
    for one in open_now:
        known.setdefault(one.version.rule_set.context, one.version.rule_set.context)
    lines = []
    for context, title in known.items():
        mine = [one for one in open_now if one.version.rule_set.context == context]
        pack = library.packs.get(context)
        lines.append(
            ContextLine(
                context=context,
                title=title,
                items=len(pack.listed) if pack is not None else 0,
                held=tuple(rollout_words(one, now=now) for one in mine),
                open=tuple(row for row in under_way if row.rule_set.context == context),
                trouble="; ".join(filter(None, (reading.can_be_read(one.version) for one in mine))),
            )
        )
    return tuple(sorted(lines, key=lambda line: line.title.casefold()))


def rollout_words(one: Rollout, *, now: datetime) -> str:
    """ "v14 in Endocrinology, nurses, 50 % of openings, from 02-Dec-2026"."""
    names = [each.name for each in one.departments.all()]
    said = f"v{one.version.number} {'silently beside, ' if one.shadow else ''}in {', '.join(names) or 'all departments'}"
    said += f", {one.roles.replace(' ', ', ')} only" if one.roles else ""
    said += f", {one.settings.replace(' ', ', ')} only" if one.settings else ""
    said += f", {one.percentage} % of openings" if one.percentage < 100 else ""
    if one.starts > now:
        said += f", from {one.starts:%d-%b-%Y %H:%M} UTC"
    return said


def content(version: RuleSetVersion, *, text: str = "") -> Content:
    """Raises RuleSetInvalid. text: another text of this version, as it is being written."""
    found = reading.read(text or version.text)
    old_text = drafts.text_of(version.rule_set.context, version.based_on)
    old = reading.read(old_text) if old_text is not None else None
    library = reading.with_text(rank.load(), text or version.text)
    differences = ruleset_words.difference(
        old.pack if old is not None else None, found.pack, library.items, _items(old)
    )
    changed = {one.item: one.sign for one in differences if one.item}
    doubts = ruleset_checks.doubts(found.pack, library)
    items = library.items
    rules = tuple(
        RuleLine(
            item=one.item,
            label=items[one.item].label,
            importance=one.importance,
            place=one.place + 1,
            words=ruleset_words.sentence(found.pack, one, items),
            doubts=tuple(doubt.words for doubt in doubts if doubt.item == one.item),
            changed=changed.get(one.item, ""),
            codes=len(items[one.item].codes),
        )
        for one in found.pack.listed
    )
    return Content(
        pack=found.pack,
        rules=rules,
        doubts=tuple(doubt.words for doubt in doubts if not doubt.item),
        differences=differences,
        against=f"version {version.based_on}"
        + (", as shipped" if version.based_on == reading.SHIPPED else ""),
        library=library,
    )


def shipped_sentence(context: str, item: str) -> str:
    """The shipped rule about an item in words; "" when there is none."""
    library = rank.load()
    pack = library.packs.get(context)
    listed = (
        next((one for one in pack.listed if one.item == item), None) if pack is not None else None
    )
    return (
        ruleset_words.sentence(pack, listed, library.items)
        if pack is not None and listed is not None
        else ""
    )


def _items(old: RuleSet | None) -> Mapping[str, Any]:
    base = rank.load().items
    return {**base, **{item.id: item for item in old.own}} if old is not None else base


@dataclass(frozen=True)
class Slots:
    """The rule in focus, as the form shows it. new: the set does not list it yet. old: slot -> what it was before."""

    rule: editing.Rule
    label: str
    new: bool
    usual: Mapping[str, str]
    old: Mapping[str, str]
    codes: tuple[picker.CodeLine, ...]
    nothing_seen: bool
    counted: bool
    sources: tuple[tuple[str, str], ...]


def slots(
    version: RuleSetVersion, item: str, *, now: datetime, rule: editing.Rule | None = None
) -> Slots | None:
    """None when there is no such item. rule: as it is being written."""
    table = table_of(version.text)
    library = reading.with_text(rank.load(), version.text)
    thing = library.items.get(item)
    if thing is None:
        return None
    written = editing.rule_of(table, item)
    old_text = drafts.text_of(version.rule_set.context, version.based_on)
    before = editing.rule_of(table_of(old_text), item) if old_text is not None else None
    shown = rule or written or editing.Rule(item=item)
    return Slots(
        rule=shown,
        label=thing.label,
        new=written is None,
        usual={
            "lookback": _usual(thing.terms.lookback, "any"),
            "interval": _usual(thing.terms.interval, "none"),
        },
        old=_old(before, shown),
        codes=picker.code_lines(thing, library, now=now),
        counted=queries.counting_began() is not None,
        nothing_seen=picker.nothing_seen(thing, now=now),
        sources=tuple((key, one["citation"]) for key, one in table["sources"].items()),
    )


def _usual(months: float | None, nothing: str) -> str:
    return nothing if months is None else f"{months:g}"


def _old(before: editing.Rule | None, shown: editing.Rule) -> dict[str, str]:
    if before is None:
        return {}
    names = ("importance", "lookback", "interval", "applies")
    return {
        name: getattr(before, name) or "usual"
        for name in names
        if getattr(before, name) != getattr(shown, name)
    }


def may(user: User, version: RuleSetVersion | None, *, now: datetime) -> dict[str, str]:
    """Action -> why not; "" = this person may."""
    return {action: allowed.why_not(action, user, version, now=now) for action in allowed.ACTIONS}
