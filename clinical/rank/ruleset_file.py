"""The shape of a rule set's file: which keys, which types, how long. Checked before anything of it is used.

A file comes from a person, perhaps from elsewhere: nothing in it is evaluated, no word of it becomes a pattern, and what
is too large or too deep is refused before it costs time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from clinical.errors import PackInvalid

MOST_CHARACTERS = 200_000
MOST_ITEMS = 400  # of one list
_DEEPEST = 16  # brackets in a condition
_MOST_DOTS = 6  # in the name of a key

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Id = Annotated[str, Meta(pattern=r"^[a-z]+\.[A-Za-z0-9_-]{1,60}$")]
Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=1000)]
Word = Annotated[str, Meta(min_length=2, max_length=80)]
Words = Annotated[list[Word], Meta(max_length=300)]
Codes = Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=500)]
Condition = Annotated[str, Meta(max_length=600)]
Months = Annotated[float, Meta(gt=0, le=1200)]
Setting = Literal["clinic", "ward", "ed"]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """Base of what stands in a file. An unknown key is a fault: a misspelt one would be a rule that never holds."""


class Recognise(_File):
    settings: list[Setting] = []
    specialties: Words = []
    icd10cm: Codes = []
    snomed: Codes = []
    words: Words = []
    abbreviations: Words = []
    whole: Words = []
    not_words: Words = []
    default_for: list[Setting] = []
    problems: Codes = []
    narrower_than: Words = []


class Lists(_File):
    must: Annotated[list[Id], Meta(max_length=MOST_ITEMS)] = []
    should: Annotated[list[Id], Meta(max_length=MOST_ITEMS)] = []
    background: Annotated[list[Id], Meta(max_length=MOST_ITEMS)] = []


class Interval(_File):
    when: Condition
    months: Months | Literal["none"]


class Step(_File):
    by: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    percent: Annotated[float, Meta(gt=0, le=1e4)] | None = None
    unit: Line = ""
    way: Literal["rise", "fall", "any"] = "any"
    within_days: Annotated[int, Meta(gt=0, le=36_500)] | None = None


class Change(_File):
    applies_if: Condition | None = None
    lookback_months: Annotated[int, Meta(gt=0, le=1200)] | Literal["any"] | None = None
    interval_months: Months | Literal["none"] | None = None
    intervals: Annotated[list[Interval], Meta(max_length=20)] | None = None
    change: Step | None = None
    caution: Text | None = None
    why: Text | None = None
    source: Annotated[list[Line], Meta(max_length=20)] | None = None


class Own(Change):
    """An item of the site. Its name starts with the id of the rule set, so that it is never another's."""

    label: Annotated[str, Meta(min_length=1, max_length=48)] = ""
    loinc: Codes = []
    snomed: Codes = []
    icd10cm: Codes = []
    cvx: Codes = []
    rxnorm: Codes = []
    ingredients: Words = []
    not_ingredients: Words = []
    words: Words = []
    not_words: Words = []
    unit: Line = ""
    sections: list[Line] = []
    alerts: bool = True


class CodeRow(_File):
    system: Literal["loinc", "snomed", "rxnorm", "icd-10-cm", "cvx"]
    code: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Annotated[str, Meta(min_length=1, max_length=300)]
    source: Annotated[str, Meta(min_length=1, max_length=300)]
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Cited(_File):
    citation: Annotated[str, Meta(min_length=1, max_length=500)]
    status: Line
    year: Annotated[int, Meta(ge=1900, le=2100)] | None = None


class RuleSetFile(_File):
    id: Key
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    version: Annotated[int, Meta(ge=1, le=1_000_000)]
    reviewed: Line
    why: Text
    items: Lists
    sources: Annotated[dict[str, Cited], Meta(min_length=1, max_length=60)]
    applies_if: Condition = ""
    recognise: Recognise = msgspec.field(default_factory=Recognise)
    change: Annotated[dict[str, Change], Meta(max_length=600)] = {}
    own: Annotated[dict[str, dict[str, Own]], Meta(max_length=10)] = {}
    codes: Annotated[list[CodeRow], Meta(max_length=2000)] = []


