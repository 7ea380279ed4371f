"""Reading what units have decided."""

from __future__ import annotations

from summary_app.ward.models import UnitPolicy


def policies() -> list[UnitPolicy]:
    return list(UnitPolicy.objects.all())
