"""Processes of the replay's measurement: one stores charts as openings leave them, others are the workers that try them.

`prepare N` stores N charts, and a draft; `replay` makes the rows of a replay and prints its number; `work ID` tries charts
until none is left. A worker prints "ready" when it has loaded what a worker that runs has loaded, and waits for a line; at its end it
prints its CPU seconds.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import django

OBSERVATIONS = 1000
SEEDS = 20  # charts of as many kinds; every patient's records are stored and read by themselves
BASE = "http://mercy.example/fhir"
ITEM = "lab.hba1c"  # what the draft lists no longer
Body = tuple[Any, bytes]


def prepare(count: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from summary_app.models import Connection, User

    call_command("migrate", verbosity=0)
    connection = Connection.objects.create(
        key="mercy", name="Mercy (stored)", base_url=BASE, authorization="open", test=True
    )
    clinicians = [User.objects.create(username=f"clinician-{n}") for n in range(10)]
    kinds: dict[int, list[Body]] = {}
    now = timezone.now()
    gc.freeze()
    for number in range(count):
        seed = number % SEEDS
        if seed not in kinds:
            kinds[seed] = _bodies(seed, now)
        _store(f"patient-{number}", kinds[seed], connection, clinicians[number % 10], now)
    _draft(now)


def _bodies(seed: int, now: datetime) -> list[Body]:
    """What an EHR answers to every search of an opening, with a placeholder for the patient."""
    from tests.bench.cpu import plan
    from tests.bench.prepared import PLACEHOLDER, prepared_shape, searchset
    from tests.bench.records import Shape

    chart = prepared_shape(Shape(PLACEHOLDER, OBSERVATIONS, seed=seed), "mercy", now.date(), BASE)
    found = []
    for search in plan(PLACEHOLDER, now).searches:
        if search.read:
            item = chart.one(search.resource, search.read)
            found.append((search, item.resource if item is not None else searchset([])))
        else:
            query = [q for q in search.params if q[0] != "patient"]
            found.append((search, searchset(chart.found(search.resource, query))))
    return found


def _store(patient: str, bodies: list[Body], connection: Any, user: Any, now: datetime) -> None:
    from summary_app.models import ChartContext, ContextSource, Pull, Snapshot
    from summary_app.summary.services import store

    snapshot = Snapshot.objects.create(
        connection=connection, patient=patient, user=user, made=now, used=now, expires=now + timedelta(days=1)
    )  # fmt: skip
    Pull.objects.create(snapshot=snapshot, run=1)
    pieces = list(_pieces(patient, bodies, now))
    store.write(
        snapshot, pieces, run=1, version=len(pieces), now=now, plan=store.RunPlan(), state=Pull.State.DONE, finished=now
    )  # fmt: skip
    context = ChartContext.objects.create(
        id=f"stored-{patient}", user=user, connection=connection, patient=patient, role="physician", created=now,
        expires=now + timedelta(hours=12), visit_choice="diabetes", encounter=f"{patient}-visit",
    )  # fmt: skip
    ContextSource.objects.create(
        context=context, connection=connection, patient=patient, how="launched", snapshot=snapshot
    )


def _pieces(patient: str, bodies: list[Body], now: datetime) -> Iterator[Any]:
    """As a pull makes them of the pages that came."""
    from clinical.fhir import ending
    from clinical.fhir.collected import Collected
    from clinical.fhir.connection import Connection
    from clinical.fhir.fetched import Fetched
    from clinical.fhir.subjects import Subject
    from clinical.fhir.wire import read_page
    from clinical.pipeline import section_records
    from summary_app.summary.services import store
    from tests.bench.prepared import for_patient

    connection = Connection(key="mercy", name="Mercy", base_url=BASE)
    for number, (search, body) in enumerate(bodies):
        collected = Collected(Subject(patient, BASE), search.resource, search.category)
        page = read_page(for_patient(body, patient), expected=search.resource, source="Mercy")
        collected.add(page)
        state = ending.state_of(
            search, collected, connection=connection, fault=None, notes=[], at=now
        )
        section = section_records(Fetched(search, state, collected.entries), base=BASE)
        raws = tuple(store.RawEntry(each.type, each.id, each.raw) for each in collected.entries)
        yield store.Piece(section, raws, number + 1, True)


def _draft(now: datetime) -> None:
    """A draft that lists one item less, by somebody with no patient."""
    from django.contrib.auth.models import Permission

    from clinical.rank.ruleset_file import table_of
    from summary_app.models import User
    from summary_app.rules.services import drafts, editing

    author = User.objects.create(username="author", role="cmio")
    author.user_permissions.add(Permission.objects.get(codename="author_rules"))
    author = User.objects.get(pk=author.pk)
    version = drafts.start(author, "diabetes", number=1, now=now)
    table = editing.with_rule(table_of(version.text), editing.Rule(item=ITEM, importance="off"))
    drafts.save(author, version, table, saved=version.saved, now=now)


def replay() -> None:
    from django.utils import timezone

    from summary_app.models import RuleSetVersion, User
    from summary_app.rules.services import replaying

    author, version = User.objects.get(username="author"), RuleSetVersion.objects.get()
    made = replaying.start(author, version, now=timezone.now())
    sys.stdout.write(f"{made.pk}\n")


def work(number: int) -> None:
    from config.celery import load_first
    from summary_app.rules.services import replaying

    load_first()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.process_time()
    replaying.run(number)
    sys.stdout.write(f"{time.process_time() - began}\n")


COMMANDS: dict[str, Callable[..., None]] = {"prepare": prepare, "replay": replay, "work": work}

if __name__ == "__main__":
    django.setup()
    COMMANDS[sys.argv[1]](*(int(each) for each in sys.argv[2:]))
