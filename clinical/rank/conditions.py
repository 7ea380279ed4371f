"""The conditions of packs and items: one line, parsed into a small tree, never evaluated as code.

A condition is true, false or not known (None). What is not known is never taken for false. The language stands in
docs/packs.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import NoReturn, Protocol

import msgspec

from clinical.records import Quantity


class Facts(Protocol):
    """What a condition may ask of a patient. None always means: not known."""

    setting: str

    def age_years(self) -> int | None: ...
    def age_months(self) -> int | None: ...
    def sex(self) -> str: ...
    def pregnant(self) -> bool | None: ...
    def on(self, names: tuple[str, ...]) -> bool | None: ...
    def since_start(self, names: tuple[str, ...]) -> timedelta | None: ...
    def has(self, names: tuple[str, ...], *, ever: bool) -> bool | None: ...
    def latest(self, item: str, unit: str) -> Quantity | None: ...
    def since_last(self, item: str) -> timedelta | None: ...
    def recorded(self, item: str) -> bool | None: ...


class Ask(msgspec.Struct, frozen=True):
    """One test of a condition. names: what stands in its brackets. compare: "" for a test without a comparison. unit: as written."""

    what: str
    names: tuple[str, ...] = ()
    compare: str = ""
    number: Decimal | None = None
    unit: str = ""


class Not(msgspec.Struct, frozen=True):
    part: Condition


class And(msgspec.Struct, frozen=True):
    parts: tuple[Condition, ...]


class Or(msgspec.Struct, frozen=True):
    parts: tuple[Condition, ...]


Condition = Ask | Not | And | Or

_TOKEN = re.compile(r"\s*([(),]|<=|>=|<|>|=|[^\s(),<>=]+)")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "=": eq,
}  # fmt: skip
_LISTS = frozenset({"on", "has", "ever", "recorded"})
_TIMES = frozenset({"started", "last"})
_ONE_NAME = frozenset({"latest", "last", "recorded"})
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
_WORDS = {"sex": ("female", "male"), "setting": ("clinic", "ward", "ed")}


def parse(text: str) -> Condition:
    """The tree of a condition. Raises ValueError that says what was expected and where.

    >>> parse("age >= 65 and not on(warfarin)")  # doctest: +ELLIPSIS
    And(parts=(Ask(what='age', ...), Not(part=Ask(what='on', names=('warfarin',), ...))))
    """
    reader = _Reader(text)
    found = _either(reader)
    if reader.next is not None:
        reader.fail("the end")
    return found


def names_in(condition: Condition) -> Iterator[str]:
    """Every name that the condition asks for: item ids, ingredients, code prefixes."""
    for ask in asks_in(condition):
        yield from ask.names


def asks_in(condition: Condition) -> Iterator[Ask]:
    """Every single test of it, in order."""
    if isinstance(condition, Ask):
        yield condition
    elif isinstance(condition, Not):
        yield from asks_in(condition.part)
    else:
        for part in condition.parts:
            yield from asks_in(part)


def holds(condition: Condition, facts: Facts) -> bool | None:
    """Whether it holds for this patient; None when that cannot be known from what was retrieved."""
    if isinstance(condition, Ask):
        return _ANSWERS[condition.what](condition, facts)
    if isinstance(condition, Not):
        found = holds(condition.part, facts)
        return None if found is None else not found
    answers = [holds(part, facts) for part in condition.parts]
    deciding = isinstance(condition, Or)
    if deciding in answers:
        return deciding
    return None if None in answers else not deciding


# ---- reading ----------------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [match.group(1) for match in _TOKEN.finditer(text)]
        self._place = 0
        if "".join(self._tokens) != "".join(text.split()):
            raise ValueError(f"cannot be read: {text!r}")

    @property
    def next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def take(self, *wanted: str) -> str:
        found = self.next
        if found is None or (wanted and found not in wanted):
            self.fail(" or ".join(wanted) or "a word")
        self._place += 1
        return found

    def fail(self, wanted: str) -> NoReturn:
        raise ValueError(f"expected {wanted}, found {self.next!r}, word {self._place + 1}")


def _either(reader: _Reader) -> Condition:
    parts = [_both(reader)]
    while reader.next == "or":
        reader.take()
        parts.append(_both(reader))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _both(reader: _Reader) -> Condition:
    parts = [_single(reader)]
    while reader.next == "and":
        reader.take()
        parts.append(_single(reader))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _single(reader: _Reader) -> Condition:
    word = reader.take()
    if word == "not":
        return Not(_single(reader))
    if word == "(":
        found = _either(reader)
        reader.take(")")
        return found
    if word == "pregnant":
        return Ask("pregnant")
    if word in _WORDS:
        reader.take("is")
        return Ask(word, (reader.take(*_WORDS[word]),))
    if word in ("age", "age_months"):
        return _compared(reader, word, ())
    if word in _LISTS:
        return Ask(word, _names(reader, word))
    if word in ("latest", *_TIMES):
        return _compared(reader, word, _names(reader, word))
    raise ValueError(f"no test is called {word!r}")


def _names(reader: _Reader, what: str) -> tuple[str, ...]:
    reader.take("(")
    names: list[str] = []
    words: list[str] = []
    while True:
        word = reader.take()
        if word not in (",", ")"):
            words.append(word)
            continue
        if not words:
            raise ValueError(f"a name is missing in {what}(…)")
        names.append(" ".join(words))
        words = []
        if word == ")":
            break
    if what in _ONE_NAME and len(names) > 1:
        raise ValueError(f"{what}(…) takes one name")
    return tuple(names)


def _compared(reader: _Reader, what: str, names: tuple[str, ...]) -> Ask:
    compare = reader.take(*_COMPARE)
    written = reader.take()
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise ValueError(f"not a number: {written!r}") from None
    unit = ""
    if what in _TIMES:
        unit = reader.take().removesuffix("s")
        if unit not in _DAYS:
            raise ValueError(f"not a length of time: {unit!r}")
    elif what == "latest" and reader.next not in (None, "and", "or", ")"):
        unit = reader.take()
    return Ask(what, names, compare, number, unit)


# ---- asking -----------------------------------------------------------------------------------------------------


def _number(test: Ask, found: int | None) -> bool | None:
    if found is None or test.number is None:
        return None
    return _COMPARE[test.compare](Decimal(found), test.number)


def _sex(test: Ask, facts: Facts) -> bool | None:
    known = facts.sex()
    return known == test.names[0] if known else None


def _latest(test: Ask, facts: Facts) -> bool | None:
    found = facts.latest(test.names[0], test.unit)
    if found is None or found.value is None or test.number is None:
        return None
    return beyond(found, test.compare, test.number)


def beyond(found: Quantity, compare: str, number: Decimal) -> bool | None:
    """Whether a value stands in that relation to a number; None when its own comparator leaves it open."""
    if found.value is None:
        return None
    said = _COMPARE[compare](found.value, number)
    if found.comparator is None:
        return said
    upward = found.comparator in (">", ">=")
    if found.comparator == "ad" or compare == "=":
        return None
    if upward == (compare in (">", ">=")):  # ">8" is surely above 6; it may or may not be above 9
        return True if said or (found.value == number and found.comparator in (">", "<")) else None
    return False if not said else None


def _time(test: Ask, found: timedelta | None) -> bool | None:
    if found is None or test.number is None:
        return None
    if found == timedelta.max:
        return test.compare in (">", ">=")
    days = Decimal(found.total_seconds() / 86400)
    return _COMPARE[test.compare](days, test.number * Decimal(_DAYS[test.unit]))


_ANSWERS: dict[str, Callable[[Ask, Facts], bool | None]] = {
    "age": lambda test, facts: _number(test, facts.age_years()),
    "age_months": lambda test, facts: _number(test, facts.age_months()),
    "sex": _sex,
    "setting": lambda test, facts: facts.setting == test.names[0],
    "pregnant": lambda test, facts: facts.pregnant(),
    "on": lambda test, facts: facts.on(test.names),
    "started": lambda test, facts: _time(test, facts.since_start(test.names)),
    "has": lambda test, facts: facts.has(test.names, ever=False),
    "ever": lambda test, facts: facts.has(test.names, ever=True),
    "latest": _latest,
    "last": lambda test, facts: _time(test, facts.since_last(test.names[0])),
    "recorded": lambda test, facts: facts.recorded(test.names[0]),
}
