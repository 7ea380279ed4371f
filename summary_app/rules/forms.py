"""What a browser sends, as the services take it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict

from summary_app.rules import queries
from summary_app.rules.models import Department
from summary_app.rules.services import criteria
from summary_app.rules.services.allowed import Refused
from summary_app.rules.services.editing import Rule
from summary_app.rules.services.life import Scope

_MOST_INTERVALS = 8


def rule(sent: QueryDict) -> Rule:
    """The slots of the sentence."""
    whens, months = sent.getlist("when")[:_MOST_INTERVALS], sent.getlist("months")[:_MOST_INTERVALS]
    return Rule(
        item=sent.get("item", "")[:80],
        importance=sent.get("importance", ""),
        place=sent.get("place", "")[:4],
        lookback=sent.get("lookback", "")[:20],
        interval=sent.get("interval", "")[:20],
        intervals=tuple(zip(whens, months, strict=False)),
        applies=sent.get("applies", "")[:600],
        why=sent.get("why", "")[:1000],
        source=" ".join(sent.getlist("source"))[:300],
    )


def scope(sent: QueryDict, *, now: datetime) -> Scope:
    """Where a version shall hold. Raises Refused with the field that cannot be read."""
    percentage = sent.get("percentage", "100") or "100"
    if not percentage.isdigit() or not 1 <= int(percentage) <= 100:
        raise Refused("A percentage is a whole number from 1 to 100.")
    chosen = [department(one) for one in sent.getlist("department") if one]
    return Scope(
        departments=tuple(one for one in chosen if one is not None),
        roles=tuple(one for one in sent.getlist("role") if one in ("physician", "nurse", "cmio")),
        settings=tuple(one for one in sent.getlist("setting") if one in ("clinic", "ward", "ed")),
        percentage=int(percentage),
        starts=_day(sent.get("starts", ""), now),
        shadow=sent.get("shadow") == "1",
        stop_criteria=criteria.read({name: sent.get(name, "") for name in criteria.NAMES}),
    )


def department(sent: str) -> Department | None:
    """The department of an id; None for "". Raises Refused for one that is not there."""
    if not sent:
        return None
    found = next((one for one in queries.departments() if str(one.pk) == sent), None)
    if found is None:
        raise Refused("There is no such department.")
    return found


def _day(sent: str, now: datetime) -> datetime:
    """The start of a day in the site's zone; now for "" and for today."""
    if not sent:
        return now
    try:
        day = datetime.strptime(sent, "%Y-%m-%d")  # noqa: DTZ007  the zone of the site follows
    except ValueError:
        raise Refused("A date looks like 2026-12-01.") from None
    return max(day.replace(tzinfo=ZoneInfo(settings.VISIT_LENS_ZONE)).astimezone(UTC), now)
