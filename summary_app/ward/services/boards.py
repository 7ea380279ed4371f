"""The board of a person's patients or of a unit, and the hand-over of the same patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings

from clinical.records import Chart, FetchState, Section
from clinical.summary import Site
from clinical.vitals.board import BoardGroup, BoardLine, grouped, silent_first
from clinical.vitals.board_line import board_line
from clinical.vitals.flowsheet import Ward
from clinical.vitals.handover import Sbar, sbar
from clinical.vitals.policy import Policy
from clinical.vitals.shift import shift_start
from summary_app.access import door
from summary_app.access.models import User
from summary_app.connections.models import Connection
from summary_app.summary.services import openings, pages
from summary_app.ward.services import policies, rounds
from summary_app.ward.services.lens import words_for_nothing
from summary_app.ward.services.units import Bed, Listing, listings

MINE, PICKED = "mine", "picked"
_DECISIONS = (Section.FLAGS, Section.ORDERS)  # where isolation and code status are written down


class NoSuchPatient(Exception):
    """The key names nobody who lies where this person may look."""


@dataclass(frozen=True)
class Choice:
    """One way to fill the board. key: "mine", "picked", or a unit's name."""

    key: str
    words: str
    count: int


@dataclass(frozen=True)
class SourceState:
    """How one EHR of the board stands."""

    name: str
    words: str
    whole: bool
    test: bool


@dataclass(frozen=True)
class Board:
    """groups: worst first; silent: the same patients, longest unmeasured first (then groups is empty).

    everybody: all whom this person could pick. asking: some are still being read.
    """

    title: str
    chosen: str
    choices: tuple[Choice, ...]
    groups: tuple[BoardGroup, ...]
    silent: tuple[BoardLine, ...]
    everybody: tuple[Bed, ...]
    picked: frozenset[str]
    sources: tuple[SourceState, ...]
    as_of: str
    zone: str
    shift: str
    asking: bool
    test: bool


@dataclass(frozen=True)
class HandOver:
    board: Board
    patients: tuple[Sbar, ...]
    for_whom: str
    day: str


@dataclass(frozen=True)
class _Seen:
    known: rounds.Known
    ward: Ward
    line: BoardLine


def board(
    user: User, *, wanted: str, by_silence: bool, picked: Sequence[str], as_of: datetime
) -> Board:
    """wanted: "mine", "picked", a unit's name, or "" for what fits. Every patient shown is written down first."""
    found, seen, chosen = _seen(user, wanted, picked, as_of)
    lines = [one.line for one in seen]
    return _made(found, seen, chosen, lines, by_silence, picked, as_of)


def hand_over(user: User, *, wanted: str, picked: Sequence[str], as_of: datetime) -> HandOver:
    """The same patients in the same order, each as SBAR."""
    found, seen, chosen = _seen(user, wanted, picked, as_of)
    made = _made(found, seen, chosen, [one.line for one in seen], False, picked, as_of)
    order = [line.key for group in made.groups for line in group.lines]
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    names = {listing.connection.key: listing.connection.name for listing in found}
    by_key = {one.line.key: one for one in seen}
    site = pages.site()
    sheets = tuple(_sbar(by_key[key], zone, names, site) for key in order)
    local = as_of.astimezone(zone)
    return HandOver(made, sheets, str(user), f"{local:%d-%b-%Y}")


def open_patient(user: User, key: str, *, as_of: datetime) -> door.Opening:
    """A line of the board becomes an opening of its own. Raises NoSuchPatient."""
    for listing in listings(user, unit="open", as_of=as_of):
        for bed in listing.beds:
            if bed.key == key:
                encounter = bed.encounter.source.reference.removeprefix("Encounter/")
                return openings.open_chart(
                    user,
                    connection=bed.connection,
                    patient=bed.patient,
                    encounter=encounter,
                    as_of=as_of,
                )
    raise NoSuchPatient


# ---- who -----------------------------------------------------------------------------------------------------


def _seen(
    user: User, wanted: str, picked: Sequence[str], as_of: datetime
) -> tuple[tuple[Listing, ...], list[_Seen], str]:
    found = listings(user, unit=wanted or "board", as_of=as_of)
    beds = [bed for listing in found for bed in listing.beds]
    chosen = _chosen(beds, wanted, picked)
    shown = [bed for bed in beds if _is_in(bed, chosen, picked)]
    door.look_at_ward(user, [(b.connection, b.patient) for b in shown], unit=chosen, as_of=as_of)
    known = rounds.look(user, shown, as_of=as_of)
    rules, site = policies.Policies(), pages.site()
    seen = [_one(each, rules.of(each.bed.unit), site, as_of) for each in known]
    return found, seen, chosen


def _chosen(beds: Sequence[Bed], wanted: str, picked: Sequence[str]) -> str:
    """What was asked for; else my own patients, the picked ones, or the only unit."""
    units = sorted({bed.unit for bed in beds})
    if wanted in (MINE, PICKED) or wanted in units:
        return wanted
    if any(bed.mine for bed in beds):
        return MINE
    return (
        PICKED if picked or not units else max(units, key=lambda u: sum(b.unit == u for b in beds))
    )


def _is_in(bed: Bed, chosen: str, picked: Sequence[str]) -> bool:
    if chosen == MINE:
        return bed.mine
    return bed.key in picked if chosen == PICKED else bed.unit == chosen


