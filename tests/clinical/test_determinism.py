"""Same input, same output, byte for byte, whatever the order of arrival; and every entry is accounted for."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
import pytest

from clinical.pipeline import Built, build_summary
from clinical.records import Section, SectionRecords
from tests.clinical import authored

SHUFFLES, PARTS = 1000, 4


def page(parts: Sequence[SectionRecords], server: str, patient: str) -> Built:
    return build_summary(
        parts,
        site=authored.SITE,
        viewer=authored.VIEWER,
        library=authored.LIBRARY,
        launch_server=server,
        encounter_id=f"visit-{patient}",
        as_of=authored.NOW,
    )


def shuffled(parts: Sequence[SectionRecords], dice: random.Random) -> list[SectionRecords]:
    """Searches end in another order, and each brings its entries in another order."""
    found = []
    for part in parts:
        records, hidden = list(part.records), list(part.not_shown)
        dice.shuffle(records)
        dice.shuffle(hidden)
        found.append(msgspec.structs.replace(part, records=tuple(records), not_shown=tuple(hidden)))
    dice.shuffle(found)
    return found


def written(built: Built) -> bytes:
    return msgspec.json.encode((built.ranking, built.summary))


_KEPT = {Section.LABS: 4, Section.MEDICATIONS: 3}


def small() -> list[SectionRecords]:
    """A few entries of every section and source of a patient with two sources that differ."""
    found = []
    for part in authored.sections("mercy", "t2dm-ckd"):
        whole = part.state.section in (Section.PATIENT, Section.ENCOUNTERS, Section.APPOINTMENTS)
        kept = part.records if whole else part.records[-_KEPT.get(part.state.section, 1) :]
        if kept:
            found.append(msgspec.structs.replace(part, records=kept))
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_orders_of_arrival_give_the_same_page(part: int) -> None:
    parts, dice = small(), random.Random(part)
    expected = written(page(parts, "mercy", "t2dm-ckd"))
    assert b"otassium" in expected
    for _ in range(SHUFFLES // PARTS):
        assert written(page(shuffled(parts, dice), "mercy", "t2dm-ckd")) == expected


@pytest.mark.parametrize(("server", "patient"), authored.patients())
def test_every_patient_in_another_order_is_the_same_page(server: str, patient: str) -> None:
    parts, dice = authored.sections(server, patient), random.Random(patient)
    expected = written(page(parts, server, patient))
    for _ in range(2):
        assert written(page(shuffled(parts, dice), server, patient)) == expected


@pytest.mark.parametrize(("server", "patient"), authored.patients())
def test_the_ledger_adds_up_to_what_was_retrieved(server: str, patient: str) -> None:
    parts = authored.sections(server, patient)
    summary = page(parts, server, patient).summary
    received = sum(len(part.records) + len(part.not_shown) for part in parts)
    assert received > 0
    assert sum(line.count for line in summary.ledger) == received
