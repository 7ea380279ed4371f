"""Lists of patients that an EHR keeps: Group, List and CareTeam (FHIR R4, only the elements this product reads)."""

from __future__ import annotations

from .datatypes import BackboneElement, CodeableConcept, Period, Reference, Resource


class GroupMember(BackboneElement, frozen=True):
    entity: Reference | None = None
    period: Period | None = None
    inactive: bool | None = None


class Group(Resource):
    active: bool | None = None
    type: str | None = None
    actual: bool | None = None
    name: str | None = None
    code: CodeableConcept | None = None
    quantity: int | None = None
    managingEntity: Reference | None = None
    member: tuple[GroupMember | None, ...] | None = None


class ListEntry(BackboneElement, frozen=True):
    deleted: bool | None = None
    item: Reference | None = None


class List(Resource):
    status: str | None = None
    mode: str | None = None
    title: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    source: Reference | None = None
    entry: tuple[ListEntry | None, ...] | None = None
    emptyReason: CodeableConcept | None = None


class CareTeamParticipant(BackboneElement, frozen=True):
    member: Reference | None = None
    onBehalfOf: Reference | None = None
    period: Period | None = None


class CareTeam(Resource):
    status: str | None = None
    name: str | None = None
    subject: Reference | None = None
    period: Period | None = None
    participant: tuple[CareTeamParticipant | None, ...] | None = None
