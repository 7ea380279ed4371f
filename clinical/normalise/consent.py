"""What a patient laid down about treatment. Source: https://hl7.org/fhir/R4/consent.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clinical import resources as fhir
from clinical.judgement import consents
from clinical.records import Coding, Concept, Consent, NotShown, Provision

from .attachments import attachments
from .reading import Reading


def consent(resource: fhir.Consent, reading: Reading) -> Consent | NotShown:
    """One Consent. One about privacy or research alone is counted and not shown; what is not in force is kept under its
    status.
    """
    if resource.status == "entered-in-error":
        return reading.not_shown(
            resource, "entered-in-error", "the source marked it as entered in error"
        )
    sent = list(_every(resource.provision))
    refused = reading.refusal(resource, sent)
    if refused is not None:
        return refused
    scope = reading.code(resource.scope)
    categories = reading.concepts(resource.category)
    provisions = tuple(_provision(one, reading) for one in sent)
    if consents.is_about_data(scope, categories, provisions):
        return reading.not_shown(
            resource, "not-clinical", "it is about privacy or research, not about treatment"
        )
    attached = (resource.sourceAttachment,) if resource.sourceAttachment is not None else ()
    return Consent(
        source=reading.source(resource),
        concept=Concept(
            codings=_codings(categories, provisions),
            text=consents.words(categories, provisions, reading.text(resource.policyRule)),
        ),
        status=resource.status or "",
        scope=scope,
        categories=categories,
        provisions=provisions,
        unclear=consents.is_unclear(categories, provisions),
        period=provisions[0].period if provisions else None,
        written=reading.time(resource.dateTime),
        document=reading.target(resource.sourceReference),
        verification=_verification(resource),
        attachments=attachments(attached, reading),
        identifiers=reading.identifiers(*resource.identifier or ()),
    )


def _every(sent: fhir.ConsentProvision | None) -> Iterator[fhir.ConsentProvision]:
    """The base rule, then its exceptions, and theirs."""
    waiting = [sent]
    while waiting:
        one = waiting.pop(0)
        if one is not None:
            yield one
            waiting += one.provision or ()


def _provision(sent: fhir.ConsentProvision, reading: Reading) -> Provision:
    return Provision(
        type=sent.type or "", what=reading.concepts(sent.code), period=reading.period(sent.period)
    )


def _codings(categories: Sequence[Concept], provisions: Sequence[Provision]) -> tuple[Coding, ...]:
    every = [*(one for rule in provisions for one in rule.what), *categories]
    return tuple(dict.fromkeys(coding for one in every for coding in one.codings))


def _verification(resource: fhir.Consent) -> str:
    said = {one.verified for one in resource.verification or () if one is not None} - {None}
    if not said:
        return ""
    return "verified" if True in said else "not verified"
