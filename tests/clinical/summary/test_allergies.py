"""The allergy slot: nothing softened, nothing denied, nothing dropped."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clinical.records import Allergy, FetchState, Reaction, Section, SectionRecords
from clinical.summary.view_model import SlotLine
from tests.clinical.reconcile.builders import SNOMED, allergy, at, concept, medication, nka, section
from tests.clinical.summary import anna


def rash(severity: str = "mild", text: str = "Rash") -> Reaction:
    return Reaction(manifestations=(concept(text),), severity=severity)


def lines(*mercy: Any, lakeside: tuple[Any, ...] = (), **more: Any) -> list[SlotLine]:
    """The slot when the two sources hold exactly these allergies."""
    parts = [p for p in anna.everything() if p.state.section is not Section.ALLERGIES]
    parts += [
        section(Section.ALLERGIES, *mercy),
        section(Section.ALLERGIES, *lakeside, server="lakeside", **more),
    ]
    return slot(parts)


def slot(parts: list[SectionRecords]) -> list[SlotLine]:
    found = next(s for s in anna.summary(parts).safety if s.key == "allergies")
    return list(found.lines)


def test_a_mild_rash_and_a_high_risk_are_both_said_and_loud() -> None:
    (line,) = lines(allergy(1, criticality="high", reactions=(rash(),)))
    assert (line.text, line.loud) == ("Penicillin: high risk, rash", True)


def test_a_severe_reaction_with_plain_words_is_called_severe() -> None:
    (line,) = lines(allergy(1, criticality="low", reactions=(rash("severe"),)))
    assert (line.text, line.loud) == ("Penicillin: rash (severe)", True)


def test_a_second_reaction_is_never_dropped() -> None:
    second = Reaction(manifestations=(concept("Anaphylaxis"),))
    (line,) = lines(allergy(1, reactions=(rash(), second)))
    assert (line.text, line.loud) == ("Penicillin: rash, anaphylaxis", True)


def test_the_reactions_of_every_source_stand_in_the_line() -> None:
    here = allergy(1, criticality="high", reactions=(rash("severe", "Hives"),))
    there = allergy(2, server="lakeside", criticality="high", reactions=(rash("severe", "Shock"),))
    (line,) = lines(here, lakeside=(there,))
    assert line.text == "Penicillin: hives (severe), shock"


def test_what_a_milder_source_says_stands_below_and_not_in_the_line() -> None:
    severe = Reaction(manifestations=(concept("Anaphylaxis"),), severity="severe")
    here = allergy(1, criticality="high", onset=at("1994-01-01"), reactions=(severe,))
    there = allergy(
        2, server="lakeside", criticality="low", reactions=(rash("mild", "Minor rash"),)
    )
    found = lines(here, lakeside=(there,))
    assert found[0].text == "Penicillin: anaphylaxis 1994"
    assert "Lakeside: low, Minor rash (mild)" in found[1].text


def test_a_severe_manifestation_in_another_language_is_known_by_its_code() -> None:
    reaction = Reaction(manifestations=(concept("Anafylaxi", "39579001", SNOMED),))
    (line,) = lines(allergy(1, reactions=(reaction,)))
    assert line.loud


def test_a_dressing_is_not_a_severe_reaction() -> None:
    (line,) = lines(allergy(1, reactions=(rash("mild", "Redness under the dressing"),)))
    assert not line.loud


def test_a_missing_status_is_said_and_counts_as_active() -> None:
    (line,) = lines(allergy(1, clinical=""))
    assert line.text == "Penicillin: (status not stated)"


def test_an_unconfirmed_allergy_is_labelled_and_not_dropped() -> None:
    (line,) = lines(allergy(1, verification="unconfirmed"))
    assert line.text == "Penicillin: (unconfirmed)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clinical": "resolved"}, "resolved"),
        ({"clinical": "inactive"}, "inactive"),
        ({"verification": "refuted"}, "refuted"),
    ],
)
def test_what_is_no_longer_active_is_named_and_never_reads_as_nothing(
    change: dict[str, str], words: str
) -> None:
    (line,) = lines(allergy(1, **change))
    assert line.text == f"no longer active: Penicillin ({words})"
    assert line.state is None
    assert line.sources == ("mercy/AllergyIntolerance/1",)


def test_no_known_drug_allergies_says_nothing_about_food() -> None:
    (line,) = lines(msgspec.structs.replace(nka(1), negation_scope="drug"))
    assert line.state is not None
    assert line.state.word == "None known"
    assert line.state.detail.startswith("for drugs only, other kinds not stated · Mercy:")


def test_none_known_by_one_source_is_not_the_word_when_another_was_never_asked() -> None:
    (line,) = lines(nka(1), state=FetchState.NOT_CONNECTED)
    assert line.state is not None
    assert line.state.word == "Not available"
    assert line.state.detail == "Lakeside · Mercy: no known allergies"


def test_every_conflict_of_an_allergy_is_shown() -> None:
    here = allergy(1, criticality="high")
    there = allergy(2, server="lakeside", criticality="low")
    third = allergy(3, server="lakeside", verification="refuted")
    found = lines(here, lakeside=(there, third))
    assert [line.differs for line in found] == [False, True, True]
    assert "refuted" in found[2].text


# ---- do not give ----------------------------------------------------------------------------------------------


def with_medicines(*records: Any) -> list[SectionRecords]:
    parts = [p for p in anna.everything() if p.state.section is not Section.MEDICATIONS]
    return [*parts, section(Section.MEDICATIONS, *records)]


def test_do_not_give_stands_in_the_safety_line_and_never_among_medicines() -> None:
    parts = with_medicines(
        medication(1, "Metformin 500 MG", "daily"),
        medication(2, "Ibuprofen 400 MG Oral Tablet", avoid=True),
    )
    last = slot(parts)[-1]
    assert last.text.startswith("DO NOT GIVE Ibuprofen")
    assert last.strong
    assert last.sources == ("mercy/MedicationRequest/2",)
    page = anna.summary(parts)
    block = next(b for b in page.blocks if b.key == "medications")
    rows = [*block.rows, *(row for group in block.groups for row in group.rows)]
    assert not [row for row in rows if "mercy/MedicationRequest/2" in row.sources]
    assert [row for row in rows if "mercy/MedicationRequest/1" in row.sources]


def test_an_order_not_to_give_that_ended_is_no_medicine_that_was_stopped() -> None:
    parts = with_medicines(
        medication(2, "Ibuprofen 400 MG", avoid=True, status="completed", authored=at("2020-01-01"))
    )
    assert not [line for line in slot(parts) if "DO NOT GIVE" in line.text]
    block = next(b for b in anna.summary(parts).blocks if b.key == "medications")
    (row,) = block.groups[0].rows
    assert anna.text(row.parts).startswith("No longer in force: do not give Ibuprofen")  # type: ignore[union-attr]


def test_what_is_said_of_one_kind_stands_beside_a_real_allergy() -> None:
    found = lines(allergy(1), *about_one_kind())
    assert [line.text for line in found] == [
        "Penicillin",
        "Mercy: no known latex allergy, not asked about food allergy",
    ]
    assert found[1].sources == ("mercy/AllergyIntolerance/2", "mercy/AllergyIntolerance/3")


def test_not_asked_about_one_kind_is_not_lost_behind_none_known_of_another() -> None:
    found = lines(*about_one_kind())
    (state,) = [line.state for line in found if line.state is not None]
    assert "no known latex allergy" in state.detail
    assert [line.text for line in found if line.text] == ["Mercy: not asked about food allergy"]


def about_one_kind() -> tuple[Allergy, Allergy]:
    latex = msgspec.structs.replace(
        nka(2), concept=concept("No known latex allergy"), negation_scope="latex"
    )
    food = msgspec.structs.replace(
        nka(3),
        concept=concept("Not asked about food allergy"),
        negation="not-asked",
        negation_scope="food",
    )
    return latex, food
