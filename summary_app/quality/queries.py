"""Reading what people decided about codes."""

from __future__ import annotations

from collections.abc import Collection

from clinical.reconcile import Mappings
from summary_app.quality.models import CodeMapping

_DECIDED = (CodeMapping.State.CONFIRMED, CodeMapping.State.REJECTED)


def decided(connections: Collection[str]) -> Mappings:
    """What was decided for these connections (by key), as the pure part takes it; a rejection is ""."""
    rows = CodeMapping.objects.filter(
        connection__key__in=connections, state__in=_DECIDED
    ).values_list("connection__key", "system", "code", "loinc", "state")
    return {
        (key, system, code): loinc if state == CodeMapping.State.CONFIRMED else ""
        for key, system, code, loinc, state in rows
    }
