"""200 reasons as they are really written (reasons.toml): a context is right, or it is not claimed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from clinical import rank
from clinical.records import Visit
from tests.clinical.rank.charts import NOW, chart, concept, encounter, patient

LIBRARY = rank.load()
REASONS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("reasons.toml").read_text("utf-8")
)["reason"]


def recognised(case: dict[str, Any]) -> Visit:
    reason = concept(text=case["text"]) if case["text"] else None
    made = chart(
        [
            patient(case.get("age", 52), case.get("sex", "female")),
            encounter(reason, case.get("kind", "AMB")),
        ]
    )
    return rank.recognise(
        made, encounter_id="today", as_of=NOW, library=LIBRARY, chosen=None, role="physician"
    )


def test_there_are_200_and_about_half_say_too_little() -> None:
    assert len(REASONS) == 200
    assert 95 <= sum(1 for case in REASONS if not case["may"]) <= 105
    assert {context for case in REASONS for context in case["may"]} <= set(LIBRARY.packs)


@pytest.mark.parametrize("case", REASONS, ids=lambda case: case["text"] or "nothing sent")
def test_no_context_is_confidently_wrong(case: dict[str, Any]) -> None:
    found = recognised(case)
    if found.sure:
        assert set(found.contexts) <= set(case["may"]), found.basis
    else:
        assert found.contexts == ("general",)


def test_most_of_what_is_said_is_understood() -> None:
    """Saying "not known" to everything would be never wrong, and of no use."""
    telling = [case for case in REASONS if case["may"]]
    understood = [case for case in telling if recognised(case).sure]
    assert len(understood) >= 0.9 * len(telling)
