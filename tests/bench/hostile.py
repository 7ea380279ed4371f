"""A thousand hostile patterns and a thousand hostile rule sets: how slow the slowest is, what they hide, what they break."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.bench.figures import Report, median_cpu_ms
from tests.clinical.rank import test_ruleset_hostile as sets

PATTERNS = 1_000
_TEXT = 50_000  # characters
_LONGEST = 80  # characters of a word in a rule set: clinical.rank.ruleset_file
_BAR_MS = 50.0  # each
_Each = TypeVar("_Each")
_PARTS = (
    "(a+)+", "(.*)*", "(a|aa)+", "(a|a?)+", "[a-z]*", "\\w+\\s*", "(x+x+)+y", "([^,]*,)*", "^(\\d+)*$", "(?=a)*", ".{0,9999}",
    "a{1,999}", "a", "aa", "a a", "and", "A", "&&", "(", ")", " or ", " and ", "not ", "age > 1", "latest(lab.potassium) < ", "has(",
)  # fmt: skip


def hostile(report: Report) -> None:
    """CPU time, so that a busy machine does not change it; what is slow is measured again."""
    patterns = [pattern(seed) for seed in range(PATTERNS)]
    # What is longer is refused with line and reason; as much of it as a rule set takes is looked for.
    words = [(one[:_LONGEST], text(seed)) for seed, one in enumerate(patterns)]
    _slowest(
        report, f"the slowest of {PATTERNS:,} hostile patterns on 50,000 characters", words, _find
    )
    _slowest(report, f"the slowest of {PATTERNS:,} hostile conditions to read", patterns, _parse)
    texts = [sets.hostile(seed)[1] for seed in range(sets.COUNT)]
    _slowest(report, f"the slowest of {sets.COUNT:,} hostile rule sets to read or refuse", texts, sets.read, bar=None)  # fmt: skip
    _pages(report)


def pattern(seed: int) -> str:
    """One of a thousand: fragments that ruin backtracking expressions, nests of conditions, words in between."""
    rng = random.Random(seed)
    if seed < len(sets.PATTERNS):
        return sets.PATTERNS[seed]
    joined = "".join(rng.choices(_PARTS, k=rng.randint(1, 60)))
    return joined * rng.choice((1, 1, 1, 20))


def text(seed: int) -> str:
    """Fifty thousand characters that nearly match."""
    rng = random.Random(seed)
    unit = rng.choice(("a", "aa ", "a! ", "xxxx", "a,a,", "and a ", "A A ", "1" * 30 + " "))
    return (unit * (_TEXT // len(unit) + 1))[: _TEXT - 1] + "!"


def _slowest(
    report: Report, name: str, each: Sequence[_Each], work: Callable[[_Each], object], *, bar: float | None = _BAR_MS
) -> None:  # fmt: skip
    taken = []
    for number, one in enumerate(each):
        began = time.process_time()
        work(one)
        taken.append((time.process_time() - began, number))
    # A pause of the garbage collector belongs to none of them: the ten slowest again, each by itself.
    worst = max(
        median_cpu_ms(lambda one=each[number]: work(one), 5)  # type: ignore[misc]
        for _, number in sorted(taken)[-10:]
    )
    scaled = worst / report.slowness
    if bar is None:
        report.seen(name, scaled, "ms")
    else:
        report.line(name, scaled, bar, "ms")


def _find(given: tuple[str, str]) -> object:
    from clinical.rank.texts import Finder, split

    words, written = given
    return Finder([("mine", words)]).owners(split(written))


def _parse(words: str) -> object:
    from clinical.rank.conditions import parse

    try:
        return parse(words)
    except ValueError:
        return None


def _pages(report: Report) -> None:
    """Every valid set on a page: a floor mark that is gone or stands lower, and a page that could not be made."""
    wanted = sets.floor_of(sets.BASE, ("general",))
    violations = errors = tried = 0
    for library, contexts in sets.libraries(range(sets.COUNT)):
        for context in dict.fromkeys(contexts):
            tried += 1
            try:
                violations += sets.floor_of(library, (context,)) != wanted
            except AssertionError:
                violations += 1
            except Exception as error:  # noqa: BLE001  # whatever it is, a clinician would have met it
                errors += 1
                report.note(f"{context}: {error!r}")
    report.line(f"floor violations of hostile rule sets, {tried} pages", violations, 0, "")
    report.line("errors on those pages", errors, 0, "")
