"""Which procedures are operations: by the source's category, else by words; everything else is only a procedure."""

from __future__ import annotations

import pytest

from clinical.codes import SNOMED
from clinical.judgement.surgery import is_operation
from clinical.records import Procedure, Section, SectionRecords
from clinical.summary.view_model import Summary
from tests.clinical.reconcile.builders import concept, section, source
from tests.clinical.summary import anna

OPERATIONS = (
    "Laparoscopic appendectomy", "Other craniotomy", "Total hip replacement", "Replacement of aortic valve",
    "Coronary artery bypass graft", "Cesarean section", "Implantation of pacemaker", "Repair of inguinal hernia",
    "Other operations on carotid body, carotid sinus and other vascular bodies", "Extraction of wisdom tooth",
    "Kidney transplantation", "Spinal fusion", "Resection of right lung, open approach", "Tubal ligation",
)  # fmt: skip
OTHERS = (
    "20 Gauge", "Family updated by RN", "Chest X-Ray", "EKG", "Blood Cultured", "Arterial Line", "PICC Line",
    "Hemodialysis", "Colonoscopy", "Transfusion of packed red cells", "Infusion of antibiotic", "Fetal anatomy study",
    "Therapeutic phlebotomy", "Surgery consultation", "Transplant evaluation", "Tracheostomy care", "OR Received",
    "Biopsy of prostate", "Excision of stomach, endoscopic approach, diagnostic", "Renal replacement therapy",
    "Screening for surgical risk", "Depression screening", "Documentation of current medications",
)  # fmt: skip


def procedure(text: str, number: int = 1, kind: str = "", status: str = "completed") -> Procedure:
    category = concept("", kind, SNOMED) if kind else None
    return Procedure(source=source(f"Procedure/{number}"), concept=concept(text), category=category, status=status)  # fmt: skip


@pytest.mark.parametrize("text", OPERATIONS)
def test_an_operation_is_known_by_its_words(text: str) -> None:
    assert is_operation(procedure(text))
    assert not is_operation(procedure(text, status="not-done"))


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_done_at_a_bedside_is_no_operation(text: str) -> None:
    assert not is_operation(procedure(text))


def test_the_category_of_the_source_counts_before_the_words() -> None:
    assert is_operation(procedure("Stage 2", kind="387713003"))
    assert not is_operation(procedure("Appendectomy pathway", kind="409073007"))


def row(*parts: SectionRecords) -> str:
    kept = [p for p in anna.everything() if p.state.section is not Section.PROCEDURES]
    found: Summary = anna.summary([*kept, *parts])
    (own,) = [one for one in found.history if one.key == "history-surgical"]
    return "".join(part.text for part in own.parts)


def test_the_surgical_history_counts_operations_and_the_others_apart() -> None:
    drawn = [procedure("20 Gauge", 1), procedure("Family updated by RN", 2)]
    hip = procedure("Total hip replacement", 3)
    assert row(section(Section.PROCEDURES, *drawn, hip)) == (
        "Surgical 1 operation and 2 other procedures, under Exams"
    )
    assert row(section(Section.PROCEDURES, hip)) == "Surgical 1 operation, under Exams"
    assert row(section(Section.PROCEDURES, *drawn)) == (
        "Surgical 2 procedures, none known to be an operation, under Exams"
    )


def test_an_operation_that_was_not_begun_is_not_one_of_the_history() -> None:
    hip, ahead = procedure("Total hip replacement", 1), procedure("Mastectomy", 2, status="preparation")  # fmt: skip
    assert row(section(Section.PROCEDURES, hip, ahead)) == (
        "Surgical 1 operation, 1 in preparation, under Exams"
    )
    assert row(section(Section.PROCEDURES, ahead)) == "Surgical 1 in preparation, under Exams"


def test_no_operation_is_not_said_over_a_source_that_did_not_answer() -> None:
    told = row(section(Section.PROCEDURES, procedure("EKG")), *anna.failed("lakeside", Section.PROCEDURES))  # fmt: skip
    assert "Not retrieved from Lakeside" in told
