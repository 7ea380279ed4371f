"""Honest states: a truth table from how searches ended to the words on screen."""

from __future__ import annotations

import pytest

from clinical.fhir.catalogue import CATALOGUE, SETTINGS, Setting
from clinical.records import Absent, Due, FetchState, Section, SectionRecords
from clinical.summary import absent_items, opened, terms, wording
from clinical.summary.finder import Finder
from clinical.summary.view_model import Block, Slot, State, Summary
from tests.clinical.reconcile.builders import NOW, allergy, nka, section
from tests.clinical.summary import anna
from tests.clinical.summary.ranked import ranking

WORDS = {
    FetchState.NOT_CONNECTED: "Not available",
    FetchState.NOT_AUTHORISED: "Not permitted",
    FetchState.NOT_SUPPORTED: "Not available",
    FetchState.FETCHING: "Asking",
    FetchState.FAILED: "Not retrieved",
    FetchState.RESTRICTED: "Withheld",
    FetchState.PARTIAL: "Incomplete",
    FetchState.OK_EMPTY: "Nothing recorded",
    FetchState.OK: "Nothing recorded",
    FetchState.OK_NEGATED: "Nothing recorded",
}


def slot(found: Summary, key: str) -> Slot:
    return next(s for s in found.safety if s.key == key)


def block(found: Summary, key: str) -> Block:
    return next(b for b in found.blocks if b.key == key)


def with_state(name: Section, state: FetchState) -> list[SectionRecords]:
    """Anna's chart with one section of Lakeside in this state, and empty at Mercy."""
    kept = [p for p in anna.everything() if p.state.section is not name]
    return [*kept, section(name), section(name, server="lakeside", state=state)]


@pytest.mark.parametrize("state", list(FetchState))
def test_every_fetch_state_has_its_word_in_the_isolation_slot(state: FetchState) -> None:
    found = slot(anna.summary(with_state(Section.FLAGS, state)), "isolation")
    lead = found.lines[0].state
    assert isinstance(lead, State)
    expected = WORDS[state]
    if state in (FetchState.NOT_CONNECTED, FetchState.NOT_SUPPORTED):
        expected = "Nothing recorded"  # Mercy answered, and only Mercy is named
        assert lead.detail == "at Mercy"
    assert lead.word == expected
    assert found.hatched is (state in wording.GAPS)


@pytest.mark.parametrize("state", sorted(wording.GAPS))
def test_none_known_is_never_said_over_a_source_that_did_not_answer_whole(
    state: FetchState,
) -> None:
    parts = [p for p in anna.everything() if p.state.section is not Section.ALLERGIES]
    parts += [
        section(Section.ALLERGIES, nka(1)),
        section(Section.ALLERGIES, server="lakeside", state=state),
    ]
    lines = slot(anna.summary(parts), "allergies").lines
    assert [line.state.word for line in lines if line.state] == [WORDS[state]]
    assert "Mercy: no known allergies" in lines[0].state.detail  # type: ignore[union-attr]


def test_none_known_needs_an_assertion() -> None:
    parts = [p for p in anna.everything() if p.state.section is not Section.ALLERGIES]
    silent = [*parts, section(Section.ALLERGIES), section(Section.ALLERGIES, server="lakeside")]
    (line,) = slot(anna.summary(silent), "allergies").lines
    assert line.state is not None
    assert line.state.word == "Nothing recorded"
    asserted = [
        *parts,
        section(Section.ALLERGIES, nka(1)),
        section(Section.ALLERGIES, server="lakeside"),
    ]
    (line,) = slot(anna.summary(asserted), "allergies").lines
    assert line.state is not None
    assert (line.state.word, line.sources) == ("None known", ("mercy/AllergyIntolerance/1",))


def test_a_stale_answer_is_no_ground_for_none_known() -> None:
    parts = [p for p in anna.everything() if p.state.section is not Section.ALLERGIES]
    parts += [
        section(Section.ALLERGIES, nka(1), stale=True),
        section(Section.ALLERGIES, server="lakeside"),
    ]
    lead = slot(anna.summary(parts), "allergies").lines[0].state
    assert lead is not None
    assert lead.word == "Out of date"


