"""Versions as rule sets, and libraries made of them, kept in this process: a text never changes once it is not a draft."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from clinical import rank
from clinical.rank import ruleset
from clinical.rank.library import Library
from clinical.rank.ruleset import RuleSet
from clinical.rank.ruleset_file import RuleSetInvalid
from clinical.rank.ruleset_text import write
from summary_app.rules.models import RuleSetVersion

_LIBRARIES_KEPT = 24
_SETS_KEPT = 200
SHIPPED = 1  # number of what came with the product


_lock = threading.Lock()
_sets: OrderedDict[str, RuleSet] = OrderedDict()
_libraries: OrderedDict[tuple[str, ...], Library] = OrderedDict()
_with: OrderedDict[tuple[str, str], tuple[Library, Library]] = OrderedDict()


def read(text: str) -> RuleSet:
    """The rule set of a text. Raises RuleSetInvalid."""
    with _lock:
        known = _sets.get(text)
    if known is not None:
        return known
    found = ruleset.read(text, rank.load())
    with _lock:
        _sets[text] = found
        while len(_sets) > _SETS_KEPT:
            _sets.popitem(last=False)
    return found


def library_of(texts: Iterable[str]) -> Library:
    """The library with these rule sets in it; the shipped one without any. Raises RuleSetInvalid."""
    key = tuple(sorted(texts))
    if not key:
        return rank.load()
    with _lock:
        known = _libraries.get(key)
        if known is not None:
            _libraries.move_to_end(key)
            return known
    made = ruleset.with_rule_sets(rank.load(), [read(text) for text in key])
    with _lock:
        found = _libraries.setdefault(key, made)
        while len(_libraries) > _LIBRARIES_KEPT:
            _libraries.popitem(last=False)
    return found


def with_text(library: Library, text: str) -> Library:
    """Another library with this rule set in it. Raises RuleSetInvalid."""
    return ruleset.with_rule_sets(library, [read(text)])


def library_with(library: Library, text: str) -> Library:
    """As `with_text`, made once for both: a replay asks with every chart. Raises RuleSetInvalid."""
    key = (str(id(library)), text)
    with _lock:
        known = _with.get(key)
        if known is not None and known[0] is library:
            return known[1]
    made = with_text(library, text)
    with _lock:
        _with[key] = (library, made)
        while len(_with) > _LIBRARIES_KEPT:
            _with.popitem(last=False)
    return made


def can_be_read(version: RuleSetVersion) -> str:
    """Why this release cannot use the version; "" when it can."""
    try:
        read(version.text)
    except RuleSetInvalid as error:
        return str(error)
    return ""


def shipped_text(context: str) -> str | None:
    """The file of the shipped pack, in the form in which versions are kept; None when there is none."""
    from pathlib import Path

    if context not in rank.load().packs:
        return None
    path = Path(rank.__file__).parent / "packs" / f"{context}.toml"
    return write(ruleset.read(path.read_text(encoding="utf-8"), rank.load()).table)


def forget() -> None:
    with _lock:
        _sets.clear()
        _libraries.clear()
        _with.clear()
