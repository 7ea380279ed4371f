"""When the reason for the visit is not known: the patient's own problems and medicines lead, and little is missed."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from clinical.records import Ranked
from tests.clinical import authored


class Missed(NamedTuple):
    must: int
    missed: tuple[str, ...]


def seen(entry: Ranked) -> bool:
    return entry.importance in ("must", "should") or bool(entry.floor)


def compared(server: str, patient: str) -> Missed:
    """What the recognised context calls must-see, and what of it the general context does not list."""
    known = authored.built(server, patient).ranking
    if "general" in known.visit.contexts:
        return Missed(0, ())
    general = authored.built(server, patient, choice="general").ranking
    where = {entry.key: entry for entry in general.ranked}
    must = [entry for entry in known.ranked if entry.importance == "must"]
    missed = tuple(one.listed[0] for one in must if not seen(where[one.key]))
    return Missed(len(must), missed)


def test_the_general_context_misses_little_of_what_the_known_visit_must_see() -> None:
    found = [compared(*one) for one in authored.patients()]
    total = sum(one.must for one in found)
    assert total > 400
    missed = sum(len(one.missed) for one in found)
    assert 1 - missed / total >= 0.95


@pytest.mark.parametrize("patient", ["t2dm-ckd", "heart-failure", "af-warfarin", "cirrhosis"])
def test_a_lasting_disease_brings_its_whole_list(patient: str) -> None:
    found = compared("mercy", patient)
    assert found.must >= 10
    assert found.missed == ()


def test_it_does_not_list_everything() -> None:
    general = authored.built("mercy", "t2dm-ckd", choice="general").ranking
    rows = [entry for entry in general.ranked if entry.kind == "series"]
    assert sum(1 for entry in rows if seen(entry)) <= 0.7 * len(rows)
