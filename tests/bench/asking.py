"""One question asked of an open page: is the answer in view, and if not, what does it cost to see it?

A fact is seen when every entry behind it (data-source) has an element in the window that is not covered. Costs are
those of the keystroke-level model: mental 1.35 s, point 1.1 s, click 0.2 s, key 0.28 s, hand to keyboard 0.4 s; a
scroll step is a point and a click.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.patients.lookup import Fact

MENTAL, POINT, CLICK, KEY, HOME = 1.35, 1.1, 0.2, 0.28, 0.4
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_ITEM = re.compile(r"\bitem \d+", re.IGNORECASE)  # the number of a question is not its answer
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,}")
_KINDS = {
    "Encounter": "hospital",
    "DocumentReference": "note",
    "Immunization": "vaccine",
    "Device": "implant",
}
_IDLE = frozenset(("the", "and", "for", "now", "before", "this", "year", "list", "last", "none", "since", "nothing", "recorded"))  # fmt: skip

_PROBE = """([sources, words]) => {
  const bars = Array.from(document.querySelectorAll('.top, .strip')).filter((e) => getComputedStyle(e).position === 'sticky');
  const under = Math.max(0, ...bars.map((e) => e.getBoundingClientRect().bottom));
  const place = (el) => {
    if (!el.checkVisibility()) return el.closest('details:not([open])') ? 3 : 4;
    const box = el.getBoundingClientRect();
    if (box.height < 2 || box.width < 2) return 4;
    const middle = (box.top + box.bottom) / 2;
    if (middle > innerHeight) return 1 + Math.min(0.9, (box.bottom - innerHeight) / innerHeight / 10);
    return middle < 0 || (middle < under && !el.closest('.top')) ? 1 : 0;
  };
  const best = (all) => all.map((el) => [place(el), el]).sort((a, b) => a[0] - b[0])[0];
  const found = sources.map((one) => best(Array.from(document.querySelectorAll(`[data-source~="${CSS.escape(one)}"]`))));
  if (!sources.length) {
    const names = (el) => words.some((word) => el.textContent.toLowerCase().includes(word));
    found.push(best(Array.from(document.querySelectorAll('li, tr, .slot')).filter((el) => el.querySelector('.st') && names(el))));
  }
  // Pieces of text stand apart on the screen: "% pred." and "64" in two cells are not ".64".
  const said = (el) => {
    const walk = document.createTreeWalker(el, NodeFilter.SHOW_TEXT), all = [];
    while (walk.nextNode()) all.push(walk.currentNode.data);
    return all.join(' ');
  };
  const closed = found.filter((one) => one && one[0] === 3)[0];
  for (const old of document.querySelectorAll('[data-asked]')) delete old.dataset.asked;
  if (closed) closed[1].closest('details:not([open])').dataset.asked = '1';
  const seen = sources.flatMap((one) => Array.from(document.querySelectorAll(`[data-source~="${CSS.escape(one)}"]`))).filter((el) => el.checkVisibility());
  return { worst: Math.max(...found.map((one) => one ? one[0] : 4)), text: [...found.map((one) => one ? one[1] : null), ...seen].map((el) => el ? said(el) : '').join(' ') };
}"""


@dataclass(frozen=True)
class Cost:
    """seen: False when the answer was not found by any way tried. wrong: an answer without the expected number."""

    seen: bool = True
    clicks: int = 0
    scrolls: int = 0
    keys: int = 0
    wrong: bool = False

    @property
    def seconds(self) -> float:
        hands = self.clicks * (POINT + CLICK) + self.scrolls * (POINT + CLICK) + self.keys * KEY
        return MENTAL + hands + (HOME if self.keys else 0.0)

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            seen=self.seen and other.seen,
            clicks=self.clicks + other.clicks,
            scrolls=max(self.scrolls, other.scrolls),
            keys=self.keys + other.keys,
            wrong=self.wrong or other.wrong,
        )


def words_of(fact: Fact) -> list[str]:
    """What a clinician would type or look for: the words of the answer, then the word for its kind."""
    said = [w.lower() for w in _WORD.findall(fact.says) if w.lower() not in _IDLE]
    kinds = (_KINDS.get(source.split("/")[1]) for source in fact.sources[:1])
    return [*said[:6], *(kind for kind in kinds if kind)]


def at_rest(page: Any, fact: Fact) -> tuple[float, str]:
    """0 in view, 1 to 2 further down, 3 in a closed group, 4 not on the page; and the text that stands there."""
    found = page.evaluate(_PROBE, [list(fact.sources), words_of(fact)])
    return float(found["worst"]), str(found["text"])


def cost(page: Any, fact: Fact) -> Cost:
    """What it takes from a page at rest; the page is left as it was."""
    place, text = at_rest(page, fact)
    wrong = place < 3 and not _says(fact, text)
    if place < 1:
        return Cost(wrong=wrong)
    if place < 3:
        return Cost(scrolls=max(1, round((place - 1) * 10 / 0.8 + 0.49)), wrong=wrong)
    for way in (_in_group, _in_row, _by_name):
        found = way(page, fact)
        if found is not None:
            return found
    return Cost(seen=False)


def _says(fact: Fact, text: str) -> bool:
    """Whether the place shows at least one of the numbers of the answer; for values only."""
    numbers = _NUMBER.findall(_ITEM.sub("", fact.says))
    if not numbers or not all("/Observation/" in source for source in fact.sources):
        return True
    return any(re.search(rf"(?<![\d.]){re.escape(n)}(?![\d])", text) for n in numbers)


def _in_group(page: Any, fact: Fact) -> Cost | None:
    """One click on a closed group."""
    group = page.locator("details[data-asked] > summary")
    if not group.count():
        return None
    group.first.evaluate("el => { el.parentElement.open = true; }")
    place, text = at_rest(page, fact)
    page.locator("details[data-asked]").evaluate_all(
        "all => all.forEach((el) => { el.open = false; })"
    )
    page.evaluate("document.querySelectorAll('details.grp[open]').forEach((el) => { el.open = false; })")  # fmt: skip
    if place >= 3:
        return None
    return Cost(clicks=1, scrolls=int(place >= 1), wrong=not _says(fact, text))


def _in_row(page: Any, fact: Fact) -> Cost | None:
    """One click on a row that speaks of it; its entries then stand below it."""
    wanted = words_of(fact)
    for link in page.locator("#main a.o").all()[:60]:
        if not link.is_visible():
            continue
        row = link.locator("xpath=ancestor::*[@data-k][1]").inner_text().lower()
        if not any(word in row for word in wanted):
            continue
        answer = page.request.get(link.evaluate("el => el.href"), headers={"HX-Request": "true"})
        if fact.sources and all(f'"{s}"' in answer.text() for s in fact.sources):
            return Cost(clicks=1)
    return None


def _by_name(page: Any, fact: Fact) -> Cost | None:
    """The slash, a word, and the answer in the list. Where a page has no field, the slash leads to one that has."""
    here = bool(page.locator("#q").count())
    asked = page if here else page.context.new_page()
    if not here:
        asked.goto(
            f"{page.url[: page.url.index('/c/')]}/c/{page.url.split('/c/')[1].split('/')[0]}/find"
        )
    try:
        return next(
            (found for word in words_of(fact) if (found := _listed(asked, fact, word))), None
        )
    finally:
        if not here:
            asked.close()


def _listed(page: Any, fact: Fact, word: str) -> Cost | None:
    page.keyboard.press("/")
    page.locator("#q").fill(word)
    page.wait_for_selector(f'#found[data-answers="{word}"]', timeout=10_000)
    text = page.locator("#found").inner_html()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    found = fact.sources and any(source in text for source in fact.sources)
    return Cost(keys=1 + len(word)) if found else None
