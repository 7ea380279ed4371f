"""Where the patients of a board come from, in words: what each way brought, what failed, who could not be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from clinical.records import FetchState
from summary_app.ward.services.rosters import GOOD, OnList, Told
from summary_app.ward.services.units import Bed, Listing

_BEDS = "beds"
_STATES = {
    FetchState.NOT_SUPPORTED: "not offered",
    FetchState.NOT_AUTHORISED: "not permitted",
    FetchState.RESTRICTED: "not permitted",
    FetchState.FAILED: "not retrieved",
    FetchState.PARTIAL: "incomplete",
}


@dataclass(frozen=True)
class Way:
    """One way to the patients of an EHR: beds, care teams, lists or groups. gap: somebody may be missing."""

    kind: str
    words: str
    gap: bool


def ways_of(listing: Listing, zone: ZoneInfo) -> tuple[Way, ...]:
    return (_beds(listing, zone), *(_kind(one, zone) for one in listing.told))


def lost_words(listing: Listing) -> str:
    """ "lists not retrieved": what the board lacks altogether or in part, for the head of the board."""
    failed = [one.kind for one in listing.told if one.state is FetchState.FAILED]
    partial = [one.kind for one in listing.told if one.state is FetchState.PARTIAL]
    found = [f"{_and(failed)} not retrieved"] if failed else []
    found += [f"{_and(partial)} incomplete"] if partial else []
    if listing.state is FetchState.NOT_SUPPORTED and not _any_list(listing):
        found.append("it offers no list of patients")
    return ", ".join(found)


def left_out_words(found: Sequence[Listing], chosen: str, *, every: bool) -> str:
    """The members of the chosen list who cannot be shown; every: those of all lists."""
    words = []
    for listing in found:
        for one in (each for kind in listing.told for each in kind.lists):
            if one.left_out and (every or one.key == chosen):
                words.append(f"{one.title} ({listing.connection.name}): {_counted(one.left_out)}")
    return "; ".join(words)


def everybody(found: Sequence[Listing]) -> tuple[Bed, ...]:
    """All who can be picked, by unit and bed; then those without a bed, by their place on a list: nobody is named."""
    beds = [bed for listing in found for bed in listing.beds]
    lying = sorted((b for b in beds if b.encounter is not None), key=lambda b: (b.unit, b.bed))
    others = {bed.key: bed for bed in beds if bed.encounter is None}
    placed: dict[str, Bed] = {}
    for listing in found:
        by_patient = {bed.patient: bed for bed in listing.beds}
        for one in (each for kind in listing.told for each in kind.lists):
            for place, patient in enumerate(one.members, start=1):
                bed = by_patient[patient]
                if bed.key in others:
                    placed.setdefault(bed.key, replace(bed, bed=f"{one.title}, no. {place}"))
    return (*lying, *placed.values())


def _any_list(listing: Listing) -> bool:
    return any(one.state is not FetchState.NOT_SUPPORTED for one in listing.told)


def _beds(listing: Listing, zone: ZoneInfo) -> Way:
    count = sum(bed.encounter is not None for bed in listing.beds)
    said = _count(count, "patient", "patients")
    if listing.aside:
        said = f"{said}, not shown: {_counted(listing.aside)}"
    if listing.state in GOOD:
        return Way(_BEDS, said, gap=bool(listing.aside))
    words = _state_words(listing.state, listing.problem)
    if listing.since is not None:
        words = f"{words} since {listing.since.astimezone(zone):%H:%M}"
    if listing.at is not None:
        words = f"{said}; {words}, as of {listing.at.astimezone(zone):%H:%M}"
    return Way(_BEDS, words, gap=listing.state is not FetchState.NOT_SUPPORTED)


def _kind(told: Told, zone: ZoneInfo) -> Way:
    lists = [_list_words(one) for one in told.lists]
    words = "; ".join(lists) if lists else "none of yours"
    aside = _counted(told.aside)
    if aside:
        words = f"{words}; lists not used: {aside}"
    if told.state in GOOD:
        return Way(told.kind, words, gap=any(one.left_out for one in told.lists))
    said = _state_words(told.state, told.reason)
    if told.lists and told.at is not None:
        said = f"{words}; {said}, as of {told.at.astimezone(zone):%H:%M}"
    return Way(told.kind, said, gap=told.state is not FetchState.NOT_SUPPORTED)


def _list_words(one: OnList) -> str:
    """ "Night list: 6 patients, not shown: 1 named in words only". The care teams have no name of their own."""
    words = _count(len(one.members), "patient", "patients")
    words = words if one.long_term else f"{one.title}: {words}"
    left = _counted(one.left_out)
    return f"{words}, not shown: {left}" if left else words


def _counted(found: Iterable[tuple[str, int]]) -> str:
    return ", ".join(_each(found))


def _each(found: Iterable[tuple[str, int]]) -> Iterator[str]:
    for reason, number in found:
        yield f"{number} {reason}"


def _state_words(state: FetchState, reason: str) -> str:
    words = _STATES.get(state, "not retrieved")
    return f"{words} ({reason.rstrip('.')})" if reason else words


def _and(words: Sequence[str]) -> str:
    """ "care teams, lists and groups"."""
    return " and ".join(one for one in (", ".join(words[:-1]), *words[-1:]) if one)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
