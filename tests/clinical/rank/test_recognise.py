"""Which visit it is, from reasons as they are really written; vague ones are not guessed."""

from __future__ import annotations

import pytest

from clinical import rank
from clinical.records import Visit
from tests.clinical.rank.charts import NOW, Body, chart, concept, day, encounter, patient, problem

LIBRARY = rank.load()
FORTY = 40.0


def visit(
    reason: Body | None = None,
    *,
    kind: str = "AMB",
    age: float = FORTY,
    sex: str = "female",
    extra: tuple[Body, ...] = (),
    chosen: str | None = None,
) -> Visit:
    made = chart([patient(age, sex), encounter(reason, kind), *extra])
    return rank.recognise(
        made, encounter_id="today", as_of=NOW, library=LIBRARY, chosen=chosen, role="physician"
    )


def said(
    text: str, *, kind: str = "AMB", age: float = FORTY, sex: str = "female"
) -> tuple[str, ...]:
    return visit(concept(text=text), kind=kind, age=age, sex=sex).contexts


def said_by(*reasons: Body) -> Visit:
    """The visit of an encounter with several reasons."""
    made = chart([patient(FORTY), {**encounter(None), "reasonCode": list(reasons)}])
    return rank.recognise(
        made, encounter_id="today", as_of=NOW, library=LIBRARY, chosen=None, role="physician"
    )


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("E11.9", "diabetes"), ("E119", "diabetes"), ("E10.65", "diabetes"), ("I50.22", "heart_failure"),
        ("I11.0", "heart_failure"), ("J44.9", "asthma_copd"), ("J45.40", "asthma_copd"), ("Z34.83", "prenatal"),
        ("F32.9", "depression"), ("M05.9", "rheumatoid_dmard"), ("Z00.00", "annual_wellness"),
    ],
)  # fmt: skip
def test_a_code_of_the_reason(code: str, first: str) -> None:
    found = visit(concept("icd-10-cm", code, "as sent"))
    assert found.contexts[0] == first
    assert found.sure
    assert f"from encounter reason {code}" in found.basis


def test_diabetes_with_kidney_disease_is_both() -> None:
    found = visit(concept("icd-10-cm", "E11.22", "Type 2 diabetes with diabetic CKD"))
    assert "diabetes" in found.contexts


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("diabetes f/u", "diabetes"), ("DM2 recheck", "diabetes"), ("dm2", "diabetes"), ("A1c check", "diabetes"),
        ("CHF follow up", "heart_failure"), ("COPD", "asthma_copd"), ("asthma, refill inhaler", "asthma_copd"),
        ("prenatal visit", "prenatal"), ("28 weeks gestation", "prenatal"), ("depression f/u", "depression"),
        ("mood", "depression"), ("RA f/u", "rheumatoid_dmard"), ("ra", "rheumatoid_dmard"),
        ("rheumatoid arthritis", "rheumatoid_dmard"), ("annual physical", "annual_wellness"),
        ("physical", "annual_wellness"), ("Annual visit", "annual_wellness"), ("AWV", "annual_wellness"),
    ],
)  # fmt: skip
def test_words_of_the_reason(text: str, first: str) -> None:
    assert said(text)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "f/u", "F/U visit", "follow up", "refill", "check", "check up", "", "med refill", "results", "labs", "new patient",
        "return visit", "discuss results", "paperwork", "not feeling well", "fatigue", "referral", "pt here for visit",
        "physical therapy eval", "PT/physical therapist referral", "spray bottle injury", "brain fog", "drama at home",
        "SpO2 98% on RA", "abdominal pain", "cough", "rash", "back pain", "knee injury", "suture removal",
        "family history of diabetes", "denies chest pain", "no depression", "depression screening",
        "diabetes insipidus", "pregnancy test", "h/o asthma as a child", "screening for diabetes", "CP",
        "HISTORY OF RA AND CP IN THE FAMILY", "sports physical", "carpal tunnel", "father with heart failure",
    ],
)  # fmt: skip
def test_vague_and_lookalike_reasons_are_not_guessed(text: str) -> None:
    found = visit(concept(text=text) if text else None)
    if found.contexts != (
        "general",
    ):  # a context of its own may know the words; these eight must not
        pytest.fail(f"{text!r} was taken for {found.contexts}: {found.basis}")
    assert not found.sure


def test_chest_pain_of_a_diabetic_in_the_emergency_department() -> None:
    diabetic = problem(concept("icd-10-cm", "E11.9", "Type 2 diabetes"))
    found = visit(concept(text="chest pain"), kind="EMER", extra=(diabetic,))
    assert found.contexts == ("ed_chest_pain",)
    assert found.setting == "ed"
    assert said("CP", kind="EMER") == ("ed_chest_pain",)


@pytest.mark.parametrize("reason", ["anemia", "diabetes", "COPD exacerbation"])
def test_a_reason_of_the_clinic_does_not_replace_the_ward_round(reason: str) -> None:
    found = visit(concept(text=reason), kind="IMP")
    assert found.contexts[-1] == "ward_round"
    assert len(found.contexts) > 1
    assert found.basis == f"from encounter reason “{reason}”"
    assert "from the kind of encounter, in-patient" in found.basis_also


COPD_FLARE = concept("icd-10-cm", "J44.1", "COPD with acute exacerbation")


