"""Before a department treats patients: what each still lacks, who has vouched for the shipped packs, and what is unsigned on a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clinical.records import Chart
from summary_app.access.door import Opening
from summary_app.access.models import User
from summary_app.rules import queries
from summary_app.rules.models import Department, SignOff, Transition
from summary_app.rules.services import needs, places, proposals, reading, shipped, steps


@dataclass(frozen=True)
class Signed:
    """One act of signing off. packs: that it was for; changed: of those, packs that say something else by now."""

    clinician: str
    by: str
    at: datetime
    packs: int
    changed: int


@dataclass(frozen=True)
class Place:
    """A department, or the whole site (department: None). missing: in sentences; () = nothing is."""

    department: Department | None
    missing: tuple[str, ...]
    signed: tuple[Signed, ...]


def everywhere() -> tuple[Place, ...]:
    """Every department by its name, then the whole site."""
    found = [Place(one, tuple(needs.before_live(one, one.name)), signed(one)) for one in queries.departments()]  # fmt: skip
    return (*found, Place(None, (), signed(None)))


def signed(department: Department | None) -> tuple[Signed, ...]:
    """Who signed off the shipped packs for exactly this place, the newest first."""
    now = shipped.hashes()
    acts: Counter[tuple[datetime, str, str]] = Counter()
    changed: Counter[tuple[datetime, str, str]] = Counter()
    for one in queries.shipped_sign_offs((department.pk if department is not None else None,)):
        act = (one.at, one.clinician, str(one.by))
        acts[act] += 1
        changed[act] += now.get(one.context) != one.text_hash
    return tuple(
        Signed(name, by, at, packs, changed[at, name, by])
        for (at, name, by), packs in sorted(acts.items(), reverse=True)
    )


def lacking() -> tuple[Place, ...]:
    """Departments that treat patients without what is asked for before; none where nobody is treated."""
    if not needs.site_is_live():
        return ()
    return tuple(
        one
        for one in everywhere()
        if one.department is not None and one.department.live and one.missing
    )


def sign_offs_of(context: str) -> list[SignOff]:
    """Of the shipped pack of a context as it is now, the newest first."""
    found = queries.shipped_sign_offs_of(context, shipped.hashes().get(context, ""))
    return sorted(found, key=lambda one: one.at, reverse=True)


def went_live(user: User, department: Department, *, now: datetime) -> None:
    """It treats patients from now on, or does so no longer: written down among the steps."""
    words = "live" if department.live else "not live"
    steps.write_down(user, words, None, "", "", department.name, now=now)


def refused_live(user: User, missing: Iterable[str], *, now: datetime) -> None:
    """A department was to treat patients and does not: `needs.before_live` names it with each reason."""
    steps.write_down(user, "live", None, "", "", " ".join(missing), now=now, refused=True)


def comings_and_goings() -> list[Transition]:
    """When which department began or ceased to treat patients, or was refused to begin; the newest first."""
    return queries.steps_called(("live", "not live"))


def unsigned(opening: Opening, chart: Chart, rules: Iterable[str]) -> frozenset[str]:
    """Of these rules ("diabetes v1 lab.hba1c") those that nobody has signed off where the opening stands.

    None on a patient of a test EHR: nobody is treated there.
    """
    named = {rule: found for rule in rules if (found := proposals.rule_id(rule)) is not None}
    if opening.connection.test or not named:
        return frozenset()
    there = queries.sign_offs_in(
        places.of_chart(opening, chart).department, {one.context for one in named.values()}
    )
    vouched = set(map(_version_of, there)) - {None}
    return frozenset(
        rule for rule, one in named.items() if (one.context, one.number) not in vouched
    )


def _version_of(one: SignOff) -> tuple[str, int] | None:
    """None for a shipped pack that has changed since."""
    if one.version is not None:
        return one.version.rule_set.context, one.version.number
    if shipped.hashes().get(one.context) != one.text_hash:
        return None
    return one.context, reading.SHIPPED
