"""Whether a value is abnormal, as the page shows it. `clinical.judgement` decides; this asks once per value.

The laboratory's own interpretation wins; a missing one is worked out from the point's own range only and marked
"calc"; without either there is no level, which is never the same as normal (rules 28-30).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from clinical import dates, units
from clinical.dates import Age, age_on
from clinical.judgement import (
    WEIGHT_CODES,
    Abnormality,
    Bounds,
    abnormal,
    choose_range,
    never_wrong,
    observation_error,
    weight_jump,
)
from clinical.records import (
    Component,
    FhirTime,
    Observation,
    Patient,
    Quantity,
    ReferenceRange,
    Series,
)
from clinical.summary.view_model import Level

ORDER: dict[Level, int] = {"crit": 0, "ab": 1, "": 2}
NONE = Abnormality()
_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PLAIN: dict[str, Level] = {
    "H": "ab",
    "L": "ab",
    "A": "ab",
    "HH": "crit",
    "LL": "crit",
    "AA": "crit",
    "N": "",
}


_FOR_CLINICAL_USE = {
    "female-typical": "female",
    "male-typical": "male",
    "female": "female",
    "male": "male",
}


class Judge:
    """Judgements on one patient's values, each made once (records live as long as the chart does)."""

    def __init__(
        self,
        patient: Patient | None,
        as_of: datetime | None = None,
        prefer: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._sex = _sex(patient) if patient is not None else ""
        self._birth: FhirTime | None = patient.birth if patient is not None else None
        self._death: FhirTime | None = patient.deceased_at if patient is not None else None
        self._as_of = as_of
        end = self._death.end if self._death is not None else None
        self._from = self._birth.start if self._birth is not None else _EVER
        self._until = min(one for one in (as_of, end, _NEVER) if one is not None)
        self._prefer = prefer
        self._flags: dict[int, Abnormality] = {}
        self._doubts: dict[int, str] = {}
        self._bounds: dict[tuple[int, str, str, str], Bounds | None] = {}
        self._ranges: dict[tuple[ReferenceRange, ...], ReferenceRange | None] = {}

    def flag(self, record: Observation) -> Abnormality:
        """The judgement on an observation; on its worst part when it has components and no word of its own."""
        known = self._flags.get(id(record))
        if known is None:
            known = self._flags[id(record)] = self._judge(record)
        return known

    def level(self, record: Observation) -> Level:
        """Only the level: the laboratory's plain word is enough for that, whatever the range says."""
        said = record.interpretation
        if len(said) == 1 and not record.absent:
            quick = _PLAIN.get(said[0])
            if quick is not None:
                return quick
        plain = not said and not record.components
        if plain and (not record.ranges or _plainly_inside(record)):
            return ""
        return self.flag(record).level

    def part(self, record: Observation, part: Component) -> Abnormality:
        """One component, judged by itself (systolic and diastolic apart)."""
        if not part.interpretation and not part.ranges:
            return NONE
        chosen = self._choose(part.ranges, record) if part.ranges else None
        return abnormal(part, chosen, codes=_codes(part))

    def range(self, record: Observation) -> ReferenceRange | None:
        """The range that fits this patient at the time of the value; None when none or several do."""
        return self._choose(record.ranges, record) if record.ranges else None

    def site_unit(self, quantity: Quantity, codes: Collection[str]) -> Quantity:
        """The quantity in the unit that the site prefers for these codes; as sent where it may not be converted."""
        to = next((self._prefer[code] for code in codes if code in self._prefer), "")
        if not to:
            return quantity
        converted = units.convert(quantity, to, codes=codes)
        return quantity if isinstance(converted, units.Refused) else converted

    def read_as(self, measured: Observation | Component) -> Quantity | None:
        """The number of a measurement as this site reads it; judged is always what was reported."""
        quantity = measured.value.quantity
        if quantity is None or not self._prefer:
            return quantity
        return self.site_unit(quantity, _codes(measured))

    def doubt(self, record: Observation) -> str:
        """Why a value or its time cannot be right (rules 38, 8.2): listed with the reason, not plotted; "" otherwise."""
        known = self._doubts.get(id(record))
        if known is None:
            known = "" if self._plainly_possible(record) else implausible(record)
            taken = record.taken
            # Between birth and now or death, without the slack that clocks and zones are given: nothing is wrong.
            if taken is not None and not (
                taken.start <= self._until and (taken.end is None or taken.end > self._from)
            ):
                known = known or self._wrong_time(taken)
            self._doubts[id(record)] = known
        return known

    def _plainly_possible(self, record: Observation) -> bool:
        """No entry error, by what was worked out once for this concept and unit; False: it has to be asked."""
        quantity = record.value.quantity
        if record.components:
            return False
        if quantity is None or quantity.value is None:
            return True
        key = (id(record.concept), quantity.code, quantity.unit, quantity.system)
        if key in self._bounds:
            bounds = self._bounds[key]
        else:
            bounds = self._bounds[key] = never_wrong(quantity, _codes(record))
        if bounds is None:
            return False
        low, high = bounds
        return low is None or high is None or low <= quantity.value <= high

    def _wrong_time(self, taken: FhirTime) -> str:
        if self._as_of is None:
            return ""
        wrong = dates.implausible(taken, as_of=self._as_of, birth=self._birth, death=self._death)
        return f"its time is {wrong}" if wrong else ""

    def _judge(self, record: Observation) -> Abnormality:
        if not record.interpretation and not record.ranges:
            own = NONE
        else:
            own = abnormal(record, self.range(record), codes=_codes(record))
        if own.level or not record.components:
            return own
        parts = [self.part(record, part) for part in record.components]
        worst = min(parts, key=lambda found: (ORDER[found.level], found.flag))
        return worst if worst.level or worst.known else own

    def _choose(
        self, ranges: tuple[ReferenceRange, ...], record: Observation
    ) -> ReferenceRange | None:
        if any(one.age_low is not None or one.age_high is not None for one in ranges):
            return choose_range(ranges, sex=self._sex, age=self._age(record))
        if len(ranges) == 1:  # the usual case: nothing to choose between, only whether it fits
            one = ranges[0]
            if one.type is None and not one.applies_to:
                return one
        if ranges not in self._ranges:
            self._ranges[ranges] = choose_range(ranges, sex=self._sex)
        return self._ranges[ranges]

    def _age(self, record: Observation) -> Age | None:
        if record.taken is None or self._birth is None:
            return None
        return age_on(self._birth, record.taken)


def _sex(patient: Patient) -> str:
    """For ranges: what was recorded for clinical use if anything was, else the administrative gender (part 9)."""
    stated = patient.sex_for_clinical_use
    return _FOR_CLINICAL_USE.get(stated, "") if stated else patient.sex


def _plainly_inside(record: Observation) -> bool:
    """A number strictly inside its one unconditional range of the same unit: not abnormal, without further ado."""
    quantity, one = record.value.quantity, record.ranges[0]
    if (
        quantity is None
        or quantity.value is None
        or quantity.comparator is not None
        or len(record.ranges) > 1
    ):
        return False
    low, high = one.low, one.high
    if low is None or high is None or low.value is None or high.value is None:
        return False
    if low.code != quantity.code or high.code != quantity.code or low.comparator or high.comparator:
        return False
    return low.value < quantity.value < high.value


def implausible(record: Observation) -> str:
    """Why a value is taken for an entry error: it is listed with the reason and not plotted; "" when it is not."""
    return observation_error(record)


def jump(row: Series) -> str:
    """Whether the latest weight cannot follow from the one before (8.2); "" for every other row."""
    points = row.points[-2:]
    if len(points) < 2 or WEIGHT_CODES.isdisjoint(_codes(points[1].record)):
        return ""
    return weight_jump(points[0].record, points[1].record)


def _codes(measured: Observation | Component) -> tuple[str, ...]:
    return tuple(coding.code for coding in measured.concept.codings)
