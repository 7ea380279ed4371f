"""Ranks a chart for a visit: a pure function with a reason for every point and one total order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from clinical.rank import floor, score
from clinical.rank.due import due, never
from clinical.rank.entries import active_problem, current_medicine, moment, texts_of
from clinical.rank.instead import newest_instead
from clinical.rank.library import GENERAL, Importance, Library
from clinical.rank.listing import Wanted, wanted
from clinical.rank.marks import Mark, Open
from clinical.rank.patient import Patient
from clinical.rank.placing import Placed, place
from clinical.rank.results import Judge, change
from clinical.rank.texts import Finder, split
from clinical.rank.ties import Ties
from clinical.records import Absent, Chart, Due, FhirTime, Ranked, Ranking, Reason, Series, Visit
from clinical.records import Item as Entry

_NO_RULE = "score v1"
_NURSE = frozenset({"administration", "device", "flag"})
_TRIED = 24  # months; a list that looks back further asks for what was tried before
_DAY = 86400.0
_YEARS = 5 * 365.25  # window of what no pack lists
_PLAIN = (Reason(key="unlisted", points=0.0, words="not on the list of this visit", rule=_NO_RULE),)


def rank(
    chart: Chart,
    *,
    visit: Visit,
    library: Library,
    last_seen: datetime | None,
    role: str,
    as_of: datetime,
) -> Ranking:
    """Every series and item of the chart once, most relevant first; what the visit asks for and is not there.

    last_seen: when the clinician last saw the patient (None = not before). Same input, same output, whatever the order
    in which the chart arrived.
    """
    patient = Patient(chart, library, as_of=as_of, setting=visit.setting)
    hours = library.floor.open_hours[visit.setting]
    since = as_of - timedelta(hours=hours)
    opened = Open(
        since=since,
        new_since=last_seen or since,
        judge=Judge(chart.patients[0] if chart.patients else None),
    )
    desk = _Desk(patient, visit, library, opened, last_seen, role)
    ranked = [desk.series(row) for row in chart.series]
    ranked += [desk.entry(entry) for entry in patient.entries.values()]
    ranked.sort(key=lambda one: (-one.score, one.key))
    return Ranking(
        visit=visit,
        ranked=tuple(newest_instead(ranked, chart, visit)),
        absent=tuple(desk.absent()),
        choices=tuple(
            sorted(
                ((p.id, p.title) for p in library.packs.values()),
                key=lambda c: (c[1].casefold(), c[0]),
            )
        ),
    )


class _Desk:
    """What the entries of one chart are scored with, prepared once."""

    def __init__(
        self,
        patient: Patient,
        visit: Visit,
        library: Library,
        opened: Open,
        last_seen: datetime | None,
        role: str,
    ) -> None:
        self.patient, self.visit, self.opened, self.last_seen, self.role = (
            patient,
            visit,
            opened,
            last_seen,
            role,
        )
        self.rules = library.floor.rules
        self.floor_rule = f"safety floor v{library.floor.version}"
        self.wanted: Mapping[str, Wanted] = wanted(visit, library, patient)
        self.marks = floor.marks(patient, opened)
        self.ties = Ties(visit, library, patient)
        self._due: dict[str, Due] = {}
        self._finders: dict[str, Finder] = {}

    # -- one row of measurements

    def series(self, row: Series) -> Ranked:
        placed = place(
            row.key, self.patient, self.wanted, when=row.latest.record.taken, kind="series"
        )
        reasons = self._listed(placed)
        latest = row.latest.record
        judged = self.opened.judge.of(latest)
        if judged.level:
            points = score.CRITICAL if judged.level == "crit" else score.ABNORMAL
            words = f"{'critical' if judged.level == 'crit' else 'abnormal'}: {judged.why}"
            reasons.append(Reason(key="abnormal", points=points, words=words, rule=_NO_RULE))
        if placed.wanted is not None and placed.wanted.terms.change is not None:
            moved = change(row, placed.wanted.terms.change, self.last_seen)
            if moved:
                rule = f"{placed.wanted.rule} {placed.wanted.item.id}"
                reasons.append(Reason(key="changed", points=score.CHANGED, words=moved, rule=rule))
        self._time(reasons, placed, latest.issued or latest.taken)
        if self.role == "nurse" and row.category == "vital-signs":
            reasons.append(_for_nurse())
        return self._ranked(row.key, "series", placed, reasons)

    # -- one item

    def entry(self, entry: Entry) -> Ranked:
        when = moment(entry)
        placed = place(entry.key, self.patient, self.wanted, when=when, kind=entry.kind)
        placed = self._standing(entry, placed, when)
        reasons = self._listed(placed)
        if placed.importance != "background" or placed.wanted is not None:
            tie = self.ties.of(entry)
            if tie:
                reasons.append(Reason(key="tied", points=score.TIED, words=tie, rule=_NO_RULE))
            reasons += self._named(entry, placed)
        self._time(reasons, placed, when)
        if self.role == "nurse" and entry.kind in _NURSE:
            reasons.append(_for_nurse())
        return self._ranked(entry.key, entry.kind, placed, reasons)

    def _named(self, entry: Entry, placed: Placed) -> list[Reason]:
        """A problem in the words of its list item ("type 2 diabetes") before one that only carries its code."""
        if entry.kind != "problem" or placed.wanted is None:
            return []
        item = placed.wanted.item
        finder = self._finders.get(item.id)
        if finder is None:
            phrases = (item.label, *item.words)
            finder = self._finders[item.id] = Finder(
                ((item.id, phrase) for phrase in phrases), abbreviations=False
            )
        if not any(finder.owners(split(text)) for text in texts_of(entry)):
            return []
        words = f"named as the list names it: {item.label}"
        return [Reason(key="named", points=score.NAMED, words=words, rule=_NO_RULE)]

    def _standing(self, entry: Entry, placed: Placed, when: FhirTime | None) -> Placed:
        """A medicine no longer taken and a problem that is over count less than the list says."""
        if entry.kind == "medication":
            return self._medicine(entry, placed)
        if entry.kind == "problem":
            return self._problem(entry, placed)
        return placed

    def _medicine(self, entry: Entry, placed: Placed) -> Placed:
        if current_medicine(entry):
            tie = self.ties.of(entry)
            if not placed.importance and tie:
                return placed.raised("should", tie)
            if not placed.importance and GENERAL in self.visit.contexts:
                return placed.raised(
                    "should", "a current medicine; what the visit is about is not known"
                )
            return placed
        if placed.importance in ("must", "should"):
            window = placed.wanted.terms.lookback if placed.wanted is not None else None
            if self._left(entry, placed, window):
                return placed.raised("must", "no longer taken, and nothing else of its kind is")
            stopped = self._since_visit(_ended(entry))
            if window is not None and window > _TRIED and placed.importance == "must":
                return placed.raised(
                    "must", "no longer taken; what was tried is part of this visit"
                )
            if stopped or (window is None or window >= 24):
                return placed.lowered("should", "no longer taken")
            return placed.lowered("background", "no longer taken")
        return placed

    def _left(self, entry: Entry, placed: Placed, window: int | None) -> bool:
        """Whether a must-see kind of medicine was taken within its window and none of it is taken now."""
        if placed.importance != "must" or placed.wanted is None:
            return False
        ended = _ended(entry)
        since = self.patient.as_of - timedelta(days=(window or 12) * 30.4375)
        if ended is None or ended.start < since:
            return False
        name = placed.wanted.item.id
        return not any(
            current_medicine(one) and name in self.patient.matches.get(one.key, ())
            for one in self.patient.chart.medications
        )

    def _problem(self, entry: Entry, placed: Placed) -> Placed:
        listed = any(getattr(one, "category", "") != "encounter-diagnosis" for one in entry.members)
        if active_problem(entry) and listed:
            tie = self.ties.of(entry)
            if not placed.importance and tie:
                return placed.raised("should", tie)
            if not placed.importance and GENERAL in self.visit.contexts:
                return placed.raised(
                    "should", "an active problem; what the visit is about is not known"
                )
            return placed
        if placed.importance == "must":
            return placed.lowered(
                "should", "not active now" if listed else "diagnosis of one visit"
            )
        return (
            placed.lowered("background", "not active now")
            if placed.importance == "should"
            else placed
        )

    # -- what both share

    def _listed(self, placed: Placed) -> list[Reason]:
        if not placed.importance:
            return []
        if placed.wanted is not None:
            return score.listed(placed.wanted, placed.importance, placed.note)
        points = score.IMPORTANCE[placed.importance]
        return [Reason(key="listed", points=points, words=placed.note, rule=_NO_RULE)]

    def _new(self, time: FhirTime | None) -> bool:
        return self.last_seen is not None and time is not None and time.start > self.last_seen

    def _since_visit(self, time: FhirTime | None) -> bool:
        """New, or decided at that visit: within the day before its end."""
        seen = self.last_seen
        return seen is not None and time is not None and time.start > seen - timedelta(days=1)

    def _time(self, reasons: list[Reason], placed: Placed, when: FhirTime | None) -> None:
        if when is None:
            return
        if placed.importance and self._new(when):
            reasons.append(
                Reason(key="new", points=score.NEW, words="new since the last visit", rule=_NO_RULE)
            )
        months = placed.wanted.terms.lookback if placed.wanted is not None else None
        window = months * 30.4375 if months else _YEARS
        found = score.recent((self.patient.as_of - when.start).total_seconds() / _DAY, window)
        if found is not None:
            reasons.append(found)

    def _ranked(self, key: str, kind: str, placed: Placed, reasons: list[Reason]) -> Ranked:
        now = self.due(placed) if placed.leads else Due()
        if now.state == "overdue" and placed.wanted is not None:
            rule = f"{placed.wanted.rule} {placed.wanted.item.id}"
            reasons.append(Reason(key="overdue", points=score.OVERDUE, words=now.words, rule=rule))
        marks = self.marks.get(key, ())
        reasons += [self._floor(mark) for mark in marks[:1]]
        reasons += [msgspec.structs.replace(self._floor(mark), points=0.0) for mark in marks[1:]]
        return Ranked(
            key=key,
            kind=kind,
            score=round(sum(reason.points for reason in reasons), 2),
            reasons=tuple(reasons) or _PLAIN,
            importance=placed.importance,
            listed=placed.listed,
            floor=tuple(f"floor.{mark.id}" for mark in marks),
            due=now,
        )

    def _floor(self, mark: Mark) -> Reason:
        return Reason(
            key=f"floor.{mark.id}.{mark.part}" if mark.part else f"floor.{mark.id}",
            points=self.rules[mark.id].points + mark.more,
            words=mark.words,
            rule=self.floor_rule,
            source=mark.source,
        )

    def due(self, placed: Placed) -> Due:
        one = placed.wanted
        if one is None or placed.importance not in ("must", "should"):
            return Due()
        if one.item.id not in self._due:
            self._due[one.item.id] = due(one.item, one.terms, self.patient)
        return self._due[one.item.id]

    # -- what is not there

    def absent(self) -> list[Absent]:
        """Listed must and should items without data, in the order of the list."""
        found = []
        for one in sorted(
            self.wanted.values(), key=lambda w: (w.importance != "must", w.share, w.item.id)
        ):
            if one.importance == "background" or one.item.id in self.patient.owners:
                continue
            state = never(one.item, one.terms, self.patient)
            if one.borrowed and not (one.importance == "must" and state.words):
                continue  # of a borrowed list only what should have been done by now
            found.append(_absent(one, one.importance, state))
        return found


def _absent(one: Wanted, importance: Importance, state: Due) -> Absent:
    rule = f"{one.rule} {one.item.id}"
    points = score.IMPORTANCE[importance]
    return Absent(
        item=one.item.id,
        label=one.item.label,
        kind=one.item.kind,
        importance="must" if importance == "must" else "should",
        sections=one.item.sections,
        due=state,
        reasons=(Reason(key="listed", points=points, words=one.words, rule=rule),),
    )


def _for_nurse() -> Reason:
    return Reason(key="role", points=score.ROLE, words="what a nurse looks at first", rule=_NO_RULE)


def _ended(entry: Entry) -> FhirTime | None:
    times = [time for one in entry.members if (time := getattr(one, "ends", None)) is not None]
    return max(times, key=lambda time: (time.start, time.text), default=None)
