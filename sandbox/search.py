"""Searches: what matches, in which order, and what comes along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sandbox import dates, matching
from sandbox.faults import Faults
from sandbox.matching import Test
from sandbox.parameters import Parameter, parameters_of
from sandbox.scopes import Access
from sandbox.store import Held, Store
from sandbox.wire import FhirError, Pairs

DEFAULT_COUNT = 100
_SHAPING = ("_format", "_pretty", "_total")  # taken, without an effect here
_INDEXED = ("category", "code")


@dataclass
class Search:
    """A search as it was understood. ignored: names without effect. used: the pairs of the self link.

    count: entries per page as asked for. counts_only: no entries are wanted.
    """

    kind: str
    tests: list[Test] = field(default_factory=list)
    sort: list[tuple[Parameter, bool]] = field(default_factory=list)
    count: int = DEFAULT_COUNT
    counts_only: bool = False
    includes: list[tuple[str, str, str]] = field(default_factory=list)
    revincludes: list[tuple[str, str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    used: Pairs = field(default_factory=list)
    criteria: Pairs = field(default_factory=list)


def understood(kind: str, query: Pairs, *, faults: Faults, base: str, now: float) -> Search:
    """Raises FhirError (400) for values that cannot be used, and for what the server's quirks refuse."""
    query = _with_quirks(kind, query, faults)
    search = Search(kind)
    rest: Pairs = []
    for name, value in query:
        if not _control(search, name, value):
            rest.append((name, value))
    search.tests, unknown = matching.filters(kind, rest, base=base, now=now)
    search.ignored += dict.fromkeys(name for name, _ in unknown)
    search.criteria = [pair for pair in rest if pair not in unknown]
    search.used = [pair for pair in query if pair[0] not in search.ignored]
    if faults.empty_for_systems and any(_is_paired(kind, pair) for pair in search.criteria):
        search.tests.append(lambda held: False)
    return search


def _is_paired(kind: str, pair: tuple[str, str]) -> bool:
    parameter = parameters_of(kind).get(pair[0].partition(":")[0])
    return parameter is not None and parameter.kind == "token" and "|" in pair[1]


def _with_quirks(kind: str, query: Pairs, faults: Faults) -> Pairs:
    silent = set(faults.ignored_parameters)
    silent |= {"_sort"} if faults.ignores_sort else set()
    silent |= {"_include", "_revinclude"} if faults.ignores_include else set()
    silent |= {"patient", "subject", "actor"} if faults.foreign_rows else set()
    names = {name.partition(":")[0] for name, _ in query}
    if faults.needs_category_or_code and kind == "Observation" and not names & set(_INDEXED):
        raise FhirError(400, "required", "Observation needs category or code.")
    if faults.refuses_lists and any("," in v for n, v in query if not n.startswith("_")):
        raise FhirError(400, "not-supported", "A list of values is not supported.")
    if faults.last_date_bound_only:
        last = {name: place for place, (name, _) in enumerate(query)}
        known = parameters_of(kind)
        query = [
            pair
            for place, pair in enumerate(query)
            if last[pair[0]] == place or pair[0] not in known or known[pair[0]].kind != "date"
        ]
    return [pair for pair in query if pair[0].partition(":")[0] not in silent]


def _control(search: Search, name: str, value: str) -> bool:
    """Takes a parameter that says how to answer. Returns whether it was one."""
    if name == "_count":
        if not value.isdigit():
            raise FhirError(400, "invalid", "_count takes a whole number.")
        search.count = int(value)
        search.counts_only = search.counts_only or search.count == 0
    elif name == "_summary" and value == "count":
        search.counts_only = True
    elif name == "_sort":
        _sorting(search, value)
    elif name == "_include":
        search.includes.append(_include(value))
    elif name == "_revinclude":
        search.revincludes.append(_include(value))
    else:
        return name in _SHAPING
    return True


def _sorting(search: Search, value: str) -> None:
    known = parameters_of(search.kind)
    for text in value.split(","):
        name = text.removeprefix("-")
        if name in known:
            search.sort.append((known[name], text.startswith("-")))
        else:
            search.ignored.append("_sort")


def _include(value: str) -> tuple[str, str, str]:
    kind, _, rest = value.partition(":")
    name, _, target = rest.partition(":")
    parameter = parameters_of(kind).get(name)
    if parameter is None or parameter.kind != "reference":
        raise FhirError(400, "not-supported", f"'{value}' names no reference that can be included.")
    return kind, name, target


def matches(search: Search, store: Store, access: Access, faults: Faults) -> list[Held]:
    """What matches and may be seen, in order."""
    seen = (lambda held: True) if faults.foreign_rows else access.allows
    found = [
        held
        for held in _candidates(search, store, None if faults.foreign_rows else access.patient)
        if all(test(held) for test in search.tests) and seen(held)
    ]
    for parameter, descending in reversed(search.sort):
        found = _sorted(found, parameter, descending)
    return found


def _candidates(search: Search, store: Store, only: str | None) -> list[Held]:
    """A small list that holds every match: the indexes do most of the work of a search."""
    patient = only or asked_patient(search)
    if not patient or (only and not store.of_patient(search.kind, only)):
        return store.of_type(search.kind)
    for name in _INDEXED:
        values = [value for key, value in search.criteria if key == name]
        if values and name in parameters_of(search.kind):
            codes = [text.rpartition("|")[2] for text in matching.alternatives(values[0])]
            if all(codes):
                return store.coded(search.kind, patient, name, codes)
    return store.of_patient(search.kind, patient)


def asked_patient(search: Search) -> str:
    """Id of the one patient that a search is about; "" when it names none, or several at once."""
    for name, value in search.criteria:
        if name in ("patient", "subject") and "," not in value:
            kind, _, identifier = value.rpartition("/")
            if not kind or kind.rpartition("/")[2] == "Patient":
                return identifier
    return ""


def _sorted(found: list[Held], parameter: Parameter, descending: bool) -> list[Held]:
    """Stable; what has no value comes last."""
    having = [held for held in found if held.values(parameter)]
    without = [held for held in found if not held.values(parameter)]
    having.sort(key=lambda held: _sort_key(held, parameter, descending), reverse=descending)
    return having + without


def _sort_key(held: Held, parameter: Parameter, descending: bool) -> tuple[float, str]:
    values = held.values(parameter)
    if parameter.kind == "date":
        starts = [start if start > -dates.ALWAYS else end for start, end in values]
        return (max(starts) if descending else min(starts)), ""
    texts = [each[1] if isinstance(each, tuple) else each for each in values]
    return 0.0, max(texts) if descending else min(texts)


def included(search: Search, page: Iterable[Held], store: Store) -> Iterator[Held]:
    """What comes along with a page, each once and not what is on it already. Whoever sends it checks the scopes."""
    page = list(page)
    given = {held.reference for held in page}
    for held in (*_named(search, page, store), *_naming(search, page, store)):
        if held.reference not in given:
            given.add(held.reference)
            yield held


def _named(search: Search, page: list[Held], store: Store) -> Iterator[Held]:
    for kind, name, target in search.includes:
        parameter = parameters_of(kind)[name]
        for held in page:
            for reference in held.values(parameter) if held.type == kind else ():
                found = store.find(reference)
                if found is not None and target in ("", found.type):
                    yield found


def _naming(search: Search, page: list[Held], store: Store) -> Iterator[Held]:
    for kind, name, _ in search.revincludes:
        for held in page:
            yield from store.pointing_at(kind, name, held.reference)
