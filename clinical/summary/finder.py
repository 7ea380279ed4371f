"""Find anything: one field over everything that was retrieved, whatever the visit made of it.

A hit says where it stands (on the page, or left out and why). Nothing found is answered from the states of the sources:
"nothing recorded" and "not retrieved" are different answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

from clinical.records import Frozen, Item, Ranked, Section, Series
from clinical.summary import (
    absent_items,
    find_text,
    fmt,
    history,
    lists,
    medicines,
    microbiology,
    names,
    plain,
    problems,
    rows,
    spark,
    studies,
    terms,
)
from clinical.summary.desk import Desk
from clinical.summary.terms import Term
from clinical.summary.view_model import LabRow, ListRow, State

MOST = 12
_TYPO = 78.0  # least similarity (0 to 100) of a misspelt word; chosen so that no other analyte's name is met
_SHORTEST_TYPO = 4
# How well an entry answers, best first.
_TERM, _NAME, _TERM_PREFIX, _PREFIX, _TOKENS, _INSIDE, _MISSPELT, _IN_TEXT = range(8)


class Hit(Frozen, frozen=True):
    """One answer. where: "on this page", or why it was left out. about: "result", "medication" …"""

    row: LabRow | ListRow
    about: str
    where: str
    left_out: bool = False
    snippet: str = ""


class Found(Frozen, frozen=True):
    """hits: best first. more: how many further ones there are. states: what the sources answered when nothing fits."""

    query: str
    hits: tuple[Hit, ...] = ()
    more: int = 0
    words: str = ""
    states: tuple[State, ...] = ()


class Entry(Frozen, frozen=True):
    """Something that can be found. place: its rank among all. text: folded words inside it (`find_text`)."""

    key: str
    kind: str
    name: str
    label: str
    codes: frozenset[str]
    place: int
    text: str = ""


class Finder:
    """The index of one chart. Made once per page; a search reads it and changes nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.window = spark.window(desk.as_of, desk.visit.setting)
        self.entries = tuple(_entries(desk))
        self.vocabulary = _vocabulary(self.entries)

    def find(self, query: str) -> Found:
        """What answers the query, best first. An empty query finds nothing."""
        wanted = terms.asked_for(query)[:80]
        if not wanted:
            return Found(query=query)
        scored = self._scored(wanted)
        best = sorted(scored, key=lambda pair: (pair[0], pair[1].place))
        hits = tuple(self._hit(entry, how, wanted) for how, entry in best[:MOST])
        meant = _meant(wanted)
        if hits:
            return Found(query=query, hits=hits, more=max(0, len(best) - MOST))
        return self._nothing(query, meant)

    # -- matching

    def _scored(self, wanted: str) -> list[tuple[tuple[int, int], Entry]]:
        exact = terms.by_word().get(wanted, ())
        near = () if exact else self._near_terms(wanted)
        found = []
        for entry in self.entries:
            how = self._how(entry, wanted, exact, near)
            if how is not None:
                found.append((how, entry))
        if not found:
            found = self._misspelt(wanted)
        return found

    def _how(
        self, entry: Entry, wanted: str, exact: Sequence[Term], near: Sequence[Term]
    ) -> tuple[int, int] | None:
        if (order := _of_terms(entry, exact)) is not None:
            return _TERM, order
        if entry.name == wanted:
            return _NAME, 0
        if (order := _of_terms(entry, near)) is not None:
            return _TERM_PREFIX, order
        if entry.name.startswith(wanted):
            return _PREFIX, 0
        if all(_begins(word, entry.label) for word in wanted.split()):
            return _TOKENS, 0
        if len(wanted) >= 3 and wanted in entry.label:
            return _INSIDE, 0
        if len(wanted) >= 3 and wanted in entry.text:
            return _IN_TEXT, 0
        return None

    def _near_terms(self, wanted: str) -> tuple[Term, ...]:
        if len(wanted) < 3:
            return ()
        known = terms.by_word()
        near = [word for word in known if word.startswith(wanted)]
        return tuple(dict.fromkeys(term for word in sorted(near) for term in known[word]))

    def _misspelt(self, wanted: str) -> list[tuple[tuple[int, int], Entry]]:
        """Entries whose word is almost the one typed; only when nothing else fits."""
        if len(wanted) < _SHORTEST_TYPO:
            return []
        known = terms.by_word()
        words = _nearest(wanted, known)
        meant = tuple(dict.fromkeys(term for word in words for term in known[word]))
        close = set(_nearest(wanted, self.vocabulary))
        found = []
        for entry in self.entries:
            order = _of_terms(entry, meant)
            if order is not None:
                found.append(((_MISSPELT, order), entry))
            elif close.intersection(entry.label.split()):
                found.append(((_MISSPELT, 99), entry))
        return found

    # -- answers

    def _hit(self, entry: Entry, how: tuple[int, int], wanted: str) -> Hit:
        ranked = self.desk.ranked.get(entry.key)
        where, out = _where(self.desk, ranked, entry)
        about = "result" if entry.kind == "series" else plain.ABOUT.get(entry.kind, entry.kind)
        snippet = _snippet(entry.text, wanted) if how[0] == _IN_TEXT else ""
        return Hit(row=self._row(entry), about=about, where=where, left_out=out, snippet=snippet)

    def _row(self, entry: Entry) -> LabRow | ListRow:
        if entry.kind == "series":
            return rows.lab_row(self.desk, self.desk.series[entry.key], self.window)
        return item_row(self.desk, self.desk.items[entry.key])

    def _nothing(self, query: str, meant: Term | None) -> Found:
        """Not on record, or not retrieved: whatever the sources of this kind of fact answered."""
        states = self.desk.states
        if meant is not None:
            state = absent_items.nothing(self.desk, (meant.section, *meant.also))
            return Found(query=query, words=f"{meant.name}: nothing found.", states=(state,))
        gaps = states.gap_states(tuple(Section))
        count = fmt.plural(len(self.entries), "entry", "entries")
        words = f"Nothing called “{query.strip()}” in the {count} that were retrieved."
        return Found(query=query, words=words, states=gaps)


