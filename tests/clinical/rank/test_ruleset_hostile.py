"""A thousand rule sets that nobody should write: none hides the floor, none breaks a page, none is slow to refuse.

They are made by a fixed seed. Some are plain nonsense, some are valid and mean harm: nothing listed, everything background,
conditions that never hold, words that look like patterns, items of their own that claim the codes of others.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinical import rank
from clinical.rank import ruleset, ruleset_checks, ruleset_text, ruleset_words
from clinical.rank.library import Library
from clinical.rank.ruleset import RuleSet
from clinical.rank.ruleset_file import RuleSetInvalid, table_of
from clinical.records import Visit
from clinical.summary import Site, Viewer, summarise
from tests.clinical.rank.charts import NOW, chart, encounter, patient
from tests.clinical.rank.test_floor import EVERYTHING, LAST

BASE = rank.load()
FOLDER = Path(rank.__file__).parent / "packs"
TABLES = {path.stem: table_of(path.read_text()) for path in sorted(FOLDER.glob("*.toml"))}
NAMES = sorted(BASE.items)
CHART = chart([patient(45), encounter(None, "AMB"), *EVERYTHING])
COUNT, PARTS = 1_000, 5
TOGETHER = 5  # valid sets of different contexts in one library
PATTERNS = (
    "(a+)+$", "(.*)*" * 12, ".*" * 30, "(?:a|a)*b", "[[:alpha:]]*x" * 5, "\\d+\\d+\\d+$", "^(([a-z])+.)+[A-Z]([a-z])+$",
    "a" * 80, "{{ 7*7 }}", "{% include 'x' %}", "${jndi:ldap://x}", "__import__('os')", "'; drop table x; --", "<script>alert(1)</script>",
    "\u202eabc", "ﬀ ligature", "İstanbul", "potassium\u0000", "e\u0301" * 20,
)  # fmt: skip
CONDITIONS = (
    "age < 0", "age >= 0", "not age >= 0", "pregnant and not pregnant", "sex is male and sex is female", "has(E11)",
    "latest(lab.potassium) < 1e400", "latest(lab.potassium) > nan mg", "last(lab.hba1c) > 1e999999 years",
    "started(warfarin) < 0 days", "setting is ed", "recorded(lab.nothing)", "on(warfarin, insulin glargine)",
    "(" * 10 + "age > 1" + ")" * 10, "(" * 200 + "age > 1" + ")" * 200, "not " * 100 + "pregnant", "age > 1 " + "or age > 1 " * 60,
    "age >", "on()", "latest(lab.potassium) < 5 blobs", "age = 45", "age_months > 99999999999999999999",
)  # fmt: skip


def hostile(seed: int) -> tuple[str, str]:
    """(context, text) of one rule set."""
    rng = random.Random(seed)
    context = rng.choice(sorted(TABLES))
    table: dict[str, Any] = {**TABLES[context], "version": rng.randint(1, 999_999)}
    for change in rng.sample((_lists, _terms, _cue, _own, _whom), rng.randint(1, 4)):
        change(table, rng)
    text = ruleset_text.write(table)
    return context, _damaged(text, rng) if rng.random() < 0.25 else text


def _lists(table: dict[str, Any], rng: random.Random) -> None:
    some = rng.sample(NAMES, rng.choice((0, 1, 40, 200)))
    importance = rng.choice(("must", "should", "background"))
    table["items"] = rng.choice(({}, {importance: some}, {"background": NAMES[:300]}))
    listed = {name for names in table["items"].values() for name in names}
    table["change"] = {name: one for name, one in table.get("change", {}).items() if name in listed}


def _terms(table: dict[str, Any], rng: random.Random) -> None:
    listed = [name for names in table["items"].values() for name in names]
    changes = dict(table.get("change", {}))
    for name in rng.sample(listed, min(len(listed), 12)):
        changes[name] = {
            "applies_if": rng.choice(CONDITIONS),
            "lookback_months": rng.choice((1, 1200, "any", 0, -1)),
            "interval_months": rng.choice((0.001, 1200, "none", 1e308)),
            "intervals": [{"when": rng.choice(CONDITIONS), "months": rng.choice((1, 0.5, "none"))}],
            "change": {"percent": rng.choice((0.0001, 9999)), "way": "any"},
        }
        if rng.random() < 0.7:  # most of them valid, so that they get as far as a page
            changes[name] = {"applies_if": "age < 0", "lookback_months": 1}
    table["change"] = changes


def _cue(table: dict[str, Any], rng: random.Random) -> None:
    table["recognise"] = {
        "settings": ["clinic", "ward", "ed"],
        "words": rng.sample(PATTERNS, 5),
        "whole": ["visit"],
        "abbreviations": [one for one in rng.sample(PATTERNS, 4) if one[:1].isalnum()],
        "default_for": ["clinic", "ward", "ed"],
    }
    if rng.random() < 0.85:
        table["recognise"]["words"] = [
            one for one in table["recognise"]["words"] if one[:1].isalnum()
        ]


def _own(table: dict[str, Any], rng: random.Random) -> None:
    codes = [
        code for item in BASE.items.values() for system, code in item.codes if "loinc" in system
    ]
    name = f"{table['id']}-mine"
    table["own"] = {
        rng.choice(("lab", "vital", "lab")): {
            name: {
                "label": "Mine",
                "loinc": rng.sample(codes, 20),
                "words": rng.sample(PATTERNS, 3),
            }
        }
    }


def _whom(table: dict[str, Any], rng: random.Random) -> None:
    table["applies_if"] = rng.choice(CONDITIONS[:6] if rng.random() < 0.8 else CONDITIONS)


def _damaged(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    return rng.choice(
        (text[:place], text[:place] + rng.choice(PATTERNS) + text[place:], text[:place] + text[place + 7 :],
         text + "[" * 2000, text.replace("=", "==", 1), text.replace('"', "", 1))
    )  # fmt: skip


def read(text: str) -> RuleSet | None:
    """None when it is refused; anything but a refusal with line and reason fails the test."""
    refused: RuleSetInvalid | None = None
    try:
        found = ruleset.read(text, BASE)
    except RuleSetInvalid as error:
        refused = error
    if refused is not None:
        assert refused.line >= 1
        assert refused.reason
        return None
    library = ruleset.with_rule_sets(BASE, [found])
    ruleset_checks.doubts(found.pack, library)
    ruleset_words.difference(BASE.packs[found.pack.id], found.pack, library.items, BASE.items)
    for listed in found.pack.listed[:3]:
        ruleset_words.sentence(found.pack, listed, library.items)
    return found


def libraries(seeds: range) -> Iterator[tuple[Library, list[str]]]:
    """Libraries of several valid hostile sets each, and what was refused counted in `refused`."""
    waiting: dict[str, RuleSet] = {}
    for seed in seeds:
        context, text = hostile(seed)
        found = read(text)
        if found is None:
            continue
        waiting[f"{context}-{len(waiting)}" if context in waiting else context] = found
        if (
            len({one.pack.id for one in waiting.values()}) >= TOGETHER
            or len(waiting) >= 3 * TOGETHER
        ):
            yield (
                ruleset.with_rule_sets(BASE, waiting.values()),
                [one.pack.id for one in waiting.values()],
            )
            waiting = {}
    if waiting:
        yield (
            ruleset.with_rule_sets(BASE, waiting.values()),
            [one.pack.id for one in waiting.values()],
        )


def floor_of(library: Library, contexts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Key -> its floor ids; checks that nothing without the floor stands above it, and that a page can be made."""
    visit = Visit(contexts=contexts, titles=contexts, basis="", sure=True)
    found = rank.rank(
        CHART, visit=visit, library=library, last_seen=LAST, role="physician", as_of=NOW
    )
    marked = [one for one in found.ranked if one.floor]
    plain = [one for one in found.ranked if not one.floor]
    assert min(one.score for one in marked) > max((one.score for one in plain), default=0.0)
    page = summarise(
        CHART,
        found,
        states=CHART.states,
        site=Site(zone="UTC", names={}),
        viewer=Viewer(name="x"),
        as_of=NOW,
    )
    assert page.blocks
    return {one.key: one.floor for one in marked}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_rule_set_hides_the_floor_or_breaks_a_page(part: int) -> None:
    wanted = floor_of(BASE, ("general",))
    assert len(wanted) > 10
    tried = valid = 0
    for library, contexts in libraries(range(part, COUNT, PARTS)):
        valid += len(contexts)
        rank.recognise(
            CHART, encounter_id="", as_of=NOW, library=library, chosen=None, role="physician"
        )
        for context in dict.fromkeys(contexts):
            assert floor_of(library, (context,)) == wanted, context
            tried += 1
    assert valid > 350 / PARTS
    assert tried > 150 / PARTS


def test_the_stop_switch_keeps_the_floor_above_everything() -> None:
    stopped = ruleset.stopped(BASE)
    assert floor_of(stopped, ("general",)) == floor_of(BASE, ("general",))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_only_a_word(pattern: str) -> None:
    """A text of fifty thousand characters that would ruin a pattern matches only where it stands literally."""
    from clinical.rank.texts import Finder, split

    if not split(pattern).plain:
        return
    finder = Finder([("mine", pattern)])
    assert not finder.owners(split("aaaaaaaaaaaaaaaaaaaaaaaa! " * 2_000))
    assert finder.owners(split(f"before {pattern} after")) == {"mine"}