def test_a_real_allergy_stands_beside_another_sources_none_known() -> None:
    parts = [p for p in anna.everything() if p.state.section is not Section.ALLERGIES]
    parts += [
        section(Section.ALLERGIES, allergy(1, criticality="high")),
        section(Section.ALLERGIES, nka(2, server="lakeside"), server="lakeside"),
    ]
    lines = slot(anna.summary(parts), "allergies").lines
    assert lines[0].loud
    assert lines[0].text == "Penicillin: high risk"
    assert [line.text for line in lines if line.differs] == ["Lakeside: no known allergies"]
    assert not [line for line in lines if line.state]


def test_the_loud_allergy_shows_both_sides_of_a_conflict() -> None:
    lines = slot(anna.summary(), "allergies").lines
    assert (lines[0].text, lines[0].loud) == ("Penicillin: anaphylaxis 1994", True)
    assert lines[0].sources == ("mercy/AllergyIntolerance/1", "lakeside/AllergyIntolerance/9")
    assert lines[1].differs
    assert "Lakeside: low" in lines[1].text


def test_a_failed_section_says_so_in_its_block_and_its_rows_stay() -> None:
    found = anna.summary(anna.without(anna.everything(), "lakeside", Section.MEDICATIONS))
    meds = block(found, "medications")
    assert meds.rows
    assert [(s.word, s.retry) for s in meds.states] == [("Not retrieved", True)]
    assert "server error" in meds.states[0].detail


def test_an_empty_block_of_a_failed_source_never_reads_as_empty() -> None:
    parts = [p for p in anna.everything() if p.state.section is not Section.PROBLEMS]
    found = anna.summary(
        [*parts, section(Section.PROBLEMS), *anna.failed("lakeside", Section.PROBLEMS)]
    )
    (state,) = block(found, "problems").states
    assert state.word == "Not retrieved"
    assert state.detail.endswith("nothing recorded at Mercy")


def test_a_failed_source_opens_the_one_liner_and_stands_in_attention() -> None:
    found = anna.summary(
        anna.without(anna.everything(), "lakeside", Section.ALLERGIES, Section.LABS)
    )
    assert anna.text(found.one_liner).startswith(
        "This chart is incomplete: Lakeside not retrieved. Potassium 5.9 H"
    )
    gap = block(found, "attention").rows[-1]
    assert gap.state is not None
    assert gap.state.word == "Not retrieved"
    assert [c.state for c in found.visit.sources] == ["ok", "partly"]


def test_a_search_under_way_keeps_the_page_incomplete() -> None:
    waiting = section(Section.REPORTS, server="lakeside", state=FetchState.FETCHING)
    parts = [
        p
        for p in anna.everything()
        if (p.state.server, p.state.section) != ("lakeside", Section.REPORTS)
    ]
    assert anna.summary().complete
    assert not anna.summary([*parts, waiting]).complete


def test_every_state_has_a_wording_and_a_rank() -> None:
    assert set(wording.BY_STATE) == set(FetchState)
    assert set(wording.WORST_FIRST) == set(FetchState)
    assert len({w.glyph for w in wording.KEY}) == len(wording.KEY)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (Section.DOCUMENTS, "code-status"),
        (Section.ORDERS, "code-status"),
        (Section.PROCEDURES, "implant"),
        (Section.PROBLEMS, "isolation"),
        (Section.MEDICATIONS, "high-alert"),
    ],
)
def test_a_slot_is_unknown_when_any_section_that_could_hold_it_failed(
    name: Section, key: str
) -> None:
    lead = slot(anna.summary(anna.without(anna.everything(), "lakeside", name)), key).lines[0].state
    assert lead is not None
    assert lead.word == "Not retrieved"


