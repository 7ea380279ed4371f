"""Which rules hold for an opening, asked with every page. What is in force is read at most two seconds late."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from clinical import rank
from clinical.rank import ruleset
from clinical.rank.library import Library
from clinical.rank.ruleset_file import RuleSetInvalid
from summary_app.rules import queries
from summary_app.rules.models import Rollout
from summary_app.rules.services import reading

log = logging.getLogger(__name__)
_SECONDS = 2.0  # a change is in force everywhere within five


class Where(NamedTuple):
    """What a roll-out may ask of an opening. department: name, "" = not known. bucket: 0 to 99, by the opening's id."""

    department: str
    role: str
    setting: str
    bucket: int


@dataclass(frozen=True)
class RolloutOf:
    """A roll-out as openings need it. departments, roles, settings: empty = all of them."""

    id: int
    context: str
    number: int
    text: str
    departments: frozenset[str]
    roles: frozenset[str]
    settings: frozenset[str]
    percentage: int
    starts: datetime
    shadow: bool

    def holds(self, where: Where, now: datetime) -> bool:
        return (
            self.starts <= now
            and where.bucket < self.percentage
            and (not self.departments or where.department in self.departments)
            and (not self.roles or where.role in self.roles)
            and (not self.settings or where.setting in self.settings)
        )


@dataclass(frozen=True)
class Standing:
    """revision, stopped: as the row says. rollouts: that have not ended, the newest first."""

    revision: int
    stopped: bool
    rollouts: tuple[RolloutOf, ...]


@dataclass(frozen=True)
class InForce:
    """library: to rank with. versions: context -> number of the version that replaces the shipped one."""

    library: Library
    versions: Mapping[str, int]
    stopped: bool = False


_lock = threading.Lock()
_kept: tuple[float, Standing] | None = None
_stopped: Library | None = None


def standing() -> Standing:
    """What is in force, at most two seconds old."""
    global _kept
    known = _kept
    if known is not None and time.monotonic() - known[0] < _SECONDS:
        return known[1]
    row = queries.standing()
    if known is not None and known[1].revision == row.revision and known[1].stopped == row.stopped:
        found = known[1]
    else:
        rollouts = tuple(map(_rollout, queries.open_rollouts()))
        found = Standing(row.revision, row.stopped, rollouts)
    with _lock:
        _kept = (time.monotonic(), found)
    return found


def forget() -> None:
    """After a change in this process, and between tests."""
    global _kept
    with _lock:
        _kept = None


def _rollout(row: Rollout) -> RolloutOf:
    return RolloutOf(
        id=row.pk,
        context=row.version.rule_set.context,
        number=row.version.number,
        text=row.version.text,
        departments=frozenset(one.name for one in row.departments.all()),
        roles=frozenset(row.roles.split()),
        settings=frozenset(row.settings.split()),
        percentage=row.percentage,
        starts=row.starts,
        shadow=row.shadow,
    )


def bucket_of(opening_id: str) -> int:
    """0 to 99, the same for the same opening in every process."""
    return int.from_bytes(hashlib.sha256(opening_id.encode()).digest()[:4], "big") % 100


def stamp(opening_id: str, now: datetime) -> str:
    """Changes whenever the rules of this opening may have: part of what a kept page was made from."""
    held = standing()
    if not held.revision:
        return ""
    bucket = bucket_of(opening_id)
    active = [
        f"{one.id}{'+' if bucket < one.percentage else '-'}"
        for one in held.rollouts
        if one.starts <= now
    ]
    return f"{held.revision}{'!' if held.stopped else ''}:{','.join(active)}"


def rules_for(where: Where, *, now: datetime) -> InForce:
    """What holds there now; of several roll-outs of a context the newest. Never raises: what cannot be read is left out."""
    held = standing()
    if held.stopped:
        return InForce(without_rules(), {}, stopped=True)
    return _made_of(chosen(held.rollouts, where, now=now))


def chosen(rollouts: Iterable[RolloutOf], where: Where, *, now: datetime) -> dict[str, RolloutOf]:
    """Context -> the roll-out that holds there."""
    found: dict[str, RolloutOf] = {}
    for one in rollouts:
        if not one.shadow and one.context not in found and one.holds(where, now):
            found[one.context] = one
    return found


def shadows_of(where: Where, *, now: datetime) -> tuple[RolloutOf, ...]:
    """Roll-outs that are computed silently there."""
    held = standing()
    return tuple(
        one for one in held.rollouts if one.shadow and not held.stopped and one.holds(where, now)
    )


def with_shadow(shadow: RolloutOf, where: Where, *, now: datetime) -> InForce:
    """What would hold if the shadow were published there."""
    held = chosen(standing().rollouts, where, now=now)
    return _made_of({**held, shadow.context: shadow})


def library_of_site() -> Library:
    """Of each context the version of the newest roll-out, wherever it holds and silent ones too; for what is no opening's."""
    held = standing()
    newest: dict[str, RolloutOf] = {}
    for one in () if held.stopped else held.rollouts:
        if one.context not in newest and _is_usable(one):
            newest[one.context] = one
    return reading.library_of(one.text for one in newest.values())


def codes_asked_for() -> tuple[str, ...]:
    """LOINC codes that a pull asks for whatever their age: what ships, and what any version in force adds to it.

    Made once for the same roll-outs. At a site that added none, the shipped ones.
    """
    return _codes_of(library_of_site(), _texts(), rank.visit_codes)


def reports_asked_for() -> tuple[str, ...]:
    """LOINC codes of the examinations whose reports a pull asks for whatever their age; made as `codes_asked_for`."""
    return _codes_of(library_of_site(), _texts(), rank.report_codes)


def _texts() -> tuple[str, ...]:
    """What any version in force says, each text once."""
    return tuple(dict.fromkeys(one.text for one in standing().rollouts if _is_usable(one)))


@lru_cache(maxsize=8)
def _codes_of(
    site: Library,
    texts: tuple[str, ...],
    codes_of: Callable[[Library, Iterable[str]], tuple[str, ...]],
) -> tuple[str, ...]:
    libraries = (rank.load(), site, *(reading.library_of((text,)) for text in texts))
    lists = (codes_of(one, rank.all_contexts(one)) for one in libraries)
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


def _made_of(found: Mapping[str, RolloutOf]) -> InForce:
    usable = {context: one for context, one in found.items() if _is_usable(one)}
    library = reading.library_of(one.text for one in usable.values())
    return InForce(library, {context: one.number for context, one in usable.items()})


def _is_usable(one: RolloutOf) -> bool:
    """A version that an older release could read and this one cannot gives way to the shipped pack; the team is told."""
    try:
        reading.read(one.text)
    except RuleSetInvalid as error:
        log.error("Rule set %s v%s cannot be used: %s", one.context, one.number, error)
        return False
    return True


def without_rules() -> Library:
    """What is left when the rules are stopped: newest first, and the floor."""
    global _stopped
    with _lock:
        if _stopped is None:
            _stopped = ruleset.stopped(reading.library_of(()))
        return _stopped
