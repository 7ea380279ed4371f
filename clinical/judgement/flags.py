"""High, low, critical, or not known: the laboratory's word first, then the value's own range (rules 22, 23, 29, 30).

"Normal" is never invented: without the laboratory's word and without a usable range the answer is that nobody knows.
A computed flag is never critical: critical limits are the laboratory's to set.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Literal

import msgspec

from clinical import units
from clinical.records import Component, Observation, Quantity, ReferenceRange, Value

from .ranges import range_words

Level = Literal["", "ab", "crit"]


class Abnormality(msgspec.Struct, frozen=True):
    """How a value stands.

    flag: the letter or word to print ("H", "LL", "R", "POS" …), "" for none. level: "crit" for HH, LL, AA, "ab" for
    what is abnormal, "" otherwise. known: somebody or something judged it; False means "no range", never normal.
    computed: judged here from its own range, to be drawn as "calc". disagreement: the laboratory's word and the range
    say different things; then `range_flag` ("H", "L", "N") is what the range says, and the laboratory's word stands.
    why: one phrase for a clinician.
    """

    flag: str = ""
    level: Level = ""
    known: bool = False
    computed: bool = False
    disagreement: bool = False
    range_flag: str = ""
    why: str = ""


class Word(msgspec.Struct, frozen=True):
    """A laboratory's word. side: which side of the range it claims ("H", "L", "A" either, "N" within, "" none)."""

    flag: str
    level: Level
    side: str
    rank: int


# v3-ObservationInterpretation (and v2 table 0078). rank: the strongest of several is shown.
_WORDS: dict[str, Word] = {
    "HH": Word("HH", "crit", "H", 9), "LL": Word("LL", "crit", "L", 9), "AA": Word("AA", "crit", "A", 8),
    "HU": Word("HU", "ab", "H", 7), "LU": Word("LU", "ab", "L", 7),
    "HX": Word("H", "ab", "H", 6), "LX": Word("L", "ab", "L", 6),
    "H": Word("H", "ab", "H", 6), "L": Word("L", "ab", "L", 6), "A": Word("A", "ab", "A", 5),
    "R": Word("R", "ab", "", 5), "NS": Word("NS", "ab", "", 5), "I": Word("I", "ab", "", 4),
    "SDD": Word("SDD", "", "", 3), "S": Word("S", "", "", 2),
    "POS": Word("POS", "", "", 4), "DET": Word("DET", "", "", 4), "RR": Word("RR", "", "", 4),
    "WR": Word("WR", "", "", 4), "IND": Word("IND", "", "", 3), "E": Word("E", "", "", 3),
    "NEG": Word("NEG", "", "", 2), "ND": Word("ND", "", "", 2), "NR": Word("NR", "", "", 2),
    "N": Word("", "", "N", 1),
}  # fmt: skip

# Change against earlier values, off the scale of the instrument: no word on whether it is abnormal.
_NO_JUDGEMENT = frozenset({"B", "W", "U", "D", "<", ">", "CAR", "EX", "OBX", "UNE", "EXP"})

_IN_WORDS = {
    "high": "H", "low": "L", "normal": "N", "abnormal": "A", "critical": "AA", "critically abnormal": "AA",
    "critical high": "HH", "critically high": "HH", "panic high": "HH", "high critical": "HH", "high panic": "HH",
    "critical low": "LL", "critically low": "LL", "panic low": "LL", "low critical": "LL", "low panic": "LL",
    "above high normal": "H", "above normal": "H", "below low normal": "L", "below normal": "L",
    "within normal limits": "N", "positive": "POS", "negative": "NEG", "detected": "DET", "not detected": "ND",
    "reactive": "RR", "non-reactive": "NR", "nonreactive": "NR", "susceptible": "S", "intermediate": "I",
    "resistant": "R", "indeterminate": "IND", "equivocal": "E",
}  # fmt: skip


def abnormal(
    measured: Observation | Component,
    chosen: ReferenceRange | None,
    *,
    codes: Collection[str] = (),
) -> Abnormality:
    """How one measurement stands. chosen: its own range, as picked by `choose_range`. codes: its LOINC codes.

    No value (absent, cancelled): nothing is known, whatever the interpretation says.
    """
    if measured.value == Value() and measured.absent:
        return Abnormality(why="no value")
    by_range, why = range_side(measured.value, chosen, codes=codes)
    word = _strongest(measured.interpretation)
    if word is not None:
        return _by_laboratory(word, by_range, why)
    unknown = [one for one in measured.interpretation if one.strip() not in _NO_JUDGEMENT]
    if unknown:
        sent = unknown[0].strip()
        return Abnormality(
            flag=sent,
            range_flag=by_range,
            why=f"flagged {sent!r} by the source, which is not a word we know",
        )
    return _by_range(by_range, why)


