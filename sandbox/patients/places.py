"""The invented houses: organizations, clinicians, rooms and beds of both sandbox EHRs."""

from __future__ import annotations

from typing import NamedTuple

from . import terms
from .terms import Resource, coded, concept, reference

TITLES = {"mercy": "Mercy Hospital", "lakeside": "Lakeside Clinic"}
_ROLE = "https://sandbox.visit-lens.example/role"


class Person(NamedTuple):
    """A clinician: name as printed, family, given, role code, specialty."""

    name: str
    family: str
    given: str
    role: str
    specialty: str


class Room(NamedTuple):
    """A room, bed or unit of one server; kind is a code of v3-RoleCode, part the unit it lies in."""

    name: str
    server: str
    kind: str
    physical: str
    part: str = ""


# fmt: off
PEOPLE: dict[str, Person] = {
    "physician": Person("Robin Example, MD", "Example", "Robin", "physician", "Family medicine"),
    "nurse": Person("Pat Nurse-Example, RN", "Nurse-Example", "Pat", "nurse", "Medical nursing"),
    "cmio": Person("Kim Sample, MD", "Sample", "Kim", "cmio", "Clinical informatics"),
    "pharmacist": Person("R. Dummy, PharmD", "Dummy", "Rene", "pharmacist", "Clinical pharmacy"),
    "cardiologist": Person("Casey Placeholder, MD", "Placeholder", "Casey", "physician", "Cardiology"),
    "hospitalist": Person("Jo Standin, MD", "Standin", "Jo", "physician", "Hospital medicine"),
    "ed-physician": Person("Max Trialrun, MD", "Trialrun", "Max", "physician", "Emergency medicine"),
    "ed-nurse": Person("Sky Fiction, RN", "Fiction", "Sky", "nurse", "Emergency nursing"),
    "obstetrician": Person("Lou Mockup, MD", "Mockup", "Lou", "physician", "Obstetrics"),
    "pediatrician": Person("Ari Practice, MD", "Practice", "Ari", "physician", "Pediatrics"),
    "oncologist": Person("Vic Invented, MD", "Invented", "Vic", "physician", "Oncology"),
    "rheumatologist": Person("Sam Prototype, MD", "Prototype", "Sam", "physician", "Rheumatology"),
    "psychiatrist": Person("Dana Notreal, MD", "Notreal", "Dana", "physician", "Psychiatry"),
    "hepatologist": Person("Noel Specimen, MD", "Specimen", "Noel", "physician", "Hepatology"),
    "pulmonologist": Person("Lee Imaginary, MD", "Imaginary", "Lee", "physician", "Pulmonary medicine"),
    "anesthetist": Person("Uma Fabricated, MD", "Fabricated", "Uma", "physician", "Anesthesiology"),
    "night-nurse": Person("Ash Makebelieve, RN", "Makebelieve", "Ash", "nurse", "Medical nursing"),
}
ROOMS: dict[str, Room] = {
    "clinic": Room("Mercy Clinic", "mercy", "OF", "wi"),
    **{f"clinic-{n}": Room(f"Clinic room {n}", "mercy", "OF", "ro", "clinic") for n in range(1, 7)},
    "ed": Room("Emergency department", "mercy", "ER", "wi"),
    **{f"ed-{n}": Room(f"ED {n}", "mercy", "ER", "bd", "ed") for n in (4, 12)},
    "ward-6b": Room("6B", "mercy", "HU", "wi"),
    **{f"ward-6b-{n:02d}": Room(f"6B bed {n:02d}", "mercy", "HU", "bd", "ward-6b") for n in range(1, 17)},
    "infusion": Room("Infusion centre", "mercy", "HU", "wi"),
    "lake": Room("Lakeside Clinic rooms", "lakeside", "OF", "wi"),
    **{f"lake-{n}": Room(f"Lakeside room {n}", "lakeside", "OF", "ro", "lake") for n in range(1, 7)},
    "lake-urgent": Room("Lakeside emergency department", "lakeside", "ER", "wi"),
}
# fmt: on
# Who works at one server under the same key as somebody else at the other: the reviewer of Lakeside is not the author of Mercy.
THERE: dict[tuple[str, str], Person] = {
    ("lakeside", "cmio"): Person(
        "Alex Fictive, MD", "Fictive", "Alex", "cmio", "Clinical informatics"
    ),
}


def person_at(server: str, key: str) -> Person:
    return THERE.get((server, key), PEOPLE[key])


def directory(server: str) -> list[Resource]:
    """Organization, Practitioners and Locations of one server."""
    house: Resource = {
        "resourceType": "Organization",
        "id": server,
        "active": True,
        "name": TITLES[server],
        "type": [coded(terms.TERMINOLOGY + "organization-type", "prov", "Healthcare Provider")],
    }
    people = [_practitioner(server, key, person_at(server, key)) for key in PEOPLE]
    rooms = [_location(key, room) for key, room in ROOMS.items() if room.server == server]
    return [house, *people, *rooms]


def _practitioner(server: str, key: str, person: Person) -> Resource:
    suffix = person.name.rpartition(", ")[2]
    return {
        "resourceType": "Practitioner",
        "id": key,
        "identifier": [
            {"system": f"https://{server}.sandbox.visit-lens.example/staff", "value": key}
        ],
        "active": True,
        "name": [
            {
                "text": person.name,
                "family": person.family,
                "given": [person.given],
                "suffix": [suffix],
            }
        ],
        "qualification": [{"code": concept(person.specialty, (_ROLE, person.role))}],
    }


def _location(key: str, room: Room) -> Resource:
    made: Resource = {
        "resourceType": "Location",
        "id": key,
        "status": "active",
        "name": room.name,
        "mode": "instance",
        "type": [coded(terms.TERMINOLOGY + "v3-RoleCode", room.kind)],
        "physicalType": coded(terms.TERMINOLOGY + "location-physical-type", room.physical),
        "managingOrganization": reference("Organization", room.server, TITLES[room.server]),
    }
    return made | ({"partOf": reference("Location", room.part)} if room.part else {})
