"""What every file of the library is read with: the place of a fault, code tables, the terms of an item."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from clinical import codes
from clinical.errors import PackInvalid
from clinical.rank import conditions
from clinical.rank.library import (
    Change,
    Code,
    Every,
    Terms,
)

SYSTEMS = {
    "loinc": codes.LOINC, "snomed": codes.SNOMED, "rxnorm": codes.RXNORM, "icd-10-cm": codes.ICD10CM, "cvx": codes.CVX,
}  # fmt: skip
TERMS = (
    "applies_if",
    "lookback_months",
    "interval_months",
    "intervals",
    "change",
    "caution",
    "why",
)
Table = Mapping[str, Any]
Rows = dict[tuple[str, str], Code]


def toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackInvalid(f"{path.name}: {error}") from None


def known(where: str, table: Table, allowed: Collection[str]) -> None:
    strange = sorted(set(table) - set(allowed))
    if strange:
        raise PackInvalid(f"{where}: unknown key {strange[0]!r}")


@contextmanager
def at(where: str) -> Iterator[None]:
    """A missing key, a wrong type or a bad condition, said with the place where it stands."""
    try:
        yield
    except KeyError as error:
        raise PackInvalid(f"{where}: {error.args[0]} is missing or not known") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise PackInvalid(f"{where}: {error}") from None


# ---- codes ------------------------------------------------------------------------------------------------------


def read_codes(folder: Path) -> Rows:
    rows: Rows = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, line in enumerate(csv.DictReader(file), start=2):
                where = f"{path.name}:{number}"
                with at(where):
                    row = _code(line)
                if (row.system, row.code) in rows:
                    raise PackInvalid(f"{where}: {row.code} has a row already")
                rows[row.system, row.code] = row
    return rows


def _code(line: Mapping[str, str]) -> Code:
    verified = line["verified"]
    if verified not in ("name", "component", "no"):
        raise ValueError(f"verified cannot be {verified!r}")
    for key in ("code", "name", "source"):
        if not line[key] or line[key] != line[key].strip():
            raise ValueError(f"{key} is empty or has blanks around it")
    return Code(
        system=SYSTEMS[line["system"]],
        code=line["code"],
        name=line["name"],
        source=line["source"],
        date=date.fromisoformat(line["date"]),
        verified=verified,  # type: ignore[arg-type]
    )


def verified(where: str, rows: Rows, system: str, wanted: Iterable[str]) -> list[str]:
    found = []
    for code in wanted:
        row = rows.get((SYSTEMS[system], code))
        if row is None:
            raise PackInvalid(f"{where}: {system} {code} has no row in codes/")
        if row.verified != "no":
            found.append(code)
    return found


def prefixes(where: str, rows: Rows, wanted: Iterable[str]) -> tuple[str, ...]:
    return tuple(code.replace(".", "") for code in verified(where, rows, "icd-10-cm", wanted))


# ---- the terms of an item ---------------------------------------------------------------------------------------


def read_terms(table: Table, base: Terms, rows: Rows, where: str) -> Terms:
    """The library's terms with what a pack changes."""
    written = table.get("applies_if", base.applies_words)
    interval, lookback = table.get("interval_months"), table.get("lookback_months")
    intervals = table.get("intervals")
    change = table.get("change")
    return Terms(
        lookback=base.lookback
        if lookback is None
        else None
        if lookback == "any"
        else int(lookback),
        interval=base.interval if interval is None else _months(interval),
        intervals=base.intervals
        if intervals is None
        else tuple(_every(one, rows, where) for one in intervals),
        applies=read_condition(written, rows, where) if written else None,
        applies_words=written,
        change=base.change if change is None else _change(change),
        caution=table.get("caution", base.caution),
        why=table.get("why", base.why),
    )


def _months(written: Any) -> float | None:
    if written == "none":
        return None
    months = float(written)
    if months <= 0:
        raise ValueError("an interval is longer than nothing")
    return months


def _every(table: Table, rows: Rows, where: str) -> Every:
    known(where, table, ("when", "months"))
    return Every(
        when=read_condition(table["when"], rows, where),
        words=table["when"],
        months=_months(table["months"]),
    )


def read_condition(written: str, rows: Rows, where: str) -> conditions.Condition:
    found = conditions.parse(written)
    codes_named = [n for n in conditions.names_in(found) if n[:1].isupper() and n[1:2].isdigit()]
    verified(where, rows, "icd-10-cm", codes_named)
    return found


def _change(table: Table) -> Change:
    known("change", table, ("by", "percent", "unit", "way", "within_days"))
    if ("by" in table) == ("percent" in table):
        raise ValueError("a change is either by or percent")
    by, percent = table.get("by"), table.get("percent")
    way = table.get("way", "any")
    if way not in ("rise", "fall", "any"):
        raise ValueError(f"way cannot be {way!r}")
    return Change(
        by=None if by is None else Decimal(str(by)),
        percent=None if percent is None else Decimal(str(percent)),
        unit=table.get("unit", ""),
        way=way,
        within_days=table.get("within_days"),
    )
