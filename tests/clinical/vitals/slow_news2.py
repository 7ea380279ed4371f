"""NEWS2 a second time: written from the published chart as rules over whole numbers, sharing nothing with the code.

Every value is tried against every row of the chart; exactly one row must hold. Tenths of a degree are whole numbers.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

# (parameter, lowest, highest, points) in whole units; temperature in tenths
CHART = [
    ("respiration", 0, 8, 3), ("respiration", 9, 11, 1), ("respiration", 12, 20, 0),
    ("respiration", 21, 24, 2), ("respiration", 25, 999, 3),
    ("spo2-1", 0, 91, 3), ("spo2-1", 92, 93, 2), ("spo2-1", 94, 95, 1), ("spo2-1", 96, 100, 0),
    ("spo2-2-low", 0, 83, 3), ("spo2-2-low", 84, 85, 2), ("spo2-2-low", 86, 87, 1),
    ("spo2-2-low", 88, 92, 0), ("spo2-2-air", 93, 100, 0), ("spo2-2-oxygen", 93, 94, 1),
    ("spo2-2-oxygen", 95, 96, 2), ("spo2-2-oxygen", 97, 100, 3),
    ("systolic", 0, 90, 3), ("systolic", 91, 100, 2), ("systolic", 101, 110, 1),
    ("systolic", 111, 219, 0), ("systolic", 220, 999, 3),
    ("pulse", 0, 40, 3), ("pulse", 41, 50, 1), ("pulse", 51, 90, 0), ("pulse", 91, 110, 1),
    ("pulse", 111, 130, 2), ("pulse", 131, 999, 3),
    ("temperature", 0, 350, 3), ("temperature", 351, 360, 1), ("temperature", 361, 380, 0),
    ("temperature", 381, 390, 1), ("temperature", 391, 999, 2),
]  # fmt: skip
HIGHEST = {
    "respiration": 3, "spo2": 3, "oxygen": 2, "systolic": 3, "pulse": 3, "consciousness": 3, "temperature": 3,
}  # fmt: skip


def whole(value: Decimal, tenths: bool) -> int:
    """Nearest whole number, a half away from zero, by adding a half and cutting."""
    with localcontext() as context:
        context.prec = 60
        return int(value * (10 if tenths else 1) + Decimal("0.5"))


def look_up(column: str, value: int) -> int:
    rows = [points for name, low, high, points in CHART if name == column and low <= value <= high]
    assert len(rows) == 1, (column, value, rows)
    return rows[0]


def slow_score(values: dict, scale: int) -> tuple[int, int, list]:
    """(least, most, points of each part or None), with None for what is missing.

    values: numbers by parameter; "oxygen" True = on oxygen, False = air; "consciousness" a letter.
    """
    points: list = []
    extra = 0
    for name, highest in HIGHEST.items():
        value = values.get(name)
        if value is None:
            points.append(None)
            extra += highest
        elif name == "oxygen":
            points.append(2 if value else 0)
        elif name == "consciousness":
            points.append(0 if value == "A" else 3)
        elif name != "spo2":
            points.append(look_up(name, whole(value, name == "temperature")))
        elif scale == 1:
            points.append(look_up("spo2-1", whole(value, False)))
        else:
            found, open_points = slow_scale_2(whole(value, False), values.get("oxygen"))
            points.append(found)
            extra += open_points
    least = sum(one for one in points if one is not None)
    return least, least + extra, points


def slow_scale_2(value: int, on_oxygen: bool | None) -> tuple[int | None, int]:
    if value <= 92:
        return look_up("spo2-2-low", value), 0
    if on_oxygen is None:
        return None, look_up("spo2-2-oxygen", value)
    return look_up("spo2-2-oxygen" if on_oxygen else "spo2-2-air", value), 0


def slow_band(least: int, points: list) -> str:
    if least >= 7:
        return "high"
    if least >= 5:
        return "medium"
    return "one part" if 3 in points else "low"
