"""Side by side: fhirclient as its documentation shows it, one search after the other, models and all."""

from __future__ import annotations

import importlib
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from tests.bench.application import StandIn, World
from tests.bench.cold import cold_open
from tests.bench.cpu import plan
from tests.bench.figures import Report


def beside(world: World, report: Report) -> None:
    ours = statistics.median(cold_open(world, "k1000").everything for _ in range(3))
    patient = world.fresh("k1000")
    began = time.monotonic()
    found = sum(_everything(ehr, patient) for ehr in world.ehrs)
    theirs = time.monotonic() - began
    report.seen("side by side: fhirclient as documented / this product", theirs / ours)
    report.note(
        f"the same searches of the same charts: fhirclient {theirs:.1f} s for {found} resources and no page; "
        f"this product {ours:.2f} s to the complete page"
    )


def _everything(ehr: StandIn, patient: str) -> int:
    """Every search of the plan at one EHR, in turn, each followed to its last page."""
    from fhirclient import client
    from fhirclient.models.patient import Patient

    smart = client.FHIRClient(settings={"app_id": "benchmark", "api_base": f"{ehr.origin}/open"})
    smart.prepare()
    Patient.read(patient, smart.server)
    found = 1
    for search in plan(patient, datetime.now(UTC)).searches:  # noqa: TID251
        if not search.read:
            where = _model(search.resource).where(struct=_struct(search.params))
            found += sum(1 for _ in where.perform_resources_iter(smart.server))
    return found


def _model(resource: str) -> Any:
    return getattr(importlib.import_module(f"fhirclient.models.{resource.lower()}"), resource)


def _struct(params: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    names = dict.fromkeys(name for name, _ in params)
    return {name: {"$and": [v for n, v in params if n == name]} for name in names}
