"""Which of several reference ranges is this patient's, at that time (rule 28), and its words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from clinical import units
from clinical.dates import Age, full_months
from clinical.records import Concept, Quantity, ReferenceRange

# Codes and words for a sex in `appliesTo`: administrative-gender, v3-AdministrativeGender, SNOMED CT.
_SEX_WORDS = {
    "female": frozenset({"female", "f", "248152002", "women", "woman", "females", "girls"}),
    "male": frozenset({"male", "m", "248153007", "men", "man", "males", "boys"}),
}
_YEARS = frozenset({"a", "y", "yr", "yrs", "year", "years"})
_MONTHS = frozenset({"mo", "month", "months"})
_WEEKS = frozenset({"wk", "week", "weeks"})
_DAYS = frozenset({"d", "day", "days"})


def choose_range(
    ranges: Sequence[ReferenceRange],
    *,
    sex: str = "",
    age: Age | None = None,
    conditions: Collection[str] = (),
) -> ReferenceRange | None:
    """The normal range that fits this patient at the time of the specimen; None when none does, or two differ.

    sex: "female" or "male", the one meant for clinical use; anything else fits no range that asks for a sex.
    age: at the time of the value. conditions: codes that are known to be true of the patient ("pregnant" …).
    Only ranges whose type is normal or not stated count: a therapeutic or luteal range is not "normal". The one that
    asks for most is preferred; among equals that say different things there is no choice. A range that asks for
    something not known does not fit: then its words are shown, without colour.
    """
    fitting = [
        one
        for one in ranges
        if _is_normal(one) and _applies(one, sex, conditions) and _age_fits(one, age)
    ]
    if not fitting:
        return None
    most = max(_asks(one) for one in fitting)
    best = {(one.low, one.high, one.text): one for one in fitting if _asks(one) == most}
    return next(iter(best.values())) if len(best) == 1 else None


def runs_backwards(one: ReferenceRange, *, codes: Collection[str] = ()) -> bool:
    """Whether its low end lies above its high end: one of them is wrong, so nothing can be judged by it.

    codes: LOINC codes of what was measured, for ends in two units; ends that cannot be compared are not called wrong.
    """
    low, high = one.low, one.high
    if low is None or high is None or low.value is None or high.value is None:
        return False
    here, there = units.ucum(low), units.ucum(high)
    if not here or not there or here == there:
        return low.value > high.value
    converted = units.convert(high, here, codes=codes)
    return (
        not isinstance(converted, units.Refused)
        and converted.value is not None
        and low.value > converted.value
    )


def range_words(chosen: ReferenceRange | None) -> str:
    """ "3.5 to 5.1", "below 5", "60 or more"; its own text when there are no numbers; "" for None."""
    if chosen is None:
        return ""
    low, high = _digits(chosen.low), _digits(chosen.high)
    if low and high:
        return f"{low} to {high}"
    if low or high:
        return f"{low} or more" if low else f"up to {high}"
    return chosen.text


def _digits(bound: Quantity | None) -> str:
    return f"{bound.value:f}" if bound is not None and bound.value is not None else ""


def _is_normal(one: ReferenceRange) -> bool:
    if one.type is None:
        return True
    return any(coding.code == "normal" for coding in one.type.codings) or (
        not one.type.codings and one.type.text.strip().lower() == "normal"
    )


def _applies(one: ReferenceRange, sex: str, conditions: Collection[str]) -> bool:
    """Every code of appliesTo must hold (AND)."""
    return all(_holds(concept, sex, conditions) for concept in one.applies_to)


def _holds(concept: Concept, sex: str, conditions: Collection[str]) -> bool:
    said = {coding.code.lower() for coding in concept.codings} | {concept.text.strip().lower()}
    return bool(said & _SEX_WORDS.get(sex, frozenset())) or any(
        one.lower() in said for one in conditions
    )


def _asks(one: ReferenceRange) -> int:
    return len(one.applies_to) + (one.age_low is not None or one.age_high is not None)


def _age_fits(one: ReferenceRange, age: Age | None) -> bool:
    """Both bounds include the whole unit they name: "to 60 a" holds until the 61st birthday.

    With a partial birth date the youngest and the oldest the patient can be must both fit.
    """
    bounds = [(one.age_low, False), (one.age_high, True)]
    asked = [(bound, upper) for bound, upper in bounds if bound is not None]
    if not asked:
        return True
    return age is not None and all(_within(bound, upper, age) for bound, upper in asked)


def _within(bound: Quantity, upper: bool, age: Age) -> bool:
    youngest, oldest = _age_in(bound, age.born_to, age), _age_in(bound, age.born_from, age)
    if bound.value is None or youngest is None or oldest is None:
        return False
    return oldest <= bound.value if upper else youngest >= bound.value


def _age_in(bound: Quantity, born: date, age: Age) -> Decimal | None:
    """Completed units of the bound; None for a unit that is not a length of time we know."""
    unit = (bound.code or bound.unit).strip().lower()
    days = (age.on - born).days
    if unit in _YEARS:
        return Decimal(full_months(born, age.on) // 12)
    if unit in _MONTHS:
        return Decimal(full_months(born, age.on))
    if unit in _WEEKS:
        return Decimal(days // 7)
    return Decimal(days) if unit in _DAYS else None
