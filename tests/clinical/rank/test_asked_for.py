"""What a visit asks for is worked out from the records: the newest value, what is taken now, nothing out of its window."""

from __future__ import annotations

from tests.bench.asked_for import asked_for
from tests.clinical import authored


def test_a_need_is_answered_by_the_newest_value_and_by_what_is_taken_now() -> None:
    found = asked_for("mercy", "ward-gi-bleed", "ward_round")
    needs = {need.item: need for need in found.needs}
    chart = authored.built("mercy", "ward-gi-bleed").chart
    row = next(row for row in chart.series if row.label.startswith("Hemoglobin [Mass"))
    assert len(row.points) > 1
    assert needs["lab.hemoglobin"].importance == "must"
    assert needs["lab.hemoglobin"].sources == {row.latest.record.source.token}
    assert found.listed > {point.record.source.token for point in row.points}


def test_what_is_not_on_record_is_not_asked_for_and_the_floor_stands_apart() -> None:
    found = asked_for("mercy", "ward-appendix", "ward_round")
    assert not [need for need in found.needs if not need.sources]
    assert "lab.inr" not in {need.item for need in found.needs}
    assert {name.partition(":")[0] for name, _ in found.floor} >= {"floor.code_status"}
    assert all(sources <= found.right for _, sources in found.floor)


def test_another_visit_asks_for_other_things() -> None:
    own = asked_for("mercy", "af-warfarin", "atrial_fibrillation")
    other = asked_for("mercy", "af-warfarin", "gout")
    assert own.contexts == ("atrial_fibrillation",)
    assert other.contexts == ("gout",)
    assert {n.item for n in own.needs} != {n.item for n in other.needs}
