"""Consents: which way a rule goes is said as sent, never softened; privacy and research are counted, not shown."""

from __future__ import annotations

from typing import Any

import pytest

from clinical import codes

from .builders import concept, hidden, other, shown

SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
DNR = concept("304253006", system=codes.SNOMED, display="Not for resuscitation")
CPR = concept(text="Cardiopulmonary resuscitation")
BLOOD = concept(text="Transfusion of blood product")
WILL = concept("45473-6", display="Living will")


def consent(*rules: tuple[str, Any], scope: str = "adr", kind: Any = WILL, **more: Any) -> Any:
    """rules: (type, code); the first is the base rule, the others its exceptions."""
    made = [({"type": how} if how else {}) | {"code": [what]} for how, what in rules]
    base = {"provision": made[0] | ({"provision": made[1:]} if made[1:] else {})} if made else {}
    about = concept(scope, system=SCOPE) if scope else None
    return other("Consent", status="active", scope=about, category=[kind], **(base | more))


READ_IT = ": may hold a refusal, read it"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (consent(("", DNR)), "Not for resuscitation (Living will)"),
        (consent(("permit", DNR)), "Not for resuscitation (Living will)"),
        (consent(("deny", DNR)), "Not for resuscitation, marked “deny” (Living will)" + READ_IT),
        (consent(("deny", CPR)), "Refused: Cardiopulmonary resuscitation (Living will)"),
        (consent(("permit", CPR)), "Permitted: Cardiopulmonary resuscitation (Living will)"),
        (consent(("", CPR)), "Cardiopulmonary resuscitation, permitted or refused not said (Living will)" + READ_IT),
        (consent(("deny", BLOOD), scope="treatment"), "Refused: Transfusion of blood product (Living will)"),
        (consent(("permit", concept(text="Full code"))), "Full code (Living will)"),
        (consent(("deny", concept(text="Full code"))), "Refused: Full code (Living will)"),
        (consent(("deny", concept(text="Hospice"))), "Hospice, marked “deny” (Living will)" + READ_IT),
        (consent(("permit", CPR), ("deny", concept(text="Intubation"))), "Permitted: Cardiopulmonary resuscitation; Refused: Intubation (Living will)"),
        (consent(kind=concept("dnr", system=codes.CONSENT_CATEGORY)), "Do not resuscitate"),
        (consent(kind=concept("84095-9")), "Do not resuscitate"),
        (consent(kind=WILL), "Living will"),
        (consent(kind=WILL, provision={"type": "deny"}), "Living will, marked “deny”" + READ_IT),
        (consent(("permit", CPR), kind=concept("84095-9")), "Permitted: Cardiopulmonary resuscitation; Do not resuscitate" + READ_IT),
        (consent(("deny", BLOOD), kind=concept("ICOL", system=codes.ACT_CODE)), "Refused: Transfusion of blood product"),
        (other("Consent", provision={"type": "deny"}), "treatment that has no name, marked “deny”" + READ_IT),
        (other("Consent", policyRule=concept(text="State form 12")), "State form 12: read it"),
        (other("Consent"), "Consent that does not say to what: read it"),
    ],
)  # fmt: skip
def test_which_way_a_consent_goes_is_said_and_never_softened(sent: Any, words: str) -> None:
    found = shown(sent)
    assert found.concept.text == words
    assert found.unclear is words.endswith(READ_IT)


@pytest.mark.parametrize(
    "sent",
    [
        consent(("deny", concept(text="Discharge summary")), scope="patient-privacy", kind=concept("59284-0")),
        consent(("permit", concept("42348-3")), scope="patient-privacy", kind=concept("64292-6")),
        consent(scope="research", kind=concept("research", system=codes.CONSENT_CATEGORY)),
        consent(scope="", kind=concept("npp", system=codes.CONSENT_CATEGORY)),
    ],
)  # fmt: skip
def test_privacy_and_research_are_counted_and_not_shown(sent: Any) -> None:
    assert hidden(sent).reason == "not-clinical"


@pytest.mark.parametrize("scope", ["patient-privacy", "research", "", "adr", "other"])
def test_an_order_not_to_resuscitate_is_kept_whatever_scope_it_was_sent_with(scope: str) -> None:
    assert shown(consent(("", DNR), scope=scope, kind=concept("59284-0"))).concept.codings
    assert shown(consent(scope=scope, kind=concept("84095-9"))).concept.text == "Do not resuscitate"


def test_all_that_a_consent_says_of_itself_is_kept() -> None:
    found = shown(
        consent(
            ("deny", CPR),
            dateTime="2011-02-19",
            sourceReference={"reference": "DocumentReference/d1"},
            sourceAttachment={"contentType": "application/pdf", "title": "Form", "url": "Binary/1"},
            verification=[{"verified": False}],
        )
    )
    assert (found.status, found.scope, found.document) == ("active", "adr", "DocumentReference/d1")
    assert (found.written.text, found.verification) == ("2011-02-19", "not verified")
    assert [one.title for one in found.attachments] == ["Form"]
    assert [(rule.type, rule.what[0].text) for rule in found.provisions] == [
        ("deny", "Cardiopulmonary resuscitation")
    ]


def test_a_modifier_on_an_exception_is_not_interpreted() -> None:
    inside = {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}
    sent = consent(("deny", CPR), provision={"provision": [{"provision": [inside]}]})
    assert hidden(sent).reason == "not-understood"
