"""Everything the sections of one summary look things up in, prepared once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from clinical.records import (
    Chart,
    Encounter,
    FhirTime,
    Item,
    Point,
    Ranked,
    Ranking,
    Record,
    Series,
)
from clinical.summary import called, fmt, names
from clinical.summary.inputs import Site, Viewer
from clinical.summary.level import Judge
from clinical.summary.states import States
from clinical.summary.visit_parts import wholes

_ITEM_FIELDS = (
    "problems", "allergies", "medications", "administrations", "cultures", "reports", "documents", "studies", "procedures",
    "immunizations", "encounters", "appointments", "orders", "care_plans", "goals", "devices", "flags", "consents",
    "family",
)  # fmt: skip


class Desk:
    """One chart as one clinician reads it at one moment.

    taken: keys that already have a place on the page, so that a fact is said once in full. clocked: keys of the rows
    that stand on the clock of an ED visit, and so not in their table.
    """

    def __init__(
        self,
        chart: Chart,
        ranking: Ranking,
        *,
        site: Site,
        viewer: Viewer,
        as_of: datetime,
        states: States,
    ) -> None:
        self.chart, self.ranking, self.site, self.viewer, self.as_of = (
            chart,
            ranking,
            site,
            viewer,
            as_of,
        )
        self.states = states
        self.zone = ZoneInfo(site.zone)
        self.today: date = as_of.astimezone(self.zone).date()
        self.visit = ranking.visit
        self.ranked: dict[str, Ranked] = {entry.key: entry for entry in ranking.ranked}
        self.series: dict[str, Series] = {row.key: row for row in chart.series}
        self.items: dict[str, Item] = {
            item.key: item for field in _ITEM_FIELDS for item in getattr(chart, field)
        }
        self.judge = Judge(chart.patients[0] if chart.patients else None, as_of, site.units)
        self.taken: set[str] = set()
        self.clocked: frozenset[str] = frozenset()

    @cached_property
    def _called(self) -> Mapping[str, str]:
        return called.names_of(self.chart.series)

    def called(self, row: Series) -> str:
        """The name of a row of measurements on this page, never that of another one."""
        return self._called[row.key]

    def name_of(self, entry: Ranked) -> str:
        """The short name of a ranked entry, be it a row of measurements or an item."""
        if entry.kind == "series":
            return self.called(self.series[entry.key])
        return names.test(self.items[entry.key].label)

    @cached_property
    def opened_visit(self) -> tuple[str, str] | None:
        """(server, reference) of the visit that the chart was opened for; None when it is not on the chart.

        Where two sources have one of the same id it is that of the launching source.
        """
        wanted = f"Encounter/{self.visit.encounter.removeprefix('Encounter/')}"
        found = [
            (record.source.server, record.source.reference)
            for item in self.chart.encounters
            for record in item.members or (item.lead,)
            if record.source.reference == wanted
        ]
        return min(found, key=lambda one: (one[0] != self.states.first, one), default=None)

    @cached_property
    def ended_stays(self) -> frozenset[tuple[str, str]]:
        """(server, reference) of visits that are over; no part of one that is not: who left the ICU is still there."""
        over = {
            (record.source.server, record.source.reference)
            for item in self.chart.encounters
            for record in item.members
            if isinstance(record, Encounter) and record.status == "finished"
        }
        running = (one for one in wholes(self.chart.encounters) if one.record.status != "finished")
        return frozenset(over.difference(*(one.references for one in running)))

    # -- what the ranking says

    def in_order(self, kinds: Iterable[str]) -> Iterator[Ranked]:
        """The ranked entries of these kinds, most relevant first."""
        wanted = frozenset(kinds)
        return (entry for entry in self.ranking.ranked if entry.kind in wanted)

    def score(self, key: str) -> float | None:
        """The relevance of an entry; None when it was not ranked."""
        entry = self.ranked.get(key)
        return entry.score if entry is not None else None

    def floor(self, key: str, *ids: str) -> bool:
        """Whether the safety floor names this entry (for one of these ids, when given)."""
        entry = self.ranked.get(key)
        if entry is None:
            return False
        names = {floor_id(name) for name in entry.floor}
        return bool(names.intersection(ids)) if ids else bool(names)

    def on_floor(self, *ids: str) -> tuple[Ranked, ...]:
        """Entries that the safety floor names for one of these ids, most relevant first."""
        return tuple(entry for entry, names in self._floored if not names.isdisjoint(ids))

    @cached_property
    def _floored(self) -> tuple[tuple[Ranked, frozenset[str]], ...]:
        """What the safety floor names, most relevant first, and for which ids."""
        return tuple(
            (entry, frozenset(map(floor_id, entry.floor)))
            for entry in self.ranking.ranked
            if entry.floor
        )

    def urgent_point(self, entry: Ranked) -> Point:
        """The point of a row that its floor mark rests on; the latest one when the mark names none.

        After a critical value a pending one may have been registered: the value is what is urgent.
        """
        row = self.series[entry.key]
        said = [reason.source for reason in entry.reasons if reason.source]
        for point in (*reversed(row.points), *row.undated):
            if said and said[0] == point.record.source.token:
                return point
        return row.latest

    # -- time

    @property
    def last_seen(self) -> datetime | None:
        """When the patient was last seen; changes are counted from here."""
        return self.viewer.last_seen

    @property
    def since_words(self) -> str:
        """ "12-Aug", the comparison point; "" when there is none."""
        seen = self.viewer.last_seen
        return (
            fmt.short_day(seen.astimezone(self.zone).date(), self.today) if seen is not None else ""
        )

    def is_new(self, time: FhirTime | None) -> bool:
        """After the patient was last seen; a date counts when the whole day lies after that day."""
        seen = self.viewer.last_seen
        if time is None or seen is None:
            return False
        if time.zone_known:
            return time.start > seen
        return time.start.date() > seen.astimezone(self.zone).date()

    def since_visit(self, time: FhirTime | None) -> bool:
        """On the day the patient was last seen, or later: what that visit decided is part of what changed."""
        seen = self.viewer.last_seen
        if time is None or seen is None:
            return False
        return fmt.date_of(time, self.zone) >= seen.astimezone(self.zone).date()

    def when(self, time: FhirTime | None) -> str:
        return fmt.when(time, self.as_of, self.zone)

    def when_short(self, time: FhirTime | None) -> str:
        return fmt.when_short(time, self.as_of, self.zone)

    def ago(self, time: FhirTime | None) -> str:
        return fmt.ago(time, self.as_of, self.zone)

    # -- sources

    def name(self, server: str) -> str:
        return self.site.name(server)

    def names(self, records: Iterable[Record]) -> str:
        """The sources of some records, each once, first met first: "Mercy, Lakeside"."""
        return ", ".join(dict.fromkeys(self.name(record.source.server) for record in records))


def floor_id(name: str) -> str:
    """A floor id without its prefix: "floor.anticoag" -> "anticoag"."""
    return name.removeprefix("floor.")


def item_tokens(item: Item) -> tuple[str, ...]:
    """`data-source` tokens of an item, its lead first."""
    return tuple(dict.fromkeys((item.lead.source.token, *(m.source.token for m in item.members))))


def point_tokens(point: Point) -> tuple[str, ...]:
    """`data-source` tokens of a point: the shown entry first, then its twins and halves."""
    record = point.record
    return tuple(dict.fromkeys((record.source.token, *(twin.source.token for twin in point.also))))


def series_tokens(row: Series, limit: int = 40) -> tuple[str, ...]:
    """Tokens of the latest point first, then of the earlier ones, newest first; at most `limit` points."""
    points = (row.latest, *row.points[-limit - 1 : -1][::-1], *row.undated[-limit:])
    sources = (record.source for point in points for record in (point.record, *point.also))
    return tuple(dict.fromkeys([f"{source.server}/{source.reference}" for source in sources]))
