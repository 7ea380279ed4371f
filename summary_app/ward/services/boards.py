"""The board of a person's patients or of a unit, and the hand-over of the same patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from clinical.records import Chart, Encounter, FetchState, Section
from clinical.summary import Site
from clinical.vitals.board import BoardGroup, BoardLine, grouped, silent_first
from clinical.vitals.board_line import board_line
from clinical.vitals.flowsheet import Ward
from clinical.vitals.handover import Sbar, sbar
from clinical.vitals.nursing import CODE_ALSO, CODE_SECTIONS
from clinical.vitals.shift import shift_start
from summary_app.access import door
from summary_app.access.models import User
from summary_app.connections.models import Connection
from summary_app.summary.services import openings, pages
from summary_app.ward.services import joining, policies, rounds, unread_lines
from summary_app.ward.services.lens import Words, words_for_nothing
from summary_app.ward.services.rosters import OnList
from summary_app.ward.services.units import Bed, Listing, listings, stay_of
from summary_app.ward.services.ways import Way, everybody, left_out_words, lost_words, ways_of

MINE, PICKED = "mine", "picked"
_REQUESTS = (Section.ORDERS, Section.LABS, Section.MEDICATIONS, Section.ADMINISTRATIONS)
_ISOLATION = (Section.FLAGS, Section.ORDERS)  # where isolation is written down


class NoSuchPatient(Exception):
    """The key names nobody who lies where this person may look."""


@dataclass(frozen=True)
class Choice:
    """One way to fill the board. key: "mine", "picked", a unit's name, or the key of a list. least: there may be more,
    since an EHR did not answer whole.
    """

    key: str
    words: str
    count: int
    least: bool = False


@dataclass(frozen=True)
class SourceState:
    """How one EHR of the board stands. ways: what each way to its patients brought, failures and gaps included.

    silent: a question for its patients failed, and may be put again before its time.
    """

    name: str
    words: str
    whole: bool
    test: bool
    ways: tuple[Way, ...] = ()
    silent: bool = False


@dataclass(frozen=True)
class Board:
    """groups: worst first; silent: the same patients, longest unmeasured first (then groups is empty).

    everybody: all whom this person could pick. asking: some are still being read. left_out: members of the lists shown
    who cannot be, in numbers and reasons. twice: patients who are proven to be known at two EHRs and stand here once.
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
    left_out: str = ""
    twice: int = 0

    @property
    def silent_sources(self) -> tuple[SourceState, ...]:
        return tuple(one for one in self.sources if one.silent)


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
    stay: Encounter | None


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
    return HandOver(made, sheets, str(user), f"{as_of.astimezone(zone):%d-%b-%Y}")


def open_patient(user: User, key: str, *, as_of: datetime) -> door.Opening:
    """A line of the board becomes an opening of its own. Raises NoSuchPatient."""
    for listing in listings(user, unit="open", as_of=as_of):
        for bed in listing.beds:
            if bed.key == key:
                stay = bed.encounter.source.reference if bed.encounter is not None else ""
                return openings.open_chart(
                    user,
                    connection=bed.connection,
                    patient=bed.patient,
                    encounter=stay.removeprefix("Encounter/"),
                    as_of=as_of,
                )
    raise NoSuchPatient


# ---- who -----------------------------------------------------------------------------------------------------


def _seen(
    user: User, wanted: str, picked: Sequence[str], as_of: datetime
) -> tuple[tuple[Listing, ...], list[_Seen], str]:
    found = listings(user, unit=wanted or "board", as_of=as_of)
    beds = [bed for listing in found for bed in listing.beds]
    chosen = _chosen(found, wanted, picked)
    shown = [bed for bed in beds if _is_in(bed, chosen, picked)]
    door.look_at_ward(user, [(b.connection, b.patient) for b in shown], unit=chosen, as_of=as_of)
    known = joining.joined(rounds.look(user, shown, as_of=as_of))
    rules, site = policies.Policies(), pages.site()
    seen = [_one(each, rules, site, as_of) for each in known]
    return found, seen, chosen


def _chosen(found: Sequence[Listing], wanted: str, picked: Sequence[str]) -> str:
    """What was asked for; else my own patients, the picked ones, or the largest unit, or the first list."""
    beds = [bed for listing in found for bed in listing.beds]
    units, lists = _units(beds), [one.key for _, one in _lists(found)]
    if wanted in (MINE, PICKED) or wanted in units or wanted in lists:
        return wanted
    if any(bed.mine for bed in beds):
        return MINE
    if picked or not (units or lists):
        return PICKED
    return max(units, key=lambda u: sum(b.unit == u for b in beds)) if units else lists[0]


def _units(beds: Sequence[Bed]) -> list[str]:
    return sorted({bed.unit for bed in beds if bed.unit})


def _lists(found: Sequence[Listing]) -> list[tuple[Connection, OnList]]:
    return [(here.connection, one) for here in found for kind in here.told for one in kind.lists]


def _is_in(bed: Bed, chosen: str, picked: Sequence[str]) -> bool:
    if chosen == MINE:
        return bed.mine
    return bed.key in picked if chosen == PICKED else bed.unit == chosen or chosen in bed.lists


# ---- each of them --------------------------------------------------------------------------------------------


