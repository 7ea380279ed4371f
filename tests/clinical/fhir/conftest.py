from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from clinical.fhir.connection import Connection, Limits
from clinical.fhir.fetched import Fetched
from clinical.fhir.pull import pull
from clinical.fhir.searches import Search, plan_for

from .fake_ehr import FakeEhr, running

AS_OF = datetime(2026, 6, 15, 12, tzinfo=UTC)
PATIENT: dict[str, Any] = {"resourceType": "Patient", "id": "1"}


class Pulled:
    """What one pull delivered."""

    def __init__(self) -> None:
        self.results: dict[str, Fetched] = {}
        self.order: list[str] = []

    def take(self, fetched: Fetched) -> None:
        self.results[fetched.search.key] = fetched
        self.order.append(fetched.search.key)

    def __getitem__(self, key: str) -> Fetched:
        return self.results[key]

    def state(self, key: str) -> str:
        return str(self.results[key].state.state)

    def ids(self, key: str) -> set[str]:
        return {entry.id for entry in self.results[key].matches}


@pytest.fixture
def start() -> Iterator[Callable[..., FakeEhr]]:
    """Starts fake EHRs that stop with the test."""
    with ExitStack() as stack:

        def make(resources: list[dict[str, Any]] | None = None, **kind: Any) -> FakeEhr:
            hook = kind.pop("hook", None)
            ehr = FakeEhr(resources if resources is not None else [PATIENT], **kind)
            ehr.hook = hook
            return stack.enter_context(running(ehr))

        yield make


def connection_to(ehr: FakeEhr, **kind: Any) -> Connection:
    limits = replace(Limits(), **kind.pop("limits", {}))
    return Connection("mercy", "Mercy Hospital", ehr.base, limits=limits, **kind)


def searches(*keys: str, **kind: Any) -> tuple[Search, ...]:
    """These rows of the plan, or all of it."""
    plan = plan_for(server="mercy", patient_id="1", as_of=AS_OF, **kind)
    return tuple(each for each in plan.searches if not keys or each.key in keys)


def pulled(ehr: FakeEhr, *keys: str, plan: dict[str, Any] | None = None, **kind: Any) -> Pulled:
    found = Pulled()
    pull(
        connection_to(ehr, **kind),
        searches(*keys, **(plan or {})),
        "1",
        found.take,
        now=lambda: AS_OF,
    )
    return found
