"""The invented patients of the sandbox EHRs: histories that hold together, with dates relative to now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from . import (
    anemia,
    assigned,
    asthma,
    chemo,
    chestpain,
    child,
    childasthma,
    cirrhosis,
    copd,
    depression,
    diabetes,
    epilepsy,
    gout,
    heartfailure,
    hiv,
    hypothyroid,
    lipids,
    medreview,
    newcomer,
    osteoporosis,
    postdischarge,
    pregnancy,
    preop,
    rheumatoid,
    sepsis,
    stroke,
    traps,
    twentyyears,
    twin,
    ward,
    warfarin,
    wellness,
)
from .clock import Clock
from .places import directory
from .terms import Resource

_Author = Callable[[Clock], list[Resource]]
_AUTHORS: dict[str, tuple[_Author, ...]] = {
    "mercy": (
        diabetes.mercy,
        heartfailure.mercy,
        chestpain.mercy,
        sepsis.mercy,
        copd.mercy,
        ward.mercy,
        warfarin.mercy,
        pregnancy.mercy,
        child.mercy,
        chemo.mercy,
        cirrhosis.mercy,
        asthma.mercy,
        preop.mercy,
        traps.mercy,
        twentyyears.mercy,
        newcomer.mercy,
        anemia.mercy,
        epilepsy.mercy,
        gout.mercy,
        medreview.mercy,
        stroke.mercy,
        childasthma.mercy,
        postdischarge.mercy,
    ),
    "lakeside": (
        diabetes.lakeside,
        heartfailure.lakeside,
        chestpain.lakeside,
        pregnancy.lakeside,
        asthma.lakeside,
        rheumatoid.lakeside,
        depression.lakeside,
        wellness.lakeside,
        twin.lakeside,
        assigned.lakeside,
        childasthma.lakeside,
        hiv.lakeside,
        hypothyroid.lakeside,
        lipids.lakeside,
        osteoporosis.lakeside,
        postdischarge.lakeside,
        anemia.lakeside,
        gout.lakeside,
        medreview.lakeside,
        stroke.lakeside,
    ),
}

# What is wrong on purpose (type/id): refused by every strict reader, or odd in another way (dates, references).
UNREADABLE = traps.UNREADABLE
WRONG_ON_PURPOSE = UNREADABLE | traps.ODD


def resources(server: str, now: datetime) -> list[Resource]:
    """All resources of one sandbox EHR ("mercy" or "lakeside"), as plain FHIR R4 JSON; the same for the same now.

    now: aware; raises ValueError without a zone and KeyError for another server. Dates lie before now, except
    what is planned (appointments, due dates, targets).
    """
    clock = Clock(now)
    made = directory(server)
    for author in _AUTHORS[server]:
        made += author(clock)
    return made
