"""What a server says about its answer and its records: OperationOutcome and Provenance."""

from __future__ import annotations

from .datatypes import BackboneElement, CodeableConcept, Reference, References, Resource, Strings


class OutcomeIssue(BackboneElement, frozen=True):
    severity: str | None = None
    code: str | None = None
    details: CodeableConcept | None = None
    diagnostics: str | None = None
    location: Strings | None = None
    expression: Strings | None = None


class OperationOutcome(Resource):
    issue: tuple[OutcomeIssue | None, ...] | None = None


class ProvenanceAgent(BackboneElement, frozen=True):
    type: CodeableConcept | None = None
    who: Reference | None = None
    onBehalfOf: Reference | None = None


class Provenance(Resource):
    target: References | None = None
    recorded: str | None = None
    agent: tuple[ProvenanceAgent | None, ...] | None = None
