"""The pull plan as data: which searches one opening sends to one EHR, in which order, and what each is for.

Codes are sent bare (`category=laboratory`): a code with its system finds nothing at servers that store another
system, or none. Nothing is left out because a server does not declare a parameter; what it refuses is asked again
without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from fhirclient.models.fhirsearch import FHIRSearch

from clinical.fhir import scopes
from clinical.fhir.capability import Capability
from clinical.fhir.catalogue import (
    CATALOGUE,
    CODES_PER_SEARCH,
    SETTINGS,
    VITAL_CODES,
    Kind,
    Setting,
)
from clinical.fhir.connection import Limits
from clinical.records import FetchState, SearchState, Section

Params = tuple[tuple[str, str], ...]
PAGE_SIZE = 1000


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one EHR.

    key: "labs.recent". params: name and value in the order in which they are sent. read: an id, when it is a read
    and not a search. tier: 1 = the first screen waits for it. since: lower bound of its window, sent as `date`.
    category: codes its entries should carry. codes: LOINC codes asked for. fallbacks: params to send instead, in
    this order, when the server refuses (never without the patient). split: its date range may be divided.
    cuts: moments, newest first, at which it is divided from the beginning; short_cuts: where pages are short.
    together: searches with the same word may go out as one request with a list of categories. resolve: read the
    Medications that its entries point to and that did not come along. expects: an id that should be among the
    entries. otherwise: searches to send when it is not, or, without `expects`, when nothing was found.
    """

    key: str
    section: Section
    resource: str
    params: Params = ()
    read: str = ""
    tier: int = 2
    since: datetime | None = None
    date: str = "date"
    category: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    fallbacks: tuple[Params, ...] = ()
    split: Literal["category+date", "code+date", ""] = ""
    cuts: tuple[datetime, ...] = ()
    short_cuts: tuple[datetime, ...] = ()
    together: str = ""
    resolve: bool = False
    expects: str = ""
    otherwise: tuple[Search, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """searches: to be sent, first tier first. not_asked: one state, with its reason, for each that is not."""

    searches: tuple[Search, ...]
    not_asked: tuple[SearchState, ...] = ()


def plan_for(
    *,
    server: str,
    patient_id: str,
    as_of: datetime,
    capability: Capability | None = None,
    granted_scopes: Iterable[str] | None = None,
    visit_codes: Sequence[str] = (),
    report_codes: Sequence[str] = (),
    setting: Setting = "clinic",
    role: str = "",
    encounter_id: str = "",
    page_size: int = PAGE_SIZE,
    concurrency: int = Limits.concurrency,
) -> Plan:
    """The searches for one opening at one connection.

    server: connection key. capability: None = not known, then everything is asked. granted_scopes: None = not known
    (no SMART sign-in), then everything is asked. visit_codes: LOINC codes whose latest value is wanted whatever its
    age; report_codes: those whose reports are. as_of: aware. concurrency: requests that this EHR may be sent at once;
    what the first tier leaves of it is used to divide its longest search. At most 8 searches of the first tier and 20
    requests of the second.
    """
    wishes = [
        Search(key="patient", section=Section.PATIENT, resource="Patient", read=patient_id, tier=1),
        *_from_catalogue(patient_id, as_of, setting, role, encounter_id, page_size),
        *_latest(patient_id, visit_codes, page_size),
        *_old_reports(patient_id, report_codes, page_size),
    ]
    granted = None if granted_scopes is None else scopes.parse(granted_scopes)
    searches: list[Search] = []
    not_asked: list[SearchState] = []
    for search in sorted(wishes, key=_begins):
        state = _why_not(search, server, capability, granted)
        if state is None:
            searches.append(search)
        else:
            not_asked.append(state)
    return Plan(_divided(searches, as_of, concurrency), tuple(not_asked))


def _begins(search: Search) -> tuple[int, bool, bool]:
    """Allergies are what the reader must see first; then what may be long: a tier ends with its last search."""
    return search.tier, search.section != Section.ALLERGIES, not search.split


def _divided(searches: Sequence[Search], as_of: datetime, concurrency: int) -> tuple[Search, ...]:
    """The first tier stays within what may be sent at once; where there is room, its long searches are divided."""
    kinds = {kind.key: kind for kind in CATALOGUE if kind.cuts}
    free = concurrency - sum(search.tier == 1 for search in searches)
    found = []
    for search in searches:
        kind = kinds.get(search.key)
        if kind is not None and free > 0 and search.tier == 1 and search.since is not None:
            parts = min(kind.parts, free + 1)
            step = (as_of - search.since) / parts
            search = msgspec.structs.replace(
                search,
                cuts=tuple(as_of - timedelta(days=each) for each in kind.cuts[-free:]),
                short_cuts=tuple(as_of - step * n for n in range(1, parts)),
            )
            free -= max(len(search.cuts), len(search.short_cuts))
        found.append(search)
    return tuple(found)


def uses() -> tuple[tuple[str, str], ...]:
    """Every (resource type, "r" or "s") that is asked for, beds included: the scopes are made of exactly these."""
    found = {(kind.resource, "s") for kind in CATALOGUE}
    found |= {("Patient", "r"), ("Encounter", "r"), ("Medication", "r"), ("Location", "r")}
    return tuple(sorted(found))


def path_of(resource: str, params: Params) -> str:
    """The search as a path under the FHIR base, escaped; built by fhirclient. A name may stand in params twice.

    >>> path_of("Observation", (("patient", "1"), ("date", "ge2026"), ("date", "lt2027")))
    'Observation?patient=1&date=ge2026&date=lt2027'
    """
    names = dict.fromkeys(name for name, _ in params)
    struct = {name: {"$and": [v for n, v in params if n == name]} for name in names}
    path: str = FHIRSearch(_type(resource), struct).construct()
    return path


def _type(resource: str) -> type:
    """What FHIRSearch needs to know of a model: its name. The models themselves take long to import."""
    return type(resource, (), {"resource_type": resource})


def instant(moment: datetime) -> str:
    """As dates are sent in a search: to the second, in UTC.

    >>> instant(datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    '2026-05-01T09:30:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _from_catalogue(
    patient_id: str, as_of: datetime, setting: Setting, role: str, encounter_id: str, page_size: int
) -> Iterator[Search]:
    for kind in CATALOGUE:
        days = kind.days[SETTINGS.index(setting)]
        since = as_of - timedelta(days=days) if days is not None and kind.date else None
        search = _search(kind, patient_id, since, page_size, tier=_tier(kind, setting, role))
        if kind.key == "encounters" and encounter_id:
            search = msgspec.structs.replace(
                search, expects=encounter_id, otherwise=(_launch_encounter(encounter_id),)
            )
        if kind.split:
            search = msgspec.structs.replace(search, otherwise=_wider(kind, patient_id, page_size))
        yield search


def _tier(kind: Kind, setting: Setting, role: str) -> int:
    """A nurse's first screen has the medicines given in place of the reports."""
    where = "ward" if role == "nurse" else setting
    return 1 if "*" in kind.first or where in kind.first else 2


def _search(
    kind: Kind, patient_id: str, since: datetime | None, page_size: int, *, tier: int
) -> Search:
    asked: Params = (("patient", patient_id), *kind.fixed)
    if since is not None:
        asked += ((kind.date, f"ge{instant(since)}"),)
    paging: Params = (("_sort", kind.sort),) if kind.sort else ()
    paging += (("_count", str(page_size)),)
    return Search(
        key=kind.key,
        section=kind.section,
        resource=kind.resource,
        params=asked + paging,
        tier=tier,
        since=since,
        date=kind.date,
        category=kind.category,
        fallbacks=_fallbacks(asked, kind.droppable),
        split=kind.split,
        together=kind.together,
        resolve=kind.resolve,
    )


def _fallbacks(asked: Params, droppable: tuple[tuple[str, ...], ...]) -> tuple[Params, ...]:
    """First without paging and sorting, then without one group of parameters after the other."""
    steps = [asked]
    for names in droppable:
        less = tuple(param for param in steps[-1] if param[0] not in names)
        if less != steps[-1]:
            steps.append(less)
    return tuple(steps)


def _launch_encounter(encounter_id: str) -> Search:
    return Search(
        key="encounters.launch",
        section=Section.ENCOUNTERS,
        resource="Encounter",
        read=encounter_id,
        tier=1,
    )


def _wider(kind: Kind, patient_id: str, page_size: int) -> tuple[Search, ...]:
    """What to ask when a category brought nothing for the window: the whole record, and, for vital signs, without
    the category, since some sources give their Observations none.
    """
    ever = msgspec.structs.replace(
        _search(kind, patient_id, None, page_size, tier=2), key=f"{kind.section}.ever", split=""
    )
    if kind.section != Section.VITALS:
        return (ever,)
    asked: Params = (("patient", patient_id),)
    anything = Search(
        key="observations.uncategorised",
        section=kind.section,
        resource="Observation",
        params=(*asked, ("_count", str(page_size))),
        fallbacks=(asked, (*asked, ("code", ",".join(VITAL_CODES)))),
    )
    return (msgspec.structs.replace(ever, otherwise=(anything,)),)


def _latest(patient_id: str, visit_codes: Sequence[str], page_size: int) -> Iterator[Search]:
    codes = tuple(dict.fromkeys(visit_codes))
    for start in range(0, len(codes), CODES_PER_SEARCH):
        part = codes[start : start + CODES_PER_SEARCH]
        asked: Params = (("patient", patient_id), ("code", ",".join(part)))
        yield Search(
            key="labs.latest" if start == 0 else f"labs.latest.{start // CODES_PER_SEARCH + 1}",
            section=Section.LABS,
            resource="Observation",
            params=(*asked, ("_sort", "-date"), ("_count", str(page_size))),
            codes=part,
            fallbacks=(asked,),
            split="code+date",
        )


def _old_reports(patient_id: str, codes: Sequence[str], page_size: int) -> Iterator[Search]:
    """Reports of these examinations without a window: the MRI of ten years ago may be the only one."""
    if codes:
        asked: Params = (("patient", patient_id), ("code", ",".join(codes)))
        yield Search(
            key="reports.coded",
            section=Section.REPORTS,
            resource="DiagnosticReport",
            params=(*asked, ("_sort", "-date"), ("_count", str(page_size))),
            fallbacks=(asked,),
        )


_ASKED_FOR = {section: section.value.replace("_", " ") for section in Section}


def _why_not(
    search: Search,
    server: str,
    capability: Capability | None,
    granted: Collection[scopes.Scope] | None,
) -> SearchState | None:
    right = "r" if search.read else "s"
    words = _ASKED_FOR[search.section]
    if granted is not None and not scopes.allows(granted, search.resource, right, search.category):
        return SearchState(
            server=server,
            search=search.key,
            section=search.section,
            state=FetchState.NOT_AUTHORISED,
            reason=f"The sign-in does not cover {words} ({search.resource}).",
            remedy="Ask the administrator to have this scope granted to the registration.",
        )
    interaction = "read" if search.read else "search-type"
    if (
        capability is not None
        and capability.types
        and not capability.offers(search.resource, interaction)
    ):
        return SearchState(
            server=server,
            search=search.key,
            section=search.section,
            state=FetchState.NOT_SUPPORTED,
            reason=f"This source does not offer {words} ({search.resource}).",
        )
    return None
