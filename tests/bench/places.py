"""Where each fact of an open page stands, and what that is worth. Facts are told apart by `data-source`.

A place is "fold" (at least half of it in the window and not under a bar), "below" (open, further down), "closed" (in
one closed group) or "absent" (in two, or not drawn).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.asked_for import Asked

PLACES = ("fold", "below", "closed", "absent")
_FRAME = frozenset({"Patient", "Encounter", "Appointment", "Practitioner"})

_LOOK = """() => {
  scrollTo(0, 0);
  const shut = (el) => {
    let count = 0;
    const next = (e) => e.parentElement && e.parentElement.closest('details:not([open])');
    for (let box = next(el); box; box = next(box)) {
      const head = box.querySelector(':scope > summary');
      if (!head || !head.contains(el)) count += 1;
    }
    return count;
  };
  const drawn = (el) => {
    const { left, top, right, bottom } = el.getBoundingClientRect();
    let part = [left, top, right, bottom];
    for (let e = el.parentElement; e && e !== document.body; e = e.parentElement) {
      if (getComputedStyle(e).overflow === 'visible') continue;
      const b = e.getBoundingClientRect();
      part = [Math.max(part[0], b.left), Math.max(part[1], b.top), Math.min(part[2], b.right), Math.min(part[3], b.bottom)];
    }
    return part;
  };
  const area = ([l, t, r, b]) => Math.max(0, r - l) * Math.max(0, b - t);
  const place = (el) => {
    const closed = shut(el);
    if (closed) return closed > 1 ? 'absent' : 'closed';
    const box = el.getBoundingClientRect();
    if (!el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || box.width < 2 || box.height < 2) return 'absent';
    const whole = box.width * box.height;
    const part = drawn(el);
    if (area(part) < whole / 2) return 'absent';
    const inside = [Math.max(0, part[0]), Math.max(0, part[1]), Math.min(innerWidth, part[2]), Math.min(innerHeight, part[3])];
    if (area(inside) < whole / 2) return 'below';
    const hit = document.elementFromPoint((inside[0] + inside[2]) / 2, (inside[1] + inside[3]) / 2);
    for (let e = hit; e && !e.contains(el); e = e.parentElement) {
      if (/fixed|sticky/.test(getComputedStyle(e).position)) return 'below';
    }
    return 'fold';
  };
  const rows = Array.from(document.querySelectorAll('[data-source]')).map((el) => ({
    sources: el.dataset.source.split(/\\s+/).filter(Boolean),
    place: place(el),
    inner: Boolean(el.parentElement.closest('[data-source]')),
    text: el.textContent.replace(/\\s+/g, ' ').trim().slice(0, 80),
  }));
  const visit = document.querySelector('[data-visit-context]');
  return { rows: rows.filter((one) => one.sources.length), context: visit ? visit.dataset.visitContext : '' };
}"""


@dataclass(frozen=True)
class Row:
    """One element that shows a fact. inner: it stands inside another one, which is the row."""

    sources: tuple[str, ...]
    place: str
    inner: bool
    text: str


@dataclass(frozen=True)
class Seen:
    """context: what the page takes the visit for, "" when it does not say."""

    rows: tuple[Row, ...]
    context: str


@dataclass(frozen=True)
class Score:
    """Shares of one page; None where nothing was asked for. The lists hold what fell short, in words."""

    must: float | None
    fold: float | None
    should: float | None
    precision: float | None
    floor: int
    missed: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = field(default=(), repr=False)


def look(page: Any) -> Seen:
    """An open page as it stands, scrolled to its top."""
    found = page.evaluate(_LOOK)
    rows = (Row(tuple(o["sources"]), o["place"], o["inner"], o["text"]) for o in found["rows"])
    return Seen(tuple(rows), found["context"])


def score(asked: Asked, seen: Seen) -> Score:
    """What the page is worth to the visit."""
    places = _places(seen.rows)
    at = {need: _best(need.sources, places) for need in asked.needs}
    must = [place for need, place in at.items() if need.importance == "must"]
    should = [place for need, place in at.items() if need.importance == "should"]
    low = [name for name, sources in asked.floor if _best(sources, places) != "fold"]
    shown, wrong = _above(seen.rows, asked.right)
    missed = [
        f"{need.importance} {need.label} {place}"
        for need, place in at.items()
        if place not in (("fold",) if need.importance == "must" else PLACES[:3])
    ]
    return Score(
        must=_share(must, PLACES[:2]),
        fold=_share(must, PLACES[:1]),
        should=_share(should, PLACES[:3]),
        precision=(shown - len(wrong)) / shown if shown else None,
        floor=len(low),
        missed=(*missed, *low),
        unlisted=tuple(wrong),
    )


def _places(rows: Iterable[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for source in row.sources:
            found[source] = min(row.place, found.get(source, "absent"), key=PLACES.index)
    return found


def _best(sources: Iterable[str], places: Mapping[str, str]) -> str:
    return min((places.get(one, "absent") for one in sources), key=PLACES.index, default="absent")


def _share(found: list[str], good: tuple[str, ...]) -> float | None:
    return sum(place in good for place in found) / len(found) if found else None


def _above(rows: Iterable[Row], right: frozenset[str]) -> tuple[int, list[str]]:
    """How many rows stand above the fold, and those that neither a list nor the floor asks for.

    What says who the patient is and which visit it is belongs to the frame and counts for nothing.
    """
    above = [r for r in rows if r.place == "fold" and not r.inner and not _is_frame(r.sources)]
    return len(above), [row.text for row in above if right.isdisjoint(row.sources)]


def _is_frame(sources: Iterable[str]) -> bool:
    return all(source.split("/")[-2] in _FRAME for source in sources)
