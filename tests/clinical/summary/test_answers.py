"""What each source answered: the numbers are those of the ledger beside it, whatever the searches brought twice."""

from __future__ import annotations

from collections import Counter

from clinical.records import FetchState, NotShown, Section, SectionRecords
from clinical.summary import sections
from clinical.summary.view_model import State, Summary
from tests.clinical.reconcile.builders import lab, medication, section, source
from tests.clinical.summary import anna


def cell(found: Summary, name: Section, source_name: str = "Mercy") -> State:
    return dict(dict(found.answers)[sections.NAMES[name]])[source_name]


def several() -> list[SectionRecords]:
    """Mercy's medicines come by two searches, and its search for vital signs brings results that are none."""
    kept = [p for p in anna.mercy() if p.state.section not in (Section.MEDICATIONS, Section.VITALS)]
    drugs = [medication(n, f"Drug {n}", "daily") for n in range(5)]
    others = [lab(n, f"Other {n}", f"{n}-0", category="exam") for n in range(900, 907)]
    return [
        *kept,
        section(Section.MEDICATIONS, *drugs, search="medications.recent"),
        section(Section.MEDICATIONS, *drugs[2:], search="medications.active"),
        section(Section.VITALS, *others),
    ]


def test_an_entry_that_two_searches_brought_is_counted_once() -> None:
    told = cell(anna.summary(several()), Section.MEDICATIONS)
    assert (told.word, told.detail) == ("5 entries", "8 came, with repeats and other kinds")


def test_entries_of_other_kinds_are_not_called_vital_signs() -> None:
    told = cell(anna.summary(several()), Section.VITALS)
    assert (told.word, told.detail) == ("No entry of this kind", "7 entries of other kinds came")


def test_what_came_once_is_told_as_a_number_alone() -> None:
    told = cell(anna.summary(), Section.PROBLEMS)
    assert (told.word, told.detail) == ("3 entries", "")


def test_the_numbers_are_those_of_the_ledger() -> None:
    for parts in (anna.everything(), several()):
        found = anna.summary(parts)
        ledger: Counter[str] = Counter()
        for line in found.ledger:
            ledger[line.section] += line.count
        for name, cells in found.answers:
            numbers = [int(s.word.split()[0]) for _, s in cells if s.word.split()[0].isdigit()]
            assert sum(numbers) == ledger[name], name


def test_what_could_not_be_read_is_counted_once_too() -> None:
    aside = (NotShown(source=source("Observation/x"), section=Section.LABS, reason="unreadable"),)
    twice = [
        section(Section.LABS, *anna.labs(), search=search, state=FetchState.PARTIAL, unreadable=1, not_shown=aside)
        for search in ("labs.recent", "labs.ever")
    ]  # fmt: skip
    kept = [p for p in anna.mercy() if p.state.section is not Section.LABS]
    told = cell(anna.summary([*kept, *twice]), Section.LABS)
    count = len(anna.labs())
    assert (told.word, told.detail) == ("Incomplete", f"{count} of {count + 1} read")