def test_what_could_not_be_read_is_not_named_among_nothing_recorded() -> None:
    found = anna.summary(anna.without(anna.everything(), "lakeside", Section.PROBLEMS))
    unknown = slot(found, "unknown")
    assert unknown.hatched
    assert unknown.lines[1].text == "dialysis, immunity, airway, self-harm"
    assert "nothing" not in [s.key for s in found.safety]


# ---- none in the time that was asked for, or none at all -------------------------------------------------------------

UNASKED = Absent(
    item="vital.spo2", label="SpO₂", kind="vital", importance="should", sections=(Section.VITALS,),
    due=Due(state="unknown", words="older ones were not asked for"),
)  # fmt: skip


def spo2(*states: tuple[str, str, FetchState]) -> str:
    """The word for it. states: (server, search, how it ended) of the searches for vital signs."""
    kept = [part for part in anna.everything() if part.state.section is not Section.VITALS]
    asked = [section(Section.VITALS, server=server, search=f"vitals.{name}", state=state) for server, name, state in states]  # fmt: skip
    found = anna.summary([*kept, *asked], absent=(UNASKED,))
    return next(r.state.word for r in block(found, "vitals").rows if r.key == "absent-vital-spo2" and r.state)  # fmt: skip


@pytest.mark.parametrize("older", [FetchState.OK, FetchState.OK_EMPTY])
def test_where_the_whole_record_was_asked_for_none_is_not_said_of_a_window(
    older: FetchState,
) -> None:
    empty = FetchState.OK_EMPTY
    mercy = ("mercy", "recent", empty), ("mercy", "ever", older)
    assert spo2(*mercy, ("lakeside", "recent", empty), ("lakeside", "ever", older)) == "Nothing recorded"  # fmt: skip


@pytest.mark.parametrize(
    ("lakeside", "word"),
    [
        ([("lakeside", "recent", FetchState.OK)], "None in the last 13 months"),
        ([("lakeside", "recent", FetchState.OK_EMPTY)], "None in the last 13 months"),
        (
            [("lakeside", "recent", FetchState.OK_EMPTY), ("lakeside", "ever", FetchState.FAILED)],
            "Not retrieved",
        ),
    ],
)
def test_one_source_that_was_asked_for_a_window_only_proves_no_more_than_the_window(
    lakeside: list[tuple[str, str, FetchState]], word: str
) -> None:
    mercy = ("mercy", "recent", FetchState.OK_EMPTY), ("mercy", "ever", FetchState.OK)
    assert spo2(*mercy, *lakeside) == word


SOUGHT = sorted(
    {s for found in terms.by_word().values() for term in found for s in (term.section, *term.also)}
)
DAYS = {"90 days": 90, "13 months": 396, "2 years": 730, "5 years": 1825, "": 10_000}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("section_", SOUGHT)
def test_none_is_said_of_no_longer_time_than_was_asked_for(
    section_: Section, setting: Setting
) -> None:
    kinds = [one for one in CATALOGUE if one.section is section_]
    asked = [one.days[SETTINGS.index(setting)] or 10_000 for one in kinds]
    words = absent_items.asked_back((section_,), setting)
    assert not asked or DAYS[words] <= min(asked)


@pytest.mark.parametrize(
    ("ever", "word"), [(False, "None in the last 13 months"), (True, "Nothing recorded")]
)
def test_what_is_not_found_is_not_called_nothing_where_older_ones_were_not_asked_for(
    ever: bool, word: str
) -> None:
    empty = FetchState.OK_EMPTY
    kept = [part for part in anna.mercy() if part.state.section is not Section.LABS]
    asked = ["labs.recent", *(["labs.ever"] if ever else [])]
    parts = [*kept, *(section(Section.LABS, search=name, state=empty) for name in asked)]
    made = anna.chart(parts)
    desk = opened.desk_for(made, ranking(made), site=anna.SITE, viewer=anna.VIEWER, as_of=NOW)
    found = Finder(desk).find("PSA")
    assert [state.word for state in found.states] == [word]
