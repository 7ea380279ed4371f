"""Learning from use: what is looked for in visits whose list does not have it, as proposals with their evidence.

Nothing changes by itself: a proposal is a link to a draft that a person writes and another one approves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinical import codes
from clinical.rank.library import Library, Pack
from summary_app.rules import queries
from summary_app.rules.models import UseCount
from summary_app.rules.services import in_force, reading
from summary_app.rules.services.proposals import RuleId

_DAYS = 90
LEAST_CLINICIANS = 5  # fewer could be told apart by those who know the place
LEAST_PERCENT = 10.0  # of the visits
_MOST = 50
_Kind = UseCount.Kind
_LOOKED_FOR = (_Kind.FOUND, _Kind.LEFT_OUT)
_ROLES = {"physician": "physicians", "nurse": "nurses", "cmio": "the team"}


@dataclass(frozen=True)
class Sought:
    """One item that clinicians look for in visits of a context. listed: its importance there; "" = it is not on the list.

    rule: of the version that holds, where a draft begins. item: library id, "" for a code that belongs to none. roles: those that looked five times or more.
    """

    context: str
    title: str
    item: str
    label: str
    listed: str
    looked_for: int
    left_out: int
    remarks: int
    visits: int
    clinicians: int
    roles: tuple[tuple[str, int], ...]
    rule: RuleId

    @property
    def words(self) -> str:
        where = f"is on the list as {self.listed}" if self.listed else "is not on the list"
        said = (
            f"{self.label} was looked for in {self.looked_for} of {self.visits} visits of “{self.title}” "
            f"by {self.clinicians} clinicians and {where}"
        )
        said += f"; {self.left_out} times it was among what was left out" if self.left_out else ""
        return said + (f"; {self.remarks} remarks" if self.remarks else "")

    @property
    def proposed(self) -> str:
        if not self.item:
            return "make it an item of this site and list it"
        return "raise its importance" if self.listed else "list it"


def found(*, now: datetime) -> tuple[Sought, ...]:
    """The last 90 days, the largest share of visits first. Nothing of fewer than five clinicians, or of one visit in ten."""
    since = (now - timedelta(days=_DAYS)).date()
    numbers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    roles: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in queries.uses(since=since):
        numbers[one.context, one.item][one.kind] += one.number
        if one.kind in _LOOKED_FOR:
            roles[one.context, one.item][one.role] += one.number
    people = queries.users_of_items(since=since)
    lines = []
    for (context, item), counts in numbers.items():
        visits = numbers[context, ""][_Kind.VISIT] if (context, "") in numbers else 0
        who = people.get((context, item), 0)
        made = _sought(context, item, counts, visits, who, roles[context, item]) if item else None
        if made is not None:
            lines.append(made)
    return tuple(sorted(lines, key=lambda one: (-one.looked_for / one.visits, one.label))[:_MOST])


def _sought(
    context: str, item: str, counts: Counter[str], visits: int, people: int, roles: Counter[str]
) -> Sought | None:
    """None where the numbers are too small, or where it stands on the list as must-see already."""
    looked = min(sum(counts[kind] for kind in _LOOKED_FOR), visits)
    if people < LEAST_CLINICIANS or not visits or 100 * looked / visits < LEAST_PERCENT:
        return None
    library = in_force.library_of_site()
    pack = library.packs.get(context)
    listed = _listed(pack, item)
    if pack is None or listed == "must":
        return None
    known = item if item in library.items else ""
    return Sought(
        context=context,
        title=pack.title,
        item=known,
        label=_label(library, item),
        listed=listed,
        looked_for=looked,
        left_out=counts[_Kind.LEFT_OUT],
        remarks=counts[_Kind.WRONG],
        visits=visits,
        clinicians=people,
        roles=tuple(
            (_ROLES.get(role, role), number)
            for role, number in roles.most_common()
            if number >= LEAST_CLINICIANS
        ),
        rule=RuleId(context, _number(context), known),
    )


def _listed(pack: Pack | None, item: str) -> str:
    if pack is None:
        return ""
    return next((one.importance for one in pack.listed if one.item == item), "")


def _label(library: Library, item: str) -> str:
    if item in library.items:
        return library.items[item].label
    system, _, code = item.partition("|")
    name = library.codes.get((system, code))
    where = "LOINC" if system == codes.LOINC else system
    return f"{name.name} ({where} {code})" if name is not None else f"{where} {code}"


def _number(context: str) -> int:
    """Of the version of the newest roll-out; the shipped one without any."""
    held = in_force.standing().rollouts
    return next((one.number for one in held if one.context == context), reading.SHIPPED)
