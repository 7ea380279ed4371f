"""The line that a nurse reads first at a visit: when the patient was last seen, and which medicines changed since."""

from __future__ import annotations

from clinical.records import Medication, Section, SectionRecords
from clinical.summary import Viewer, lately
from tests.clinical.reconcile.builders import at, medication, section
from tests.clinical.summary import anna

NEW = (
    "Amlodipine", "Bisoprolol", "Citalopram", "Doxazosin", "Ezetimibe", "Famotidine", "Gabapentin", "Hydralazine",
    "Irbesartan", "Ketoprofen", "Loratadine", "Montelukast",
)  # fmt: skip


def line(parts: list[SectionRecords] | None = None, viewer: Viewer = anna.VIEWER) -> str:
    made = lately.build(anna.summary(parts, viewer=viewer), anna.chart(parts))
    return "".join(part.text for part in made)


def with_medicines(*more: Medication) -> list[SectionRecords]:
    kept = [one for one in anna.everything() if one.state.section != Section.MEDICATIONS]
    return [*kept, section(Section.MEDICATIONS, *more)]


def many() -> list[SectionRecords]:
    started = [medication(n, f"{name} 5 MG", "daily", authored=at(f"2026-09-{n:02}")) for n, name in enumerate(NEW, 1)]  # fmt: skip
    stopped = medication(20, "Glipizide 5 MG", status="stopped", authored=at("2018-01-01"), ends=at("2026-10-01"))  # fmt: skip
    return with_medicines(*started, stopped)


def test_every_medicine_that_changed_is_named_with_its_day_and_its_entry() -> None:
    found = lately.build(anna.summary(many()), anna.chart(many()))
    text = "".join(part.text for part in found)
    assert text.startswith("Last seen by you 12-Aug-2026 · since then ")
    for n, name in enumerate(NEW, 1):
        assert f"{name.lower()} 5 mg {n:02}-Sep" in text  # those in the closed group too
    assert "; stopped" in text or "; started" in text
    assert text.count("started ") == 1
    assert "stopped glipizide 5 mg 01-Oct" in text
    named = [part for part in found if part.strong]
    assert len(named) == 13
    assert all(part.sources and part.href.startswith("#row-") for part in named)


def test_that_nothing_changed_is_said() -> None:
    old = with_medicines(medication(1, "Metformin 1000 MG", "daily", authored=at("2011-03-01")))
    assert line(old) == "Last seen by you 12-Aug-2026 · since then no medicine changed in what was retrieved"  # fmt: skip


def test_a_source_whose_medicines_were_not_read_is_named() -> None:
    parts = anna.without(anna.everything(), "lakeside", Section.MEDICATIONS)
    text = line(parts)
    assert "started dapagliflozin 10 mg" in text
    assert "medicines: not retrieved" in text
    assert "Lakeside" in text


def test_a_patient_not_seen_before_has_nothing_to_compare_with() -> None:
    assert line(viewer=Viewer(name="Dr Lee")) == ""