def test_a_narrower_context_replaces_the_broader_one() -> None:
    assert said_by(COPD_FLARE).contexts == ("copd",)
    assert said_by(COPD_FLARE, concept(text="COPD, inhaler not helping")).contexts == ("copd",)
    assert said_by(COPD_FLARE, concept("icd-10-cm", "J44.9")).contexts == ("copd",)
    listed = problem(concept("icd-10-cm", "J44.9", "Chronic obstructive pulmonary disease"))
    assert visit(COPD_FLARE, kind="IMP", extra=(listed,)).contexts == ("copd", "ward_round")


@pytest.mark.parametrize(
    "also",
    [concept(text="asthma"), concept("icd-10-cm", "J45.901"), concept("icd-10-cm", "J96.10")],
)
def test_the_broader_context_stays_when_a_reason_goes_beyond_the_narrower(also: Body) -> None:
    assert said_by(COPD_FLARE, also).contexts == ("copd", "asthma_copd")


def test_the_broader_context_stays_when_the_problem_list_goes_beyond_the_narrower() -> None:
    asthma = problem(concept("icd-10-cm", "J45.40", "Moderate persistent asthma"))
    assert visit(COPD_FLARE, extra=(asthma,)).contexts == ("copd", "asthma_copd")
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    over = {**asthma, "clinicalStatus": {"coding": [{"system": status, "code": "resolved"}]}}
    assert visit(COPD_FLARE, extra=(over,)).contexts == ("copd",)


def test_without_the_narrower_context_the_broader_one_holds() -> None:
    assert visit(COPD_FLARE, age=30).contexts == ("asthma_copd",)


def test_a_context_of_the_ward_stands_alone() -> None:
    assert visit(concept(text="ADHF"), kind="IMP").contexts == ("heart_failure_ward",)


def test_the_strongest_basis_alone_is_the_short_one() -> None:
    found = said_by(concept("icd-10-cm", "E11.22", "T2DM with CKD"), concept(text="depression"))
    assert found.basis == "from encounter reason E11.22"
    assert found.basis_also == ("from encounter reason “depression”",)


def test_several_reasons_merge() -> None:
    found = said("diabetes and depression follow-up")
    assert set(found) == {"diabetes", "depression"}


def test_a_problem_list_makes_no_visit() -> None:
    diabetic = problem(concept("icd-10-cm", "E11.9", "Type 2 diabetes"))
    found = visit(None, extra=(diabetic,))
    assert found.contexts == ("general",)
    assert not found.sure
    assert found.basis == "no reason for the visit was sent"


def test_what_was_said_stands_in_the_basis() -> None:
    found = visit(concept(text="f/u"))
    assert "f/u" in found.basis
    assert found.titles == ("General visit",)


@pytest.mark.parametrize(
    ("kind", "setting"),
    [("AMB", "clinic"), ("VR", "clinic"), ("HH", "clinic"), ("EMER", "ed"), ("IMP", "ward"), ("ACUTE", "ward"), ("OBSENC", "ward")],
)  # fmt: skip
def test_the_setting_comes_from_the_class(kind: str, setting: str) -> None:
    assert visit(None, kind=kind).setting == setting


def test_a_context_is_not_for_everybody() -> None:
    assert "prenatal" not in said("prenatal visit", sex="male")
    assert "diabetes" not in said("diabetes", age=9)
    assert said("diabetes", age=19)[0] == "diabetes"


def test_the_clinician_chooses() -> None:
    found = visit(concept("icd-10-cm", "E11.9"), chosen="depression")
    assert found.contexts == ("depression",)
    assert found.chosen
    assert found.sure
    assert visit(concept("icd-10-cm", "E11.9"), chosen="nothing").contexts[0] == "diabetes"


def test_the_appointment_speaks_when_the_encounter_does_not() -> None:
    from msgspec.structs import replace

    from clinical.records import Appointment, Concept, FhirTime, Item, Source

    made = chart([patient(FORTY), encounter(None)])
    start = FhirTime(start=NOW, end=NOW, precision="second", text=day(0), zone_known=True)
    booked = Appointment(
        source=Source(server="mercy", reference="Appointment/a"),
        status="booked",
        start=start,
        reasons=(Concept(text="heart failure"),),
    )
    item = Item(kind="appointment", key="a", label="", lead=booked, members=(booked,))
    found = rank.recognise(
        replace(made, appointments=(item,)),
        encounter_id="today",
        as_of=NOW,
        library=LIBRARY,
        chosen=None,
        role="nurse",
    )
    assert found.contexts == ("heart_failure",)
    assert found.basis == "from appointment reason “heart failure”"


def test_an_appointment_of_another_day_says_nothing() -> None:
    from datetime import timedelta

    from msgspec.structs import replace

    from clinical.records import Appointment, Concept, FhirTime, Item, Source

    then = NOW - timedelta(days=9)
    booked = Appointment(
        source=Source(server="mercy", reference="Appointment/a"),
        status="booked",
        start=FhirTime(start=then, end=then, precision="second", text="", zone_known=True),
        reasons=(Concept(text="heart failure"),),
    )
    item = Item(kind="appointment", key="a", label="", lead=booked, members=(booked,))
    made = replace(chart([patient(FORTY)]), appointments=(item,))
    found = rank.recognise(
        made, encounter_id="", as_of=NOW, library=LIBRARY, chosen=None, role="physician"
    )
    assert found.contexts == ("general",)
