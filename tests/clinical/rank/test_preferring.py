"""Personal preferences over a ranking: reasons for every point, and the floor above all of them."""

from __future__ import annotations

import random

from clinical import rank
from clinical.rank.preferring import Preferences, prefer
from clinical.records import Ranked, Ranking, Visit
from tests.clinical.rank.charts import NOW, chart, concept, encounter, observation, patient
from tests.clinical.rank.test_floor import EVERYTHING, LAST

LIBRARY = rank.load()
A1C = observation(concept("loinc", "4548-4", "A1c"), value=6.0, unit="%", ago=30)
HDL = observation(concept("loinc", "2085-9", "HDL"), value=50, unit="mg/dL", ago=30)
CHART = chart([patient(60), encounter(None, "AMB"), A1C, HDL])
VISIT = Visit(contexts=("diabetes",), titles=("",), basis="", sure=True)


def ranking(preferences: Preferences) -> Ranking:
    found = rank.rank(
        CHART, visit=VISIT, library=LIBRARY, last_seen=None, role="physician", as_of=NOW
    )
    return prefer(found, CHART, preferences, LIBRARY)


def of(found: Ranking, label: str) -> Ranked:
    key = next(row.key for row in CHART.series if label in row.label)
    return next(one for one in found.ranked if one.key == key)


def test_nothing_wanted_changes_nothing() -> None:
    plain = ranking(Preferences())
    assert plain == ranking(Preferences(ways={"lab.tsh": "pin"}))


def test_a_pinned_item_is_must_see_and_says_so() -> None:
    before, after = (
        of(ranking(Preferences()), "HDL"),
        of(ranking(Preferences(ways={"lab.hdl": "pin"})), "HDL"),
    )
    assert (before.importance, after.importance) == ("background", "must")
    assert after.reasons[-1].words == "pinned by you"
    assert round(sum(reason.points for reason in after.reasons), 2) == after.score


def test_a_lowered_item_goes_below_and_is_still_there() -> None:
    found = of(ranking(Preferences(ways={"lab.hba1c": "lower"})), "A1c")
    assert found.importance == "background"
    assert found.reasons[-1].words == "lowered by you"
    assert found.score < of(ranking(Preferences()), "A1c").score


def test_the_order_of_a_department_stays_within_an_importance() -> None:
    found = ranking(Preferences(order=("lab.hdl", "lab.hba1c")))
    assert of(found, "HDL").importance == "background"
    assert of(found, "A1c").reasons[-1].words == "in the order of your department"
    assert of(found, "A1c").score > of(found, "HDL").score


def test_no_preference_lowers_the_floor() -> None:
    made = chart([patient(45), encounter(None, "AMB"), *EVERYTHING])
    visit = Visit(contexts=("general",), titles=("",), basis="", sure=False)
    plain = rank.rank(
        made, visit=visit, library=LIBRARY, last_seen=LAST, role="physician", as_of=NOW
    )
    floor = {one.key: one.floor for one in plain.ranked if one.floor}
    rng = random.Random(7)
    names = sorted(LIBRARY.items)
    for _ in range(200):
        ways = {name: rng.choice(("pin", "lower")) for name in rng.sample(names, 150)}
        order = tuple(rng.sample(names, 60))
        found = prefer(plain, made, Preferences(ways=ways, order=order), LIBRARY)  # type: ignore[arg-type]
        marked = [one for one in found.ranked if one.floor]
        others = [one for one in found.ranked if not one.floor]
        assert {one.key: one.floor for one in marked} == floor
        assert min(one.score for one in marked) > max(one.score for one in others)
        assert {one.key for one in found.ranked} == {one.key for one in plain.ranked}
