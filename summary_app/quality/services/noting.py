"""Which codes of their own the sources send, noted as charts are made, so that the commonest are decided first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from clinical import codes
from clinical.reconcile import plain_name
from clinical.records import Chart, Observation, Series
from summary_app.connections import queries as connections
from summary_app.quality.models import CodeMapping

Key = tuple[str, str, str]  # (connection key, system, code or plain name)
_MOST_AT_ONCE = 500


def note(chart: Chart, *, now: datetime) -> int:
    """Counts each code of one finished chart once; returns how many there were. A decision is never changed."""
    found = dict(own_codes(chart))
    if not found:
        return 0
    ids = {each.key: each.pk for each in connections.active()}
    rows = [_row(key, *told, ids[key[0]], now) for key, told in found.items() if key[0] in ids]
    with transaction.atomic():
        CodeMapping.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_MOST_AT_ONCE)
        mine = _stored(rows)
        numbers = [one.pk for one in mine.values()]
        CodeMapping.objects.filter(pk__in=numbers).update(seen=F("seen") + 1, last_seen=now)
        changed = [_suggested_anew(mine[_place(row)], row) for row in rows if _place(row) in mine]
        CodeMapping.objects.bulk_update([c for c in changed if c], ("state", "suggested"))
    return len(rows)


Place = tuple[int, str, str]


def _place(row: CodeMapping) -> Place:
    return row.connection_id, row.system, row.code


def _stored(rows: Iterable[CodeMapping]) -> dict[Place, CodeMapping]:
    wanted = {_place(row) for row in rows}
    stored = CodeMapping.objects.filter(
        connection_id__in={place[0] for place in wanted}, code__in={place[2] for place in wanted}
    )
    return {_place(one): one for one in stored if _place(one) in wanted}


def _suggested_anew(stored: CodeMapping, row: CodeMapping) -> CodeMapping | None:
    """The stored row with what is suggested now; None when nothing changes, or a person has decided."""
    open_states = (CodeMapping.State.UNMAPPED, CodeMapping.State.SUGGESTED)
    if stored.state not in open_states or stored.suggested == row.suggested:
        return None
    stored.state, stored.suggested = row.state, row.suggested
    return stored


def own_codes(chart: Chart) -> Iterable[tuple[Key, tuple[Observation, Series]]]:
    """Every laboratory code that is not LOINC, with an entry that carries it and the row it is in."""
    for row in chart.series:
        if not row.mapping:
            continue
        for point in (*row.points, *row.undated):
            for record in (point.record, *point.also):
                own = _own(record)
                if own is not None:
                    yield (record.source.server, *own), (record, row)


def _own(record: Observation) -> tuple[str, str] | None:
    """(system, code) of the source's own; ("", plain name) for words only; None for a LOINC-coded entry."""
    codings = record.concept.codings
    if any(coding.system == codes.LOINC for coding in codings):
        return None
    for coding in codings:
        if coding.system and coding.code:
            return coding.system[:300], coding.code[:200]
    return "", plain_name(record.concept.text)[:200]


def _row(
    key: Key, record: Observation, row: Series, connection_id: int, now: datetime
) -> CodeMapping:
    quantity = record.value.quantity
    loinc = [code for system, code in row.codes if system == codes.LOINC]
    suggested = loinc[0] if row.mapping == "suggested" and len(loinc) == 1 else ""
    return CodeMapping(
        connection_id=connection_id,
        system=key[1],
        code=key[2],
        name=record.concept.text[:300],
        unit=(quantity.unit or quantity.code)[:60] if quantity is not None else "",
        specimen=record.specimen[:120],
        suggested=suggested,
        state=CodeMapping.State.SUGGESTED if suggested else CodeMapping.State.UNMAPPED,
        last_seen=now,
    )
