"""What a clinician pins or lowers on their own screen, inside the bounds of the team; always reversible."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime

from clinical import rank
from clinical.rank.preferring import NONE, Preferences
from summary_app.access.models import User
from summary_app.rules import queries
from summary_app.rules.models import Preference
from summary_app.rules.services import in_force
from summary_app.rules.services.allowed import Refused

_SECONDS = 2.0
_kept: dict[int, tuple[float, dict[str, str]]] = {}


def of(user_id: int, department: str, contexts: tuple[str, ...]) -> Preferences:
    """Of the person, and of the department where this visit is; nothing while the rules are stopped."""
    if in_force.standing().stopped:
        return NONE
    order = queries.orders(department, contexts) if department else ()
    return Preferences(ways=_ways(user_id), order=order)  # type: ignore[arg-type]  # stored ones are checked


def stamp(user_id: int) -> str:
    """Changes with any preference of the person: part of what a kept page was made from."""
    ways = _ways(user_id)
    return hashlib.sha256(str(sorted(ways.items())).encode()).hexdigest()[:12] if ways else ""


def set_way(user: User, item: str, way: str, *, now: datetime) -> None:
    """way: "pin", "lower", or "" to take it back. Raises Refused with the bound that it would break."""
    if way and (item not in rank.load().items or way not in Preference.Way.values):
        raise Refused("There is no such item.")
    mine = Preference.objects.filter(user=user)
    if not way:
        mine.filter(item=item).delete()
        _kept.pop(user.pk, None)
        return
    bounds = queries.bounds()
    if way == Preference.Way.LOWER and item in bounds.never_lowered.split():
        raise Refused("The team has decided that nobody lowers this item.")
    most = bounds.most_pinned if way == Preference.Way.PIN else bounds.most_lowered
    if mine.filter(way=way).exclude(item=item).count() >= most:
        raise Refused(f"At most {most} items can be {Preference.Way(way).label}.")
    Preference.objects.update_or_create(user=user, item=item, defaults={"way": way, "at": now})
    _kept.pop(user.pk, None)


def mine(user: User) -> tuple[tuple[str, str, str], ...]:
    """(item, label, way in words), in order of their labels."""
    items = rank.load().items
    found = [
        (item, items[item].label if item in items else item, Preference.Way(way).label)
        for item, way in queries.preferences(user.pk).items()
    ]
    return tuple(sorted(found, key=lambda one: one[1]))


def forget() -> None:
    _kept.clear()


def _ways(user_id: int) -> dict[str, str]:
    known = _kept.get(user_id)
    if known is not None and time.monotonic() - known[0] < _SECONDS:
        return known[1]
    bounds = queries.bounds().never_lowered.split()
    found = {
        item: way
        for item, way in queries.preferences(user_id).items()
        if not (way == Preference.Way.LOWER and item in bounds)
    }
    _kept[user_id] = (time.monotonic(), found)
    return found
