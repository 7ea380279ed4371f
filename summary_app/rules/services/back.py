"""Where a roll-back leads: only to what has held in that place already, or may be published there."""

from __future__ import annotations

from datetime import datetime

from summary_app.rules import queries
from summary_app.rules.models import Rollout, RuleSetVersion
from summary_app.rules.services import needs, reading
from summary_app.rules.services.allowed import Refused


def choices(rollout: Rollout) -> tuple[RuleSetVersion, ...]:
    """Versions to which this roll-out may go back, the newest first; the shipped one is always possible and not named."""
    known = queries.versions(rollout.version.rule_set.context)
    return tuple(
        one for one in known if one.number != rollout.version.number and not _why_not(one, rollout)
    )


def chosen(rollout: Rollout, to: int | None) -> RuleSetVersion | None:
    """The version that must be rolled out again; None = nothing: what is open holds, else what ships. Raises Refused."""
    if to is None or to == reading.SHIPPED:
        return None
    known = queries.versions(rollout.version.rule_set.context)
    found = next((one for one in known if one.number == to), None)
    if found is None or found.pk == rollout.version_id:
        raise Refused("Only a version that was published before can come back.")
    if reason := _why_not(found, rollout):
        raise Refused(reason)
    return found


def beside(rollout: Rollout) -> list[Rollout]:
    """Other open roll-outs of the context that hold in the same place and nowhere else. Raises Refused.

    One that reaches further cannot end with this place: others would lose their rules without having been asked.
    """
    found = [one for one in _open(rollout) if _meet(one, rollout)]
    wider = [f"v{one.version.number}" for one in found if not _covers(rollout, one)]
    if wider:
        names = " and ".join(dict.fromkeys(wider))
        raise Refused(f"{names} holds there too, and elsewhere: roll that back first.")
    return found


def words(rollout: Rollout, to: int | None) -> str:
    """What will hold there, for the record."""
    if to is not None:
        return f"v{to}"
    under = next((one for one in _open(rollout) if _covers(one, rollout)), None)
    if under is not None:
        return f"v{under.version.number}"
    return f"v{reading.SHIPPED}, where no other roll-out holds"


def _why_not(version: RuleSetVersion, rollout: Rollout) -> str:
    if not version.published:
        return "Only a version that was published before can come back."
    if trouble := reading.can_be_read(version):
        return f"This release cannot read it: {trouble}"
    held = (one for one in queries.rollouts_of(version.pk) if not one.shadow)
    if any(_covers(one, rollout) and _with_patients(one, rollout) for one in held):
        return ""
    missing = needs.missing(version, list(rollout.departments.all()))
    return " ".join(("It has never held there with patients.", *missing)) if missing else ""


def _with_patients(held: Rollout, rollout: Rollout) -> bool:
    """Whether it held since each department of the place began to treat patients; before, nobody vouched for it."""
    if held.ended is None:
        return True
    began: dict[str, datetime] = {}
    for step in (one for one in queries.steps_called(("live",)) if not one.refused):
        began[step.why] = max(step.at, began.get(step.why, step.at))
    places = list(rollout.departments.all()) or queries.departments()
    return all(held.ended > began[one.name] for one in places if one.live and one.name in began)


def _open(rollout: Rollout) -> list[Rollout]:
    context = rollout.version.rule_set.context
    return [
        one
        for one in queries.open_rollouts()
        if one.pk != rollout.pk and not one.shadow and one.version.rule_set.context == context
    ]


def _covers(one: Rollout, other: Rollout) -> bool:
    """Whether `one` holds wherever `other` does. The percentage is left aside: openings of a place are alike."""
    pairs = zip(_scope(one), _scope(other), strict=True)
    return all(not wide or (narrow and narrow <= wide) for wide, narrow in pairs)


def _meet(one: Rollout, other: Rollout) -> bool:
    pairs = zip(_scope(one), _scope(other), strict=True)
    return all(not mine or not yours or mine & yours for mine, yours in pairs)


def _scope(one: Rollout) -> tuple[frozenset[str], ...]:
    """Departments, roles, settings; empty = all of them."""
    departments = frozenset(each.name for each in one.departments.all())
    return departments, frozenset(one.roles.split()), frozenset(one.settings.split())
