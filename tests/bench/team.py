"""Pictures of the pages of the clinical team: a site with stored charts, remarks, counts of use, and a replayed draft.

`python -m tests.bench.team` fills a site that `tests.bench.stored prepare` has made, and prints a session and a replay.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

from tests.bench import application
from tests.bench.replay import Stored

CHARTS = 60
DEPARTMENTS = ("Endocrinology", "Family medicine", "Nephrology")
SAID = ("higher", "higher", "higher", "gone")  # of one rule, by as many clinicians
PAGES = {"rules": "/rules/", "rules-queue": "/rules/queue", "rules-replay": "/rules/replay/{replay}",
         "rules-version": "/rules/diabetes/{version}/"}  # fmt: skip


def pictures(browser: Any, out: Path) -> None:
    """One picture of each page, in both colour schemes."""
    with tempfile.TemporaryDirectory(prefix="visit-lens-team-") as folder:
        site = Stored(Path(folder))
        site.run("prepare", str(CHARTS))
        made = subprocess.run(
            [sys.executable, "-m", "tests.bench.team"],
            env=site.env, cwd=application.ROOT, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        found = json.loads(made.stdout.splitlines()[-1])
        with application.served(site.env) as address:
            for scheme in ("light", "dark"):
                _take(browser, out, address, found, scheme)


def _take(browser: Any, out: Path, address: str, found: dict[str, str], scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=scheme, device_scale_factor=1
    )
    cookie = {"name": "visit-lens-session", "value": found["session"], "url": address}
    context.add_cookies([cookie])
    page = context.new_page()
    for name, path in PAGES.items():
        page.goto(f"{address}{path.format(**found)}")
        page.screenshot(path=out / f"{name}-{scheme}.png", full_page=True)
    context.close()


# ---- the site -----------------------------------------------------------------------------------------------------


def fill() -> dict[str, str]:
    from django.utils import timezone

    from summary_app.models import RuleSetVersion, User
    from summary_app.rules.services import life, replaying

    now = timezone.now()
    _departments()
    _use(now)
    version = RuleSetVersion.objects.get()
    author, lead = User.objects.get(username="author"), _lead()
    replay = replaying.start(author, version, now=now)
    replaying.run(replay.pk)
    life.ask(author, version, why="three remarks", now=now)
    _silent(life.publish(lead, version, life.Scope(shadow=True, stop_criteria={"shadow_percent": 10.0}), why="", now=now), now)  # fmt: skip
    life.approve(lead, version, why="", now=now)
    scope = life.Scope(stop_criteria={"recall_change": -0.5, "floor_hits": 1.0, "opened_percent": 50.0, "search_percent": 30.0})  # fmt: skip
    life.publish(lead, version, scope, why="", now=now)
    return {"session": _session(lead), "replay": str(replay.pk), "version": str(version.number)}


def _departments() -> None:
    from summary_app.models import Department, User

    people = list(User.objects.filter(username__startswith="clinician").order_by("pk"))
    for number, name in enumerate(DEPARTMENTS):
        made = Department.objects.create(name=name, live=False)
        made.people.set(people[number :: len(DEPARTMENTS)])


def _lead() -> Any:
    """Somebody with every role in the rules."""
    from django.contrib.auth.models import Permission

    from summary_app.models import User

    made = User.objects.create(username="lead", shown_name="Dana Example MD", role="cmio")
    made.user_permissions.add(*Permission.objects.filter(codename__endswith="_rules"))
    return User.objects.get(pk=made.pk)


def _use(now: datetime) -> None:
    """Remarks on one rule, and what six clinicians looked for."""
    from summary_app.models import Feedback, UseCount, UsedBy, User

    people = User.objects.filter(username__startswith="clinician").order_by("pk")
    for number, (who, reason) in enumerate(zip(people, SAID, strict=False)):
        Feedback.objects.create(
            key="series-000000000000", kind="series", reason=reason, visit="diabetes", user=who, at=now - timedelta(days=number),
            rules="diabetes v1 lab.uacr", words="it decides the dose" if number == 1 else "",
        )  # fmt: skip
    day = now.date() - timedelta(days=1)
    where = {"day": day, "context": "copd", "role": "physician", "department": ""}
    for kind, item, number in (("visit", "", 60), ("found", "lab.ferritin", 11), ("left-out", "lab.ferritin", 3)):  # fmt: skip
        UseCount.objects.create(kind=kind, item=item, number=number, **where)
    for number in range(6):
        UsedBy.objects.create(context="copd", item="lab.ferritin", who=str(number), last=day)


def _silent(rollout: Any, now: datetime) -> None:
    """Ten days on which the draft ran silently."""
    from summary_app.models import ShadowCount

    for number, differing in enumerate((2, 3, 2, 4, 3, 5, 4, 3, 2, 3)):
        ShadowCount.objects.create(
            rollout=rollout, day=now.date() - timedelta(days=9 - number), context="Diabetes follow-up", openings=40,
            differing=differing, items={"-lab.hba1c": differing},
        )  # fmt: skip


def _session(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(f"\n{json.dumps(fill())}\n")