def item_row(desk: Desk, item: Item) -> ListRow:
    """Any item as one line with its date and source."""
    if item.kind == "medication":
        return medicines.row(desk, medicines.course(desk, item))
    if item.kind == "problem":
        return problems.row(desk, item)
    if item.kind == "microbiology":
        return microbiology.row(desk, item)
    if item.kind in ("procedure", "immunization"):
        return lists.plain_row(desk, item)
    if item.kind in ("report", "document", "study"):
        return studies.report_row(desk, item)
    return plain.row(desk, item)


# ---- the index ------------------------------------------------------------------------------------------------


def _entries(desk: Desk) -> Iterator[Entry]:
    for place, ranked in enumerate(desk.ranking.ranked):
        series = desk.series.get(ranked.key)
        if series is not None:
            yield _series_entry(desk, series, place)
            continue
        item = desk.items.get(ranked.key)
        if item is not None:
            yield _item_entry(item, place)


def _series_entry(desk: Desk, series: Series, place: int) -> Entry:
    short = names.test(series.label)
    return Entry(
        key=series.key,
        kind="series",
        name=terms.folded(short),
        label=terms.folded(f"{short} {desk.called(series)} {series.label}"),
        codes=frozenset(code for _, code in series.codes),
        place=place,
        text=find_text.of_series(series),
    )


def _item_entry(item: Item, place: int) -> Entry:
    texts = [item.label, history.family_words(item)]
    codes: set[str] = set()
    for member in item.members:
        concept = getattr(member, "concept", None)
        if concept is not None:
            texts += [concept.text, *(c.display or "" for c in concept.codings)]
            codes.update(coding.code for coding in concept.codings)
        for reason in getattr(member, "reasons", ()):
            texts.append(reason.text)
    return Entry(
        key=item.key,
        kind=item.kind,
        name=terms.folded(item.label),
        label=terms.folded(" ".join(dict.fromkeys(texts))),
        codes=frozenset(codes),
        place=place,
        text=find_text.of_item(item),
    )


def _vocabulary(entries: Iterable[Entry]) -> list[str]:
    words = {word for entry in entries for word in entry.label.split()}
    return sorted(word for word in words if len(word) >= _SHORTEST_TYPO)


# ---- words ----------------------------------------------------------------------------------------------------


def _meant(wanted: str) -> Term | None:
    known = terms.by_word()
    words = [wanted] if wanted in known else _nearest(wanted, known)[:1]
    return known[words[0]][0] if words else None


def _nearest(wanted: str, words: Iterable[str]) -> list[str]:
    if len(wanted) < _SHORTEST_TYPO:
        return []
    choices = [word for word in words if abs(len(word) - len(wanted)) <= 2]
    found = process.extract(wanted, choices, scorer=fuzz.ratio, score_cutoff=_TYPO, limit=3)
    best = found[0][1] if found else 0.0
    return [word for word, score, _ in found if score == best]


def _of_terms(entry: Entry, wanted: Iterable[Term]) -> int | None:
    """The place of an entry among what the terms stand for; None when none of them means it."""
    places = [place for term in wanted if (place := _of_term(entry, term)) is not None]
    return min(places) if places else None


def _of_term(entry: Entry, term: Term) -> int | None:
    if entry.kind == "series":
        for place, code in enumerate(term.loinc):
            if code in entry.codes:
                return place
        return 50 if any(_begins(name, entry.label) for name in term.names) else None
    if term.ingredients and entry.kind in ("medication", "administration"):
        for place, ingredient in enumerate(term.ingredients):
            if _begins(ingredient, entry.label):
                return 0 if entry.kind == "medication" else place + 1
        return None
    if term.kinds and entry.kind not in term.kinds:
        return None
    if term.names:
        return 60 if any(_begins(name, entry.label) for name in term.names) else None
    return 0 if term.kinds else None


def _begins(word: str, label: str) -> bool:
    """Whether a word of the label begins so: "pot" finds potassium, "ate" does not find phosphate."""
    return f" {word}" in f" {label}"


def _snippet(text: str, wanted: str, around: int = 50) -> str:
    place = text.find(wanted)
    if place < 0:
        return ""
    start, end = max(0, place - around), place + len(wanted) + around
    return f"… {text[start:end].strip()} …"


def _where(desk: Desk, ranked: Ranked | None, entry: Entry) -> tuple[str, bool]:
    """Where it stands, and whether the visit left it out. "Why is it not shown?" is answered by the same ranking."""
    visit = " and ".join(desk.visit.titles)
    if ranked is None:
        return "not ranked", True
    if ranked.floor:
        return "on this page, safety floor", False
    if entry.kind == "family_history":  # all of it stands in the last line, whatever the visit
        return "on this page", False
    if ranked.importance in ("must", "should"):
        return f"on this page, for {visit}", False
    if ranked.importance == "background":
        return f"left out: background for {visit}", True
    return f"left out: not listed for {visit}", True
