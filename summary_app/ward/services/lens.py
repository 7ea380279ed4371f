"""The nurse lens of an opening, from everything that is known at this moment. Fetches nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clinical.records import Chart, Encounter, Section
from clinical.summary import Site, lately
from clinical.summary.absent_items import asked_back
from clinical.summary.states import States
from clinical.summary.summarise import columns_for
from clinical.summary.view_model import Part, State, Summary
from clinical.vitals import growth_view
from clinical.vitals.flowsheet import Ward, flowsheet, ward
from clinical.vitals.nursing import NONE_RECORDED, Slot, nursing_line, told_once
from clinical.vitals.nursing_note import Note, latest_note
from clinical.vitals.policy import Policy, without_intervals
from clinical.vitals.sheet_model import Sheet
from summary_app.access import door
from summary_app.summary.services import pages
from summary_app.ward.services import policies

_KEPT = 16
_FRESH = timedelta(seconds=30)  # ages on the sheet are right to this much
_IN_BED = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC"})  # v3-ActCode: stays in a hospital
_EVENTS = (Section.LABS, Section.VITALS, Section.ADMINISTRATIONS)
_SAFETY_KEYS = {
    "code-status": "code"
}  # slots of the safety line that the nursing line calls otherwise
_wards: OrderedDict[str, Ward] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Lens:
    """summary: the same strip, safety line and sources as on the physician's page. minute: of the ages shown.

    visit: keys of the blocks of the page that stand beside the vital signs of a visit, in three columns; empty on a
    stay, where the flow sheet has the whole width. fluids_nothing: what to say where no fluids are on record.
    lately: of a visit, see `clinical.summary.lately`. no_vitals: how the sources answered where no sign came at all.
    events_gap: how what happens on a shift was not read whole, "" when it was.
    """

    summary: Summary
    sheet: Sheet
    slots: tuple[Slot, ...]
    note: Note | None
    note_nothing: str
    given_nothing: str
    growth: growth_view.GrowthView | None
    pregnancy: growth_view.PregnancyView | None
    version: int
    minute: str
    visit: tuple[tuple[str, ...], ...] = ()
    fluids_nothing: str = ""
    lately: tuple[Part, ...] = ()
    no_vitals: State | None = None
    events_gap: str = ""


def lens_of(opening: door.Opening, *, window: str, as_of: datetime) -> Lens:
    """The lens with the flow sheet of one window (see `clinical.vitals.flowsheet.WINDOWS`); "" = what fits: 24 hours on
    a stay, everything at a visit."""
    version = pages.refresh(opening)  # before the page is made: what comes meanwhile is news
    built = pages.built_of(opening, as_of=as_of)
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    policy = policies.Policies().of_place(_place(built.chart, opening.encounter))
    visit = built.summary.setting == "clinic" and not _in_bed(built.chart)
    if visit:
        policy = without_intervals(policy)
    seen = _ward(opening.id, built.chart, policy, as_of, zone)
    nothing = words_for_nothing(built.chart, opening.connection.key, zone, pages.site())
    sheet = flowsheet(
        seen,
        window=window or ("all" if visit else "24h"),
        zone=zone,
        nothing=nothing.of_one_sign(built.summary.setting),
    )
    return Lens(
        summary=built.summary,
        sheet=sheet,
        slots=told_once(
            nursing_line(built.chart, seen.readings, as_of=seen.as_of, zone=zone, nothing=nothing),
            [_SAFETY_KEYS.get(slot.key, slot.key) for slot in built.summary.safety],
        ),
        note=latest_note(built.chart, as_of=seen.as_of, zone=zone),
        note_nothing=nothing(Section.DOCUMENTS),
        given_nothing="" if built.chart.administrations else nothing(Section.ADMINISTRATIONS),
        growth=growth_view.growth_view(built.chart, seen.readings, as_of=seen.as_of),
        pregnancy=growth_view.pregnancy_view(built.chart, seen.readings, as_of=seen.as_of, zone=zone),
        version=version,
        minute=f"{as_of:%H%M}",
        visit=_columns(built.summary) if visit else (),
        fluids_nothing=nothing(Section.VITALS),
        lately=lately.build(built.summary, built.chart) if visit else (),
        no_vitals=nothing.state(Section.VITALS) if sheet.silent else None,
        events_gap=nothing.gap(*_EVENTS),
    )  # fmt: skip


def _in_bed(chart: Chart) -> bool:
    """Whether a stay is under way, whatever the visit was opened for: then nothing is taken off what is expected."""
    return any(
        isinstance(record, Encounter)
        and record.status == "in-progress"
        and record.class_code in _IN_BED
        for item in chart.encounters
        for record in item.members
    )


def _columns(summary: Summary) -> tuple[tuple[str, ...], ...]:
    """The columns that this visit has on the page of a physician; the vital signs are the lens's own."""
    columns = columns_for(summary.setting, "physician", summary.visit.contexts)
    return tuple(tuple(key for key in column if key != "vitals") for column in columns)


class Words:
    """What to say where a section (or several that feed one place) holds nothing: how its sources answered, worst first."""

    def __init__(self, states: States) -> None:
        self._states = states

    def state(self, *sections: Section, also: Iterable[Section] = ()) -> State:
        """The same as an honest state, with its sign. also: see `States.nothing`."""
        return self._states.nothing(sections, also=also)

    def __call__(self, *sections: Section, also: Iterable[Section] = ()) -> str:
        state = self.state(*sections, also=also)
        word = state.word.lower()
        return f"{word} {state.detail}".strip() if word != "nothing recorded" else NONE_RECORDED

    def of_one_sign(self, setting: str) -> str:
        """The same of a vital sign beside others that came: where older ones were not asked for, "none" means lately."""
        said = self(Section.VITALS)
        if said != NONE_RECORDED or self._states.asked_whole((Section.VITALS,)):
            return said
        return f"none in {asked_back((Section.VITALS,), setting)}"

    def gap(self, *sections: Section) -> str:
        """What may be missing beside what is shown, which is never called nothing; "" when every source answered whole."""
        states = self._states.gap_states(sections)
        return " · ".join(f"{one.word.lower()} {one.detail}".strip() for one in states)

    def unread(self, *sections: Section) -> bool:
        """Whether an entry of these came that could not be read."""
        return bool(self._states.unread(sections))


def words_for_nothing(chart: Chart, server: str, zone: ZoneInfo, site: Site) -> Words:
    return Words(States(chart.states, site, zone, server, chart.not_shown))


def _place(chart: Chart, encounter: str) -> str:
    """Where the patient lies, in the words of the stay that was opened, else of the newest one in progress."""
    stays = [
        r for i in chart.encounters for r in i.members if isinstance(r, Encounter) and r.location
    ]
    opened = [r for r in stays if r.source.reference == f"Encounter/{encounter}"]
    current = opened or [r for r in stays if r.status == "in-progress"]
    return current[0].location if current else ""


def _ward(context_id: str, chart: Chart, policy: Policy, as_of: datetime, zone: ZoneInfo) -> Ward:
    """Made once per content and half minute: another window costs only its own picture."""
    with _lock:
        known = _wards.get(context_id)
        same = known is not None and known.chart is chart and known.policy == policy
        if known is not None and same and timedelta(0) <= as_of - known.as_of < _FRESH:
            _wards.move_to_end(context_id)
            return known
    seen = ward(chart, as_of=as_of, zone=zone, policy=policy, before=known)
    with _lock:
        _wards[context_id] = seen
        while len(_wards) > _KEPT:
            _wards.popitem(last=False)
    return seen
