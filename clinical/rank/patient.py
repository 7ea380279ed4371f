"""What conditions may ask of one patient, answered from the chart; what was not retrieved is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from clinical import codes
from clinical.dates import Age, age_on
from clinical.rank.entries import (
    USABLE,
    active_problem,
    codings,
    current_medicine,
    has_icd,
    in_unit,
    is_done,
    loinc_of,
    moment,
    numeric,
    texts_of,
)
from clinical.rank.library import Item, Library
from clinical.rank.matching import Matches, entries, match
from clinical.rank.pregnancy import pregnant
from clinical.rank.texts import Finder, split
from clinical.records import (
    Chart,
    FetchState,
    FhirTime,
    Medication,
    Observation,
    Quantity,
    Section,
)
from clinical.records import Item as Entry

_BAD = frozenset(
    {FetchState.FAILED, FetchState.RESTRICTED, FetchState.NOT_AUTHORISED, FetchState.PARTIAL, FetchState.FETCHING}
)  # fmt: skip
_GOOD = frozenset({FetchState.OK, FetchState.OK_EMPTY, FetchState.OK_NEGATED})


class Patient:
    """One chart at one moment. Implements `clinical.rank.conditions.Facts`."""

    def __init__(
        self, chart: Chart, library: Library, *, as_of: datetime, setting: str = "clinic"
    ) -> None:
        self.chart, self.library, self.as_of, self.setting = chart, library, as_of, setting
        self.matches: Matches = match(chart, library)
        self.owners: dict[str, list[str]] = {}
        for key, names in self.matches.items():
            for name in names:
                self.owners.setdefault(name, []).append(key)
        self.series = {row.key: row for row in chart.series}
        self.entries = {entry.key: entry for entry in entries(chart)}
        self._whole = _whole_sections(chart)
        self._person = chart.patients[0] if chart.patients else None
        self._pregnant: tuple[bool | None] | None = None
        self._on: dict[tuple[str, ...], list[Entry]] = {}

    # -- the person

    def _age(self) -> Age | None:
        return age_on(self._person.birth, self.as_of) if self._person is not None else None

    def age_years(self) -> int | None:
        age = self._age()
        return age.years if age is not None else None

    def age_months(self) -> int | None:
        age = self._age()
        return age.months if age is not None else None

    @property
    def dead(self) -> bool:
        """Recorded as deceased: then nothing is due."""
        person = self._person
        return person is not None and (person.deceased or person.deceased_at is not None)

    def sex(self) -> str:
        """ "female" or "male": for clinical use first; "" when not recorded or another word."""
        if self._person is None:
            return ""
        for said in (self._person.sex_for_clinical_use, self._person.sex):
            if said.startswith(("female", "male")):
                return "female" if said.startswith("female") else "male"
        return ""

    def whole(self, sections: Iterable[Section]) -> bool:
        """Every source that offers these sections answered in full: the only ground for "not there"."""
        return all(section in self._whole for section in sections)

    # -- what is on record

    def item(self, name: str) -> Item | None:
        return self.library.items.get(name)

    def on(self, names: tuple[str, ...]) -> bool | None:
        if self.taking(names):
            return True
        return False if self.whole((Section.MEDICATIONS,)) else None

    def taking(self, names: tuple[str, ...]) -> list[Entry]:
        """Current medicines that hold one of these ingredients or are one of these items."""
        found = self._on.get(names)
        if found is None:
            wanted = {n for n in names if n in self.library.items}
            finder = Finder((name, name) for name in names if name not in wanted)
            found = self._on[names] = [
                entry
                for entry in self.chart.medications
                if current_medicine(entry)
                and (
                    wanted.intersection(self.matches.get(entry.key, ()))
                    or self._holds(entry, finder)
                )
            ]
        return found

    def _holds(self, entry: Entry, finder: Finder) -> bool:
        return any(finder.owners(split(text)) for text in texts_of(entry)) or any(
            row is not None and finder.owners(split(row.name))
            for code in codings(entry)
            if code.system == codes.RXNORM
            for row in (self.library.codes.get((codes.RXNORM, code.code)),)
        )

    def since_start(self, names: tuple[str, ...]) -> timedelta | None:
        """How long ago the newest prescription of these began; timedelta.max when none is taken."""
        taken = self.taking(names)
        if not taken:
            return timedelta.max if self.whole((Section.MEDICATIONS,)) else None
        starts = [
            time.start
            for entry in taken
            for record in entry.members
            if isinstance(record, Medication)
            and (time := record.starts or record.authored) is not None
        ]
        return self.as_of - max(starts) if starts else None

    def has(self, names: tuple[str, ...], *, ever: bool) -> bool | None:
        wanted = {name for name in names if name in self.library.items}
        prefixes = tuple(name.replace(".", "") for name in names if name not in wanted)
        for entry in self.chart.problems:
            if not ever and not active_problem(entry):
                continue
            if wanted.intersection(self.matches.get(entry.key, ())) or has_icd(entry, prefixes):
                return True
        return False if self.whole((Section.PROBLEMS,)) else None

    def latest(self, item: str, unit: str) -> Quantity | None:
        """The newest number of an item, in `unit` when given; None when there is none or it cannot be converted."""
        newest_at: datetime | None = None
        found: Quantity | None = None
        for key in self.owners.get(item, ()):
            row = self.series.get(key)
            for point in reversed(row.points if row is not None else ()):
                number = numeric(point.record)
                if number is None or point.record.taken is None:
                    continue
                if newest_at is None or point.record.taken.start > newest_at:
                    newest_at, found = (
                        point.record.taken.start,
                        self._in_unit(number, point.record, unit),
                    )
                break
        return found

    def _in_unit(self, number: Quantity, record: Observation, unit: str) -> Quantity | None:
        if not unit:
            return number
        return in_unit(number, unit, loinc_of(record.concept))

    def since_last(self, item: str) -> timedelta | None:
        """How long ago it was done last; timedelta.max when never and everything was retrieved."""
        last = self.last(item)
        if last is not None:
            return self.as_of - last.start
        known = self.item(item)
        whole = known is not None and self.whole(known.sections)
        return timedelta.max if whole and not self.owners.get(item) else None

    def last(self, item: str) -> FhirTime | None:
        """The newest date of anything that is this item and was done."""
        times = [
            time
            for key in self.owners.get(item, ())
            for time in (self._series_time(key) or self._entry_time(key),)
            if time is not None
        ]
        return max(times, key=lambda time: (time.start, time.text), default=None)

    def _series_time(self, key: str) -> FhirTime | None:
        row = self.series.get(key)
        for point in reversed(row.points if row is not None else ()):
            if point.record.status in USABLE and not point.record.absent:
                return point.record.taken
        return None

    def _entry_time(self, key: str) -> FhirTime | None:
        entry = self.entries.get(key)
        if entry is None or not is_done(entry):
            return None
        return moment(entry)

    def recorded(self, item: str) -> bool | None:
        if self.owners.get(item):
            return True
        known = self.item(item)
        return False if known is not None and self.whole(known.sections) else None

    def pregnant(self) -> bool | None:
        if self._pregnant is None:
            self._pregnant = (pregnant(self),)
        return self._pregnant[0]


def _whole_sections(chart: Chart) -> frozenset[Section]:
    good = {state.section for state in chart.states if state.state in _GOOD and not state.stale}
    bad = {state.section for state in chart.states if state.state in _BAD or state.stale}
    return frozenset(good - bad)
