from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from clinical.errors import SourceError
from clinical.fhir.capability import read_capability
from clinical.fhir.connection import Connection
from clinical.fhir.lookup import patients_with, schedule_of
from clinical.fhir.probe import Report, probe

from .conftest import AS_OF, PATIENT, connection_to
from .fake_ehr import Asked, FakeEhr, Json, Reply, entry, observation, reply, searchset

Start = Callable[..., FakeEhr]


def configuration(ehr: FakeEhr) -> Json:
    return {
        "authorization_endpoint": f"{ehr.base}/authorize",
        "token_endpoint": f"{ehr.base}/token",
        "code_challenge_methods_supported": ["S256"],
    }


def friendly(ehr: FakeEhr, asked: Asked) -> Reply | None:
    if asked.path.startswith(".well-known"):
        return reply(configuration(ehr))
    return None


def checked(ehr: FakeEhr, **kind: object) -> Report:
    return probe(connection_to(ehr), now=lambda: AS_OF, **kind)  # type: ignore[arg-type]


def verdicts(report: Report) -> dict[str, str]:
    return {line.what: line.verdict for line in report.lines}


def test_a_good_connection_has_a_line_for_everything(start: Start) -> None:
    ehr = start([PATIENT, observation(1, "2026-06-01")], hook=friendly)
    report = checked(ehr)
    found = verdicts(report)
    assert found["discovery"] == found["capability statement"] == "works"
    assert found["labs.recent"] == found["allergies"] == "works"
    assert report.usable
    assert all(line.words for line in report.lines)


def test_what_does_not_work_is_named_with_what_to_do(start: Start) -> None:
    def partly(ehr: FakeEhr, asked: Asked) -> Reply | None:
        refusals = {"Condition": Reply(403), "Flag": Reply(404), "Goal": Reply(500)}
        return refusals.get(asked.path) or friendly(ehr, asked)

    report = checked(start(hook=partly), patient_id="1", granted_scopes=None)
    found = verdicts(report)
    assert found["problems"] == found["goals"] == "does not work"
    assert found["flags"] == "not offered"
    assert all(line.remedy for line in report.lines if line.verdict == "does not work")


def test_scopes_that_are_missing_are_in_the_report(start: Start) -> None:
    report = checked(start(hook=friendly), patient_id="1", granted_scopes=["patient/Patient.r"])
    assert verdicts(report)["allergies"] == "does not work"


def test_a_wrong_base_url_stops_at_the_first_lines(start: Start) -> None:
    report = checked(start(hook=lambda ehr, asked: Reply(200, b"<html>Welcome</html>")))
    assert set(verdicts(report).values()) == {"does not work"}
    assert not report.usable
    assert "web page" in report.lines[0].words


def test_nothing_there_at_all(start: Start) -> None:
    ehr = start()
    ehr.stop()
    report = checked(ehr)
    assert [line.verdict for line in report.lines] == ["does not work"] * 2
    assert "nothing answers" in report.lines[0].words


def test_a_token_that_is_not_given_is_a_line(start: Start) -> None:
    def refused() -> str:
        raise SourceError("Mercy does not accept this application's registration.", remedy="Ask.")

    ehr = start(hook=friendly)
    connection = Connection("mercy", "Mercy", ehr.base, token=refused)
    report = probe(connection, now=lambda: AS_OF)
    assert verdicts(report)["token"] == "does not work"
    assert not report.usable


def test_no_patient_to_search_with(start: Start) -> None:
    found = verdicts(checked(start([], hook=friendly)))
    assert found["searches"] == "not checked"