# ---- each of them --------------------------------------------------------------------------------------------


def _one(known: rounds.Known, policy: Policy, site: Site, as_of: datetime) -> _Seen:
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    bed = known.bed
    chart = known.chart or Chart(patients=())
    seen = rounds.seen(known, chart, policy, as_of=as_of, zone=zone)
    words = words_for_nothing(chart, bed.connection.key, zone, site)
    nothing = words(*_DECISIONS) if known.chart is not None else "not retrieved"
    line = board_line(
        seen,
        bed.encounter,
        key=bed.key,
        zone=zone,
        bed=bed.bed,
        nothing=nothing,
        stale_words=_stale(known, zone),
    )
    line = _with_gap(line, nothing, words.gap(*_DECISIONS))
    if known.chart is None or _vitals_missing(chart):
        return _Seen(known, seen, _not_read(line, known))
    return _Seen(known, seen, line)


def _with_gap(line: BoardLine, nothing: str, gap: str) -> BoardLine:
    """ "Full code" while the orders were not retrieved: the refusal may stand in what is missing."""
    if not gap or line.code[1] or line.code[0] == nothing:
        return line
    return msgspec.structs.replace(line, code=(f"{line.code[0]} ({gap})", False))


def _stale(known: rounds.Known, zone: ZoneInfo) -> str:
    if not known.problem or known.fresh is None:
        return ""
    return f"{known.bed.connection.name} {known.fresh.astimezone(zone):%H:%M}, out of date"


def _vitals_missing(chart: Chart) -> bool:
    """No vital sign is here, and their search did not end well: not retrieved is not unmeasured."""
    states = [
        s for s in chart.states if s.section is Section.VITALS and s.search == "vitals.recent"
    ]
    good = (FetchState.OK, FetchState.OK_EMPTY, FetchState.PARTIAL)
    return not any(s.state in good for s in states)


def _not_read(line: BoardLine, known: rounds.Known) -> BoardLine:
    name = known.bed.connection.name
    if known.asking and not known.problem:
        why = (f"{name} is being asked.", "")
    else:
        why = (f"Not retrieved from {name}.", known.problem)
    return msgspec.structs.replace(
        line, number="not retrieved", measured="not retrieved", why=why, late=()
    )


def _sbar(one: _Seen, zone: ZoneInfo, names: dict[str, str], site: Site) -> Sbar:
    chart = one.known.chart or Chart(patients=())
    words = words_for_nothing(chart, one.known.bed.connection.key, zone, site)
    return sbar(one.ward, one.line, one.known.bed.encounter, zone=zone, names=names, nothing=words)


# ---- all of them ---------------------------------------------------------------------------------------------


def _made(
    found: Sequence[Listing],
    seen: Sequence[_Seen],
    chosen: str,
    lines: Sequence[BoardLine],
    by_silence: bool,
    picked: Sequence[str],
    as_of: datetime,
) -> Board:
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    beds = tuple(bed for listing in found for bed in listing.beds)
    local = as_of.astimezone(zone)
    return Board(
        title=_title(chosen, seen),
        chosen=chosen,
        choices=_choices(beds, picked),
        groups=() if by_silence else grouped(lines),
        silent=silent_first(lines) if by_silence else (),
        everybody=tuple(sorted(beds, key=lambda bed: (bed.unit, bed.bed))),
        picked=frozenset(picked),
        sources=tuple(_source(listing, seen, zone) for listing in found),
        as_of=f"{local:%H:%M}",
        zone=local.tzname() or "",
        shift=f"{shift_start(as_of, policies.Policies().of(chosen), zone).astimezone(zone):%H:%M}",
        asking=any(one.known.asking for one in seen),
        test=any(listing.connection.test for listing in found),
    )


def _title(chosen: str, seen: Sequence[_Seen]) -> str:
    if chosen not in (MINE, PICKED):
        return chosen
    units = sorted({one.known.bed.unit for one in seen})
    return ", ".join(units) if len(units) in (1, 2) else ("My patients" if units else "Board")


def _choices(beds: Sequence[Bed], picked: Sequence[str]) -> tuple[Choice, ...]:
    units = sorted({bed.unit for bed in beds})
    return (
        Choice(MINE, "My patients", sum(bed.mine for bed in beds)),
        *(Choice(unit, unit, sum(bed.unit == unit for bed in beds)) for unit in units),
        Choice(PICKED, "Picked by hand", sum(bed.key in picked for bed in beds)),
    )


def _source(listing: Listing, seen: Sequence[_Seen], zone: ZoneInfo) -> SourceState:
    mine = [one for one in seen if _is_of(one, listing.connection)]
    bad = [one for one in mine if one.known.problem]
    times = [one.known.fresh for one in mine if one.known.fresh is not None]
    words = f"{min(times).astimezone(zone):%H:%M}" if times else "nothing read yet"
    if listing.problem:
        words = f"{words}, the list of patients: {listing.problem}"
    if bad:
        noun = "patient" if len(bad) == 1 else "patients"
        words = f"{words}, {len(bad)} {noun} out of date"
    name, test = listing.connection.name, listing.connection.test
    return SourceState(name, words, whole=not bad and not listing.problem, test=test)


def _is_of(one: _Seen, connection: Connection) -> bool:
    return one.known.bed.connection.pk == connection.pk
