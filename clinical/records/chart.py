"""One record from many sources."""

from __future__ import annotations

from .core import Patient
from .results import Observation
from .sections import NotShown, Record
from .states import Frozen, SearchState


class Conflict(Frozen, frozen=True):
    """Sources differ where it could change care. what: "dose", "criticality", "status" …

    sides: (server, what it says in words), worst first.
    """

    what: str
    sides: tuple[tuple[str, str], ...]


class Item(Frozen, frozen=True):
    """One thing a clinician would name, with every contributing record.

    kind: the record tag ("problem", "allergy", …). key: stable whatever the order of arrival.
    lead: the record whose words are shown (the worst where sources differ). members: all of them, lead included,
    in a stable order.
    """

    kind: str
    key: str
    label: str
    lead: Record
    members: tuple[Record, ...]
    conflicts: tuple[Conflict, ...] = ()


class Point(Frozen, frozen=True):
    """One measurement. record: whose value is shown. also: the same measurement from other sources."""

    record: Observation
    also: tuple[Observation, ...] = ()


class Break(Frozen, frozen=True):
    """The line may not go on from point `after` (an index into points) to the next. why: "unit", "method" …"""

    after: int
    why: str
    before_words: str
    after_words: str


class Series(Frozen, frozen=True):
    """All measurements of one analyte or vital sign that a clinician reads as one row, oldest first.

    Points without a time, or with one that cannot be right, stand in `undated`. codes: every (system, code) met, and the LOINC code of a mapping. mapping:
    "" when the sources' own codes said so; else "suggested" by name, "confirmed" by a person, or "unmapped".
    """

    key: str
    label: str
    category: str
    codes: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    undated: tuple[Point, ...] = ()
    breaks: tuple[Break, ...] = ()
    mapping: str = ""
    conflicts: tuple[Conflict, ...] = ()  # different values for the same moment

    @property
    def latest(self) -> Point:
        """The newest point; an undated one only when there is no other."""
        return self.points[-1] if self.points else self.undated[-1]


class Chart(Frozen, frozen=True):
    """The reconciled record of one patient. patients: one per source, the launching one first."""

    patients: tuple[Patient, ...]
    series: tuple[Series, ...] = ()
    problems: tuple[Item, ...] = ()
    allergies: tuple[Item, ...] = ()
    medications: tuple[Item, ...] = ()
    administrations: tuple[Item, ...] = ()
    cultures: tuple[Item, ...] = ()  # kind "microbiology": lead is the Observation that is the test
    reports: tuple[Item, ...] = ()
    documents: tuple[Item, ...] = ()
    studies: tuple[Item, ...] = ()
    procedures: tuple[Item, ...] = ()
    immunizations: tuple[Item, ...] = ()
    encounters: tuple[Item, ...] = ()
    appointments: tuple[Item, ...] = ()
    orders: tuple[Item, ...] = ()
    care_plans: tuple[Item, ...] = ()
    goals: tuple[Item, ...] = ()
    devices: tuple[Item, ...] = ()
    flags: tuple[Item, ...] = ()
    consents: tuple[Item, ...] = ()
    family: tuple[Item, ...] = ()
    states: tuple[SearchState, ...] = ()
    not_shown: tuple[NotShown, ...] = ()