def test_another_version_of_fhir_is_said(start: Start) -> None:
    def old(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path == "metadata":
            return reply({"resourceType": "CapabilityStatement", "fhirVersion": "3.0.2"})
        return friendly(ehr, asked)

    lines = {line.what: line for line in checked(start(hook=old)).lines}
    assert "3.0.2" in lines["capability statement"].words


def test_an_imperfect_capability_statement_is_read_as_far_as_it_goes() -> None:
    body = json.dumps(
        {
            "resourceType": "CapabilityStatement",
            "fhirVersion": 4,
            "software": "x",
            "vendor": {},
            "rest": [
                None,
                {
                    "resource": [
                        {"type": "Patient", "interaction": [{"code": "read"}, {}, None]},
                        {"type": 7},
                        {"type": "Flag", "searchInclude": ["a", 7], "searchParam": "x"},
                    ]
                },
            ],
        }
    ).encode()
    found = read_capability(body)
    assert found.offers("Patient", "read")
    assert not found.offers("Patient", "search-type")
    assert found.offers("Flag", "search-type")
    assert not found.offers("Condition", "read")


@pytest.mark.parametrize(
    "body", [b"{}", b"<html>", b"", b'{"resourceType":"Bundle"}', b'{"a":NaN}']
)
def test_what_is_no_capability_statement(body: bytes) -> None:
    with pytest.raises(SourceError, match="Mercy"):
        read_capability(body, source="Mercy")


# ---- look-ups


def test_a_patient_is_found_by_identifier(start: Start) -> None:
    def found(ehr: FakeEhr, asked: Asked) -> Reply:
        assert asked.one("identifier") == "urn:oid:1.2|A 1"
        return reply(searchset([entry(ehr, {"resourceType": "Patient", "id": "9"})]))

    fetched = patients_with(
        connection_to(start(hook=found)), "urn:oid:1.2", "A 1", now=lambda: AS_OF
    )
    assert [each.id for each in fetched.matches] == ["9"]


@pytest.mark.parametrize("answer", [Reply(500), Reply(403), reply(searchset([{"resource": 7}]))])
def test_half_an_answer_makes_no_link(start: Start, answer: Reply) -> None:
    ehr = start(hook=lambda ehr, asked: answer)
    with pytest.raises(SourceError):
        patients_with(connection_to(ehr), "urn:oid:1.2", "1", now=lambda: AS_OF)


def test_a_bare_number_is_no_identifier(start: Start) -> None:
    with pytest.raises(ValueError, match="system"):
        patients_with(connection_to(start()), "", "1", now=lambda: AS_OF)


def test_the_schedule_of_a_day_is_about_many_patients(start: Start) -> None:
    def day(ehr: FakeEhr, asked: Asked) -> Reply:
        assert asked.all("date") == ["ge2026-06-15", "lt2026-06-16"]
        slots = [
            {
                "resourceType": "Appointment",
                "id": f"a{n}",
                "participant": [{"actor": {"reference": f"Patient/{n}"}}],
            }
            for n in range(3)
        ]
        return reply(searchset([entry(ehr, slot) for slot in slots]))

    fetched = schedule_of(connection_to(start(hook=day)), AS_OF.date(), now=lambda: AS_OF)
    assert len(fetched.matches) == 3
    assert fetched.state.state == "ok"


def test_the_ways_to_the_patients_of_a_board_are_in_the_report(start: Start) -> None:
    def declares(ehr: FakeEhr, asked: Asked) -> Reply | None:
        if asked.path == "metadata":
            kinds = [{"type": kind} for kind in ("Patient", "List", "CareTeam")]
            statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
            return reply({**statement, "rest": [{"resource": kinds}]})
        return friendly(ehr, asked)

    ehr = start([PATIENT], hook=declares)
    granted = ["system/Patient.rs", "system/List.rs"]
    report = checked(ehr, granted_scopes=granted, people=["Practitioner/5"])
    found = {what: verdict for what, verdict in verdicts(report).items() if "board" in what}
    assert found == {
        "board: care teams": "does not work",
        "board: lists": "works",
        "board: groups": "not offered",
    }
    assert [a.one("source") for a in ehr.asked if a.path == "List"] == ["Practitioner/5"]
    assert report.usable
    nobody = verdicts(checked(ehr, granted_scopes=granted))
    assert nobody["board: lists"] == "not checked"
