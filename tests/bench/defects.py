"""Charts of one hundred observations of which one has a defect that real interfaces produce.

The rows are those of the tolerance table: fhirclient and fhir.resources lose the resource, or the page it stands on.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from tests.bench.records import background, observation, patient_of

COUNT = 100
PLACE = 50  # which of them is the defective one
_KEY = "--patient--"
_ABSENT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}
Json = dict[str, Any]


def _without(name: str) -> Callable[[Json], None]:
    return lambda resource: resource.pop(name, None)


def _with(**fields: Any) -> Callable[[Json], None]:
    return lambda resource: resource.update(fields)


def _value_as_text(resource: Json) -> None:
    resource["valueQuantity"]["value"] = "5.1"


def _no_status_but_a_reason(resource: Json) -> None:
    del resource["status"]
    resource["_status"] = _ABSENT


def _category_object(resource: Json) -> None:
    resource["category"] = resource["category"][0]


def _long_id(resource: Json) -> None:
    resource["id"] += "x" * 80


DEFECTS: dict[str, tuple[str, Callable[[Json], None]]] = {
    "d1": ("unknown field", _with(favouriteColour="blue")),
    "d2": (
        "field of R5",
        _with(triggeredBy=[{"observation": {"reference": "Observation/1"}, "type": "reflex"}]),
    ),
    "d3": ("missing status", _without("status")),
    "d4": ("missing code", _without("code")),
    "d5": ("bad date", _with(effectiveDateTime="2026-13-45")),
    "d6": ("date-time without zone", _with(effectiveDateTime="2026-03-01T08:00:00")),
    "d7": ("empty string", _with(issued="")),
    "d8": ("category object instead of list", _category_object),
    "d9": ("value as a string", _value_as_text),
    "d10": ("null element", _with(note=None, performer=[None])),
    "d11": ("unknown status code", _with(status="validated")),
    "d12": ("long id", _long_id),
    "d13": ("_status extension", _with(_status=_ABSENT)),
    "d14": ("missing status with its reason", _no_status_but_a_reason),
}


def chart_of(key: str, site: str) -> list[Json]:
    """The observations with this defect in them, as they are sent today."""
    return _observations(key, site, datetime.now(UTC).date())  # noqa: TID251


def _observations(key: str, site: str, today: date) -> list[Json]:
    rng = random.Random(f"{key}/{site}")
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    found = [_potassium(n, noon - timedelta(days=3 * n + 1), rng) for n in range(COUNT)]
    DEFECTS[key][1](found[PLACE])
    return found


def _chart(key: str, site: str, today: date) -> list[Json]:
    return [patient_of(_KEY, site), *background(_KEY, today), *_observations(key, site, today)]


def _potassium(number: int, when: datetime, rng: random.Random) -> Json:
    made = observation(_KEY, 10 * number, when, rng)  # every tenth would be a vital sign
    coding = [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}]
    quantity = {"value": round(3.5 + rng.random(), 1), "unit": "mmol/L", "code": "mmol/L"}
    return {
        **made,
        "code": {"coding": coding, "text": "Potassium"},
        "valueQuantity": {**quantity, "system": "http://unitsofmeasure.org"},
        "referenceRange": [{"low": {**quantity, "value": 3.5}, "high": {**quantity, "value": 5.1}}],
    }


CHARTS: dict[str, Callable[[str, date], list[Json]]] = {
    key: partial(_chart, key) for key in DEFECTS
}