class RuleSetInvalid(PackInvalid):
    """A rule set that cannot be used. line: of its file, from 1. reason: in words."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason, self.line = reason, line


def table_of(text: str) -> dict[str, Any]:
    """The table of a file whose shape is right, numbers as Decimal. Raises RuleSetInvalid."""
    _measure(text)
    table = _toml(text)
    for path, kind in _parts(table):
        try:
            msgspec.convert(_at(table, path), kind)
        except (msgspec.ValidationError, TypeError) as error:
            raise RuleSetInvalid(_words(path, str(error)), _line(text, path, str(error))) from None
    for path, condition in _conditions(table):
        _not_deep(condition, text, path)
    return tomllib.loads(text, parse_float=Decimal)


def line_of(text: str, reason: str) -> int:
    """The line that a reason is about: the first one with the longest name that the reason quotes."""
    names = re.findall(
        r"'([^']{1,80})'|\b([a-z]+\.[A-Za-z0-9_-]+|[A-Z0-9][A-Z0-9.-]{2,})\b", reason
    )
    lines = list(enumerate(text.splitlines(), start=1))
    for name in sorted({one or two for one, two in names}, key=len, reverse=True):
        found = [number for number, line in lines if name in line]
        if reason.startswith(f"{name}: "):  # its own table, where it has one
            found = [n for n, line in lines if name in line and line.startswith("[change")] or found
        if found:
            return found[0]
    return 1


# ---- reading ----------------------------------------------------------------------------------------------------


def _measure(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise RuleSetInvalid(f"the file is longer than {MOST_CHARACTERS} characters")
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > 8_000:
            raise RuleSetInvalid("the line is longer than 8,000 characters", number)
        if _nested(line) > 4 and not line.lstrip().startswith("#"):
            raise RuleSetInvalid("lists or tables are nested too deeply", number)
        if line.partition("=")[0].count(".") > _MOST_DOTS and "=" in line and '"' not in line:
            raise RuleSetInvalid("the name of a key has too many parts", number)


def _nested(line: str) -> int:
    """The deepest run of opened brackets outside of quoted text."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', "", line)
    depth = deepest = 0
    for sign in bare:
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    return deepest


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        words = re.sub(r" \(at .*\)$", "", str(error))
        last = len(text.splitlines()) or 1
        raise RuleSetInvalid(f"not TOML: {words}", int(found[1]) if found else last) from None
    except (RecursionError, ValueError) as error:
        raise RuleSetInvalid(f"not TOML: {type(error).__name__}") from None


def _parts(table: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What is checked, the smallest first, so that a fault is named with its own place."""
    for key, kind in (("change", Change), ("sources", Cited)):
        if isinstance(table.get(key), dict):
            yield from (((key, name), kind) for name in table[key])
    own = table.get("own")
    for group, names in own.items() if isinstance(own, dict) else ():
        if isinstance(names, dict):
            yield from ((("own", group, name), Own) for name in names)
    yield from (
        ((key,), kind) for key, kind in (("recognise", Recognise), ("items", Lists)) if key in table
    )
    yield (), RuleSetFile


def _at(table: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        table = table[key]
    return table


def _conditions(table: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    yield (), table.get("applies_if", "")
    places: list[tuple[tuple[str, ...], Any]] = [
        (("change", name), one) for name, one in table.get("change", {}).items()
    ]
    places += [
        (("own", group, name), one)
        for group, names in table.get("own", {}).items()
        for name, one in names.items()
    ]
    for path, one in places:
        yield path, one.get("applies_if", "")
        yield from ((path, each["when"]) for each in one.get("intervals", ()))


def _not_deep(condition: str, text: str, path: tuple[str, ...]) -> None:
    depth = deepest = 0
    for sign in condition:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST or condition.split().count("not") > _DEEPEST:
        number = next((n for n, line in enumerate(text.splitlines(), 1) if condition in line), 0)
        raise RuleSetInvalid("a condition is nested too deeply", number or _line(text, path, ""))


def _words(path: tuple[str, ...], error: str) -> str:
    said, _, where = error.partition(" - at `$")
    inner = where.rstrip("`").lstrip(".")
    place = ".".join((*path, inner) if inner else path)
    return f"{place}: {said}" if place else said


def _line(text: str, path: tuple[str, ...], error: str) -> int:
    """Where it stands: the header of its table, then the key in it that the error names."""
    key = re.search(r"`\$\.?([a-z0-9_]+)", error) or re.search(r"field `([^`]+)`", error)
    lines = text.splitlines()
    start = next(
        (
            number
            for number, line in enumerate(lines)
            if path and line.lstrip().startswith("[") and path[-1] in line
        ),
        0,
    )
    wanted = key[1] if key else ""
    for number in range(start, len(lines)):
        bare = lines[number].lstrip(" [").strip('"')
        if wanted and bare.startswith(wanted):
            return number + 1
    return start + 1
