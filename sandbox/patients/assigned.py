"""Lakeside's assignment of patients to the nurse: it has no beds, so a list and a care team say who is whose."""

from __future__ import annotations

from . import chestpain, depression, heartfailure, rheumatoid, wellness
from .clock import Clock
from .places import PEOPLE
from .terms import TERMINOLOGY, Resource, coded, reference

_NURSE = "nurse"


def lakeside(clock: Clock) -> list[Resource]:
    return [_list(clock), _team(clock, wellness.KEY), _team(clock, heartfailure.KEY)]


def _list(clock: Clock) -> Resource:
    """Three patients, one who is no longer on it, and one who is named in words only."""
    on_it = (rheumatoid.KEY, heartfailure.KEY, chestpain.KEY)
    return {
        "resourceType": "List",
        "id": "nurse-observation",
        "status": "current",
        "mode": "working",
        "title": "Observation room",
        "code": coded(TERMINOLOGY + "list-example-codes", "patients", "Patient List"),
        "date": clock.hours(1),
        "source": _nurse(),
        "entry": [
            *({"item": reference("Patient", key)} for key in on_it),
            {"item": reference("Patient", depression.KEY), "deleted": True},
            {"item": {"display": "Walk-in, not registered yet"}},
        ],
    }


def _team(clock: Clock, key: str) -> Resource:
    return {
        "resourceType": "CareTeam",
        "id": f"team-{key}",
        "status": "active",
        "name": "Nurse-led follow-up",
        "subject": reference("Patient", key),
        "period": {"start": clock.date(90)},
        "participant": [{"member": _nurse()}, {"member": reference("Patient", key)}],
    }


def _nurse() -> Resource:
    return reference("Practitioner", _NURSE, PEOPLE[_NURSE].name)
