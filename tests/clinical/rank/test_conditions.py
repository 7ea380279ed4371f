"""The condition language: what it reads, what it refuses, and that "not known" is never taken for "no"."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from clinical.rank.conditions import And, Ask, Not, Or, holds, names_in, parse
from clinical.records import Quantity


class Known:
    """A patient whose facts the test writes down. What is not written down is not known."""

    setting = "clinic"

    def __init__(self, **facts: object) -> None:
        self.facts = facts

    def _fact(self, name: str) -> object:
        return self.facts.get(name)

    def age_years(self) -> int | None:
        return self._fact("age")  # type: ignore[return-value]

    def age_months(self) -> int | None:
        return self._fact("months")  # type: ignore[return-value]

    def sex(self) -> str:
        return str(self._fact("sex") or "")

    def pregnant(self) -> bool | None:
        return self._fact("pregnant")  # type: ignore[return-value]

    def on(self, names: tuple[str, ...]) -> bool | None:
        taken = self._fact("on")
        return None if taken is None else bool(set(names) & set(taken))  # type: ignore[call-overload]

    def since_start(self, names: tuple[str, ...]) -> timedelta | None:
        return self._fact("started")  # type: ignore[return-value]

    def has(self, names: tuple[str, ...], *, ever: bool) -> bool | None:
        known = self._fact("ever" if ever else "has")
        return None if known is None else bool(set(names) & set(known))  # type: ignore[call-overload]

    def latest(self, item: str, unit: str) -> Quantity | None:
        return self._fact("latest")  # type: ignore[return-value]

    def since_last(self, item: str) -> timedelta | None:
        return self._fact("last")  # type: ignore[return-value]

    def recorded(self, item: str) -> bool | None:
        return self._fact("recorded")  # type: ignore[return-value]


def number(value: str, comparator: str | None = None) -> Quantity:
    return Quantity(value=Decimal(value), comparator=comparator)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("age >= 65", {"age": 65}, True),
        ("age >= 65", {"age": 64}, False),
        ("age >= 65", {}, None),
        ("age_months < 24", {"months": 23}, True),
        ("sex is female", {"sex": "female"}, True),
        ("sex is female", {"sex": "male"}, False),
        ("sex is female", {}, None),
        ("not sex is male", {}, None),
        ("pregnant", {"pregnant": None}, None),
        ("setting is clinic", {}, True),
        ("setting is ed", {}, False),
        ("on(warfarin, med.statin)", {"on": ["med.statin"]}, True),
        ("on(valproic acid)", {"on": ["valproic acid"]}, True),
        ("on(warfarin)", {"on": []}, False),
        ("on(warfarin)", {}, None),
        ("not on(warfarin)", {}, None),
        ("has(N18)", {"has": [], "ever": ["N18"]}, False),
        ("ever(N18)", {"has": [], "ever": ["N18"]}, True),
        ("started(med.mra) < 4 weeks", {"started": timedelta(days=27)}, True),
        ("started(med.mra) < 4 weeks", {"started": timedelta(days=29)}, False),
        ("started(med.mra) < 4 weeks", {"started": timedelta.max}, False),
        ("latest(lab.egfr) < 60", {"latest": number("59.9")}, True),
        ("latest(lab.egfr) < 60 mL/min/{1.73_m2}", {"latest": number("60")}, False),
        ("latest(lab.egfr) < 60", {}, None),
        ("latest(lab.egfr) >= 60", {"latest": number("60", ">")}, True),
        ("latest(lab.egfr) < 60", {"latest": number("60", ">")}, False),
        ("latest(lab.egfr) < 90", {"latest": number("60", ">")}, None),
        ("latest(lab.egfr) > 90", {"latest": number("60", ">")}, None),
        ("latest(lab.egfr) < 20", {"latest": number("15", "<")}, True),
        ("latest(lab.egfr) = 5", {"latest": number("5", "<")}, None),
        ("last(proc.pap) > 3 years", {"last": timedelta.max}, True),
        ("last(proc.pap) <= 3 years", {"last": timedelta.max}, False),
        ("last(proc.pap) > 3 years", {}, None),
        ("recorded(lab.hcvab)", {"recorded": False}, False),
    ],
)
def test_one_test(text: str, facts: dict[str, object], expected: bool | None) -> None:
    assert holds(parse(text), Known(**facts)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age > 1 and age > 2 or age > 99", True),
        ("age > 99 and age > 1 or age > 2", True),
        ("age > 99 and (age > 1 or age > 2)", False),
        ("not age > 99 and age > 1", True),
        ("not (age > 1 and age > 2)", False),
        ("age > 99 and on(warfarin)", False),  # no matter what is not known
        ("age > 1 or on(warfarin)", True),
        ("age > 1 and on(warfarin)", None),
        ("age > 99 or on(warfarin)", None),
    ],
)
def test_tests_together(text: str, expected: bool | None) -> None:
    assert holds(parse(text), Known(age=50)) is expected


def test_the_tree_of_a_condition() -> None:
    found = parse("(age < 12 or not pregnant) and has(cond.ckd, E11.2)")
    assert isinstance(found, And)
    either, has = found.parts
    assert isinstance(either, Or)
    assert isinstance(either.parts[1], Not)
    assert has == Ask("has", ("cond.ckd", "E11.2"))
    assert list(names_in(found)) == ["cond.ckd", "E11.2"]


@pytest.mark.parametrize(
    "text",
    [
        "", "age", "age >= old", "age >= 65 and", "and age > 1", "(age > 1", "age > 1)", "sex is other", "sex = female",
        "on()", "on(warfarin", "on(warfarin,)", "on warfarin", "latest(lab.a, lab.b) > 1", "last(proc.pap) > 3",
        "last(proc.pap) > 3 moons", "__import__('os')", "age > 1 age > 2", "lambda: 1", "setting is moon",
        "age >= 65; age < 3",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)
