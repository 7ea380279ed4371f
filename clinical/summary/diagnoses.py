"""Records without a problem list: the diagnoses of the last visit stand in its place, and that no status was sent is said.

A diagnosis of a visit is never called active (rule 52). Where any problem list entry is known, or the diagnoses carry a
status, this has nothing to say and the usual order holds.
"""

from __future__ import annotations

from clinical import dates
from clinical.records import Encounter, FhirTime, Frozen, Item, Problem
from clinical.summary import fmt, problems
from clinical.summary.desk import Desk

Visit = tuple[str, str]  # (server, reference of the encounter)


class OfVisits(Frozen, frozen=True):
    """keys: the diagnoses of the last visit. when: its day in words, "" when it is not known. total: of all visits."""

    keys: frozenset[str]
    when: str
    total: int

    @property
    def aside(self) -> str:
        """Beside the heading: "of the visit 20-Nov, status not recorded"."""
        visit = f"of the visit {self.when}" if self.when else "of visits"
        return f"{visit}, status not recorded"

    @property
    def counted(self) -> str:
        """In a sentence: "20 diagnoses of visits, status not recorded"."""
        noun = fmt.plural(self.total, "diagnosis of a visit", "diagnoses of visits")
        return f"{noun}, status not recorded"


def leading(desk: Desk, most: int) -> list[Item]:
    """The first of the last visit, diseases before states, in the order of the ranking."""
    bare = of_visits(desk)
    if bare is None:
        return []
    ranked = sorted(desk.in_order(("problem",)), key=lambda entry: problems.standing(desk, entry))
    return [desk.items[entry.key] for entry in ranked if entry.key in bare.keys][:most]


def of_visits(desk: Desk) -> OfVisits | None:
    """None unless every problem that is known is a diagnosis of a visit without a status."""
    found = desk.chart.problems
    if not found or not all(_is_bare(item) for item in found):
        return None
    seen: dict[Visit, list[str]] = {}
    for item in found:
        for visit in {_visit(one) for one in item.members or (item.lead,)}:
            seen.setdefault(visit, []).append(item.key)
    times = _times(desk)
    dated = [visit for visit in seen if visit in times]
    if not dated:
        return OfVisits(keys=frozenset(item.key for item in found), when="", total=len(found))
    last = max(dated, key=lambda visit: (times[visit].start, visit))
    return OfVisits(keys=frozenset(seen[last]), when=desk.when_short(times[last]), total=len(found))


def _is_bare(item: Item) -> bool:
    return all(
        isinstance(one, Problem)
        and not problems.is_listed(one)
        and not one.clinical
        and one.verification in ("", "confirmed")
        and one.abatement is None
        for one in item.members or (item.lead,)
    )


def _visit(record: object) -> Visit:
    return (record.source.server, record.encounter) if isinstance(record, Problem) else ("", "")


def _times(desk: Desk) -> dict[Visit, FhirTime]:
    """When each visit began, those that cannot be right left out."""
    return {
        (record.source.server, record.source.reference): record.period
        for item in desk.chart.encounters
        for record in item.members or (item.lead,)
        if isinstance(record, Encounter)
        and record.period is not None
        and not dates.implausible(record.period, as_of=desk.as_of)
    }
