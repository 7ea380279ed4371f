"""What a nurse is told first at a visit, in one line: when the patient was last seen, and which medicines changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from clinical.records import Chart, Item, Medication
from clinical.summary import names
from clinical.summary.view_model import Block, ListRow, Part, Summary

_SINCE = "since-"  # begins the key of a row about a change; the key of the item follows
_NO_CHANGE = "no medicine changed in what was retrieved"


def build(summary: Summary, chart: Chart) -> tuple[Part, ...]:
    """ "Last seen at Mercy 14-Aug-2026 · since then started naproxen 500 mg 04-Oct; raised lisinopril 20 mg 14-Aug".

    Every change of the "since" block is named, its closed rows too, the newest kind of change first; that there was
    none is said, and what was not retrieved of the medicines. () while the patient is not known to have been seen.
    """
    blocks = {block.key: block for block in summary.blocks}
    rows = list(_rows(blocks["since"])) if "since" in blocks else []
    if not rows or rows[0].key == f"{_SINCE}never":
        return ()
    parts = [Part(text=f"{summary.visit.last_seen} · since then ")]
    parts += list(_changes(rows, chart)) or [Part(text=_NO_CHANGE)]
    for state in blocks["medications"].states if "medications" in blocks else ():
        parts.append(Part(text=f" · medicines: {state.word.lower()} {state.detail}".rstrip()))
    return tuple(parts)


def _changes(rows: Iterable[ListRow], chart: Chart) -> Iterator[Part]:
    medicines = {f"{_SINCE}{item.key}": item for item in chart.medications}
    found = [row for row in rows if row.key in medicines]
    verbs = list(dict.fromkeys(map(_verb, found)))
    found.sort(key=lambda row: verbs.index(_verb(row)))
    for place, (verb, alike) in enumerate(groupby(found, _verb)):
        yield Part(text=f"{'; ' if place else ''}{verb.lower()} ", verb=True)
        for index, row in enumerate(alike):
            if index:
                yield Part(text=", ")
            item = medicines[row.key]
            href = f"#row-{item.key}"
            yield Part(text=_name(item), strong=True, sources=row.sources, href=href)
            if row.when:
                yield Part(text=f" {row.when}", sources=row.sources, href=href)


def _name(item: Item) -> str:
    record = item.lead
    text = names.product(record.concept.text) if isinstance(record, Medication) else item.label
    return names.lower_first(text) or "medicine not named"


def _verb(row: ListRow) -> str:
    return row.parts[0].text


def _rows(block: Block) -> Iterator[ListRow]:
    groups = (row for group in block.groups for row in group.rows)
    return (row for row in (*block.rows, *groups) if isinstance(row, ListRow))