def _by_laboratory(word: Word, by_range: str, why: str) -> Abnormality:
    disagreement = bool(word.side and by_range) and not _agree(word.side, by_range)
    said = "the laboratory's own flag" if word.flag else "the laboratory calls it normal"
    return Abnormality(
        flag=word.flag,
        level=word.level,
        known=True,
        disagreement=disagreement,
        range_flag=by_range if disagreement else "",
        why=f"{said}; but it is {why}" if disagreement else said,
    )


def _agree(side: str, by_range: str) -> bool:
    return by_range in ("H", "L") if side == "A" else side == by_range


def _by_range(side: str, why: str) -> Abnormality:
    if not side:
        return Abnormality(why=why)
    return Abnormality(
        flag="" if side == "N" else side,
        level="" if side == "N" else "ab",
        known=True,
        computed=True,
        range_flag=side,
        why=why,
    )


def _strongest(sent: tuple[str, ...]) -> Word | None:
    found = [word for one in sent if (word := _word(one)) is not None]
    return max(found, key=lambda word: word.rank) if found else None


def _word(sent: str) -> Word | None:
    """ "H*" and "*H" are H with a mark of the laboratory's own: the mark is kept, the meaning is not lowered."""
    text = sent.strip()
    known = _WORDS.get(text) or _WORDS.get(_IN_WORDS.get(text.lower(), ""))
    if known is not None:
        return known
    plain = text.strip("*!# ")
    starred = _WORDS.get(plain) if plain != text else None
    if starred is None:
        return None
    return Word(
        text, starred.level or "ab", "" if starred.side == "N" else starred.side, starred.rank
    )


# ---- the value against its own range ----------------------------------------------------------------------------


def range_side(
    value: Value, chosen: ReferenceRange | None, *, codes: Collection[str] = ()
) -> tuple[str, str]:
    """("H", "L", "N" or "" when it cannot be said, why). Text is never read as a number."""
    quantity = _number(value)
    if quantity is None or quantity.value is None:
        return "", "not a number"
    if chosen is None:
        return "", "no range"
    low, high = _bound(chosen.low, quantity, codes), _bound(chosen.high, quantity, codes)
    if isinstance(low, str) or isinstance(high, str):
        return "", low if isinstance(low, str) else str(high)
    refused = _unusable(low, high, chosen)
    if refused:
        return "", refused
    side = _side(quantity, low, high)
    if not side:
        return "", f"only a bound is known, and it may be on either side of {range_words(chosen)}"
    place = {"H": "above", "L": "below", "N": "within"}[side]
    return side, f"{place} its range {range_words(chosen)}"


def _number(value: Value) -> Quantity | None:
    if value.integer is not None:
        return Quantity(value=Decimal(value.integer))
    return value.quantity


def _bound(bound: Quantity | None, value: Quantity, codes: Collection[str]) -> Decimal | str | None:
    """The bound in the unit of the value; words when it cannot be had. A bound without a unit is in the value's."""
    if bound is None or bound.value is None:
        return None
    if bound.comparator is not None:
        return "its range is not a plain number"
    if not (bound.unit or bound.code) or (bound.unit, bound.code) == (value.unit, value.code):
        return bound.value
    there, here = units.ucum(bound), units.ucum(value)
    if there and there == here:
        return bound.value
    if not there or not here:
        same = (bound.unit or bound.code).strip().lower() == (
            value.unit or value.code
        ).strip().lower()
        return bound.value if same else "its range is in another unit"
    converted = units.convert(bound, here, codes=codes)
    if isinstance(converted, units.Refused) or converted.value is None:
        return "its range is in another unit"
    return converted.value


def _unusable(low: Decimal | None, high: Decimal | None, chosen: ReferenceRange) -> str:
    if low is None and high is None:
        return "its range is words only" if chosen.text else "no range"
    if low is None or high is None:
        return ""
    if low > high:
        return "its range runs backwards"
    # a detection limit, or a placeholder: neither side of it can be called abnormal
    if low == high != 0:
        return "its range is a single number"
    return ""


def _side(quantity: Quantity, low: Decimal | None, high: Decimal | None) -> str:
    """Bounds belong to the range. With a comparator only what holds for every value it allows is said (rule 22)."""
    value = quantity.value
    assert value is not None  # noqa: S101  the caller has looked
    comparator = quantity.comparator
    if comparator is None:
        if high is not None and value > high:
            return "H"
        return "L" if low is not None and value < low else "N"
    if comparator in ("<", "<="):
        return _side_below(value, comparator == "<=", low, high)
    if comparator in (">", ">="):
        return _side_above(value, comparator == ">=", low, high)
    return ""


def _side_below(value: Decimal, itself: bool, low: Decimal | None, high: Decimal | None) -> str:
    """Everything below `value`. A lower bound of zero excludes nothing: what is measured here is not negative."""
    if low is not None and low > 0:
        return "L" if value < low or (value == low and not itself) else ""
    return "N" if high is not None and value <= high else ""


def _side_above(value: Decimal, itself: bool, low: Decimal | None, high: Decimal | None) -> str:
    if high is not None:
        return "H" if value > high or (value == high and not itself) else ""
    return "N" if low is not None and value >= low else ""
