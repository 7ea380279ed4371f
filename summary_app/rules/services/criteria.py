"""Stop criteria that are written into a roll-out, and how each stands: clear, near, met, not yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from summary_app.rules.models import Rollout
from summary_app.rules.services.allowed import Refused

WORDS = {
    "floor_hits": ("Floor hits in replay", "at or above"),
    "confirmed_omissions": ("Confirmed omissions", "at or above"),
    "shadow_percent": ("Shadow disagreement, last day, %", "over"),
    "recall_change": ("Must-see recall, worst change, points", "under"),
    "opened_percent": ("Opened in scheduled visits, %", "under"),
    "search_percent": ("Search after opening, %", "over"),
}
NAMES = tuple(WORDS)
DEFAULTS = {"floor_hits": 1.0, "confirmed_omissions": 1.0, "shadow_percent": 10.0, "recall_change": -0.5,
            "opened_percent": 50.0, "search_percent": 30.0}  # fmt: skip
AFTER = {"opened_percent": timedelta(weeks=4)}
_NEAR = 0.2  # of the limit


@dataclass(frozen=True)
class Criterion:
    """state: "clear", "near", "met", "not yet". value: None = there is no figure yet."""

    name: str
    words: str
    how: str
    limit: float
    value: float | None
    state: str

    @property
    def bar(self) -> tuple[int, int] | None:
        """Length and tick of the limit, of 100, on a scale from zero that holds both; None without a figure."""
        if self.value is None:
            return None
        whole = max(2 * abs(self.limit), abs(self.value)) or 1.0
        return round(100 * abs(self.value) / whole), round(100 * abs(self.limit) / whole)


def read(sent: Mapping[str, str]) -> dict[str, float]:
    """Limits as they were written; "" = not used. Raises Refused."""
    found = {}
    for name, text in sent.items():
        if not text.strip():
            continue
        try:
            found[name] = float(text.replace(",", "."))
        except ValueError:
            raise Refused(f"{WORDS[name][0]}: not a number.") from None
    return found


def judge(
    rollout: Rollout, figures: Mapping[str, float], *, now: datetime
) -> tuple[Criterion, ...]:
    """How each criterion of a roll-out stands. A figure that is missing or too early is "not yet", never "clear"."""
    found = []
    for name in NAMES:
        if name not in rollout.stop_criteria:
            continue
        limit = float(rollout.stop_criteria[name])
        early = now < rollout.starts + AFTER.get(name, timedelta(0))
        value = None if early else figures.get(name)
        words, how = WORDS[name]
        found.append(Criterion(name, words, how, limit, value, state(how, limit, value)))
    return tuple(found)


def state(how: str, limit: float, value: float | None) -> str:
    """
    >>> state("over", 10, 5), state("over", 10, 9), state("over", 10, 11), state("under", 50, None)
    ('clear', 'near', 'met', 'not yet')
    """
    if value is None:
        return "not yet"
    met = {"over": value > limit, "under": value < limit, "at or above": value >= limit}[how]
    if met:
        return "met"
    margin = max(abs(limit) * _NEAR, 0.01)
    near = abs(value - limit) <= margin and how != "at or above"
    return "near" if near else "clear"
