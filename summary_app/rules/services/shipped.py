"""The shipped packs, which hold wherever nobody has published a rule: signed off together, tried together.

They are no rows, so a sign-off names the context and the text it was given for: a release that changes a pack needs another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from clinical import rank
from summary_app.access.models import User
from summary_app.rules import queries
from summary_app.rules.models import Department, SignOff
from summary_app.rules.services import reading, steps
from summary_app.rules.services.allowed import Refused

WHOLE_SITE = "the whole site"


def hashes() -> dict[str, str]:
    """Context -> hash of the pack as it ships with this release."""
    return {context: _hash_of((f"packs/{context}.toml",)) for context in rank.load().packs}


def set_hash() -> str:
    """Of everything that a trial of the shipped packs depends on: packs, items, codes, floor."""
    folder = _folder()
    return _hash_of(tuple(sorted(str(path.relative_to(folder)) for path in folder.rglob("*.toml"))))


def sign_off(user: User, department: Department | None, *, clinician: str, now: datetime) -> int:
    """A named clinician vouches for every shipped pack there; one row and one step each. How many there are.

    department: None = the whole site. Raises Refused.
    """
    steps.check(user, "sign_off", None, now=now)
    name = clinician.strip()[:200]
    if not name:
        raise Refused("Name the clinician who signs off.")
    place = department.name if department is not None else WHOLE_SITE
    with transaction.atomic():
        SignOff.objects.bulk_create(
            SignOff(
                context=context,
                text_hash=text_hash,
                department=department,
                clinician=name,
                by=user,
                at=now,
            )
            for context, text_hash in hashes().items()
        )
        for context in hashes():
            why = f"{context} v{reading.SHIPPED}, as shipped: {name} for {place}"
            steps.write_down(user, "sign_off", None, "", "", why, now=now)
    return len(hashes())


def unsigned(department_id: int | None) -> tuple[str, ...]:
    """Contexts whose shipped pack, as it is now, has no sign-off of that department or of the whole site."""
    there = queries.shipped_sign_offs((department_id, None))
    signed = {(one.context, one.text_hash) for one in there}
    return tuple(context for context, found in hashes().items() if (context, found) not in signed)


def titles(contexts: Iterable[str]) -> tuple[str, ...]:
    return tuple(rank.load().packs[one].title for one in contexts)


@lru_cache(maxsize=200)
def _hash_of(names: tuple[str, ...]) -> str:
    """These files do not change while a process lives."""
    found = hashlib.sha256()
    for name in names:
        found.update(f"{name}\n".encode())
        found.update((_folder() / name).read_bytes())
    return found.hexdigest()


def _folder() -> Path:
    return Path(rank.__file__).parent