def _one(known: rounds.Known, rules: policies.Policies, site: Site, as_of: datetime) -> _Seen:
    zone = ZoneInfo(settings.VISIT_LENS_ZONE)
    bed = known.bed
    policy = rules.of(bed.unit)
    chart = known.chart or Chart(patients=())
    stay = bed.encounter or stay_of(chart)
    place = bed.bed or (stay.location if stay is not None else "") or "bed not stated"
    if not bed.unit and stay is not None:
        policy = rules.of_place(stay.location)
    seen = rounds.seen(known, chart, policy, as_of=as_of, zone=zone)
    words = words_for_nothing(chart, bed.connection.key, zone, site)
    unread = unread_lines.unread(known)
    nothing, no_code = unread or words(*_ISOLATION), unread or words(*CODE_SECTIONS, also=CODE_ALSO)
    line = board_line(
        seen,
        stay,
        key=bed.key,
        zone=zone,
        bed=place,
        nothing=nothing,
        code_nothing=no_code,
        stale_words=_stale(known, zone, words),
    )
    line = unread_lines.with_gap(line, no_code, words.gap(*CODE_SECTIONS))
    if known.chart is None or unread_lines.vitals_missing(chart):
        line = unread_lines.not_read(line, known, chart)
    elif line.measured == "never" and words.unread(Section.VITALS):
        line = unread_lines.needs_review(line, words(Section.VITALS))
    return _Seen(known, seen, line, stay)


def _stale(known: rounds.Known, zone: ZoneInfo, words: Words) -> str:
    """What is not of now. Of somebody known at two EHRs also what one of them did not give."""
    found = [
        f"{one.bed.connection.name} {one.fresh.astimezone(zone):%H:%M}, out of date"
        for one in (known, *known.others)
        if one.problem and one.fresh is not None
    ]
    if known.others and not found:
        found = [gap] if (gap := words.gap(Section.VITALS, Section.LABS)) else []
    return ", ".join(found)


def _sbar(one: _Seen, zone: ZoneInfo, names: dict[str, str], site: Site) -> Sbar:
    chart = one.known.chart or Chart(patients=())
    words = words_for_nothing(chart, one.known.bed.connection.key, zone, site)
    gap = words.gap(*_REQUESTS)
    return sbar(one.ward, one.line, one.stay, zone=zone, names=names, nothing=words, gap=gap)


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
    local = as_of.astimezone(zone)
    return Board(
        title=_title(chosen, seen, found),
        chosen=chosen,
        choices=_choices(found, picked),
        groups=() if by_silence else grouped(lines),
        silent=silent_first(lines) if by_silence else (),
        everybody=everybody(found),
        picked=frozenset(picked),
        sources=tuple(_source(listing, seen, zone) for listing in found),
        as_of=f"{local:%H:%M}",
        zone=local.tzname() or "",
        shift=f"{shift_start(as_of, policies.Policies().of(chosen), zone).astimezone(zone):%H:%M}",
        asking=any(one.known.asking for one in seen),
        test=any(listing.connection.test for listing in found),
        left_out=left_out_words(found, chosen, every=chosen == MINE),
        twice=sum(bool(one.known.others) for one in seen),
    )


def _title(chosen: str, seen: Sequence[_Seen], found: Sequence[Listing]) -> str:
    titles = {one.key: one.title for _, one in _lists(found)}
    if chosen not in (MINE, PICKED):
        return titles.get(chosen, chosen)
    units = sorted({one.known.bed.unit for one in seen})
    named = ", ".join(units) if len(units) in (1, 2) and all(units) else ""
    return named or ("My patients" if units else "Board")


def _choices(found: Sequence[Listing], picked: Sequence[str]) -> tuple[Choice, ...]:
    beds = [bed for listing in found for bed in listing.beds]
    least = any(listing.problem or lost_words(listing) for listing in found)
    short = any(listing.problem for listing in found)
    return (
        Choice(MINE, "My patients", sum(bed.mine for bed in beds), least),
        *(Choice(u, u, sum(bed.unit == u for bed in beds), short) for u in _units(beds)),
        *(Choice(one.key, one.title, len(one.members)) for _, one in _lists(found)),
        Choice(PICKED, "Picked by hand", sum(bed.key in picked for bed in beds)),
    )


def _source(listing: Listing, seen: Sequence[_Seen], zone: ZoneInfo) -> SourceState:
    every = [known for one in seen for known in (one.known, *one.known.others)]
    mine = [known for known in every if known.bed.connection.pk == listing.connection.pk]
    bad = [known for known in mine if known.problem]
    times = [known.fresh for known in mine if known.fresh is not None]
    words = f"{min(times).astimezone(zone):%H:%M}" if times else "nothing read yet"
    if listing.problem:
        words = f"{words}, the list of patients: {listing.problem}{_since(listing, zone)}"
    lost = lost_words(listing)
    words = ", ".join(one for one in (words, lost) if one)
    if bad:
        noun = "patient" if len(bad) == 1 else "patients"
        words = f"{words}, {len(bad)} {noun} out of date"
    whole = not bad and not listing.problem and not lost
    name, test = listing.connection.name, listing.connection.test
    silent = listing.since is not None or any(t.state is FetchState.FAILED for t in listing.told)
    return SourceState(name, words, whole, test, ways_of(listing, zone), silent)


def _since(listing: Listing, zone: ZoneInfo) -> str:
    return f", since {listing.since.astimezone(zone):%H:%M}" if listing.since is not None else ""
