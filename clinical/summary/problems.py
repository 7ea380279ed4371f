"""Problems: those of this visit first; a diagnosis of one visit is never promoted to the list (rule 52)."""

from __future__ import annotations

import re

from clinical import codes
from clinical.records import Item, Problem, Ranked, Record
from clinical.summary import names
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.rows import reasons
from clinical.summary.view_model import ListRow, Part

ACTIVE = frozenset({"active", "recurrence", "relapse", ""})


def is_active(record: Problem) -> bool:
    """Active, or not stated (treated as active, and said)."""
    return record.clinical in ACTIVE and record.verification != "refuted"


def is_listed(record: Problem) -> bool:
    """On a problem list, not only the diagnosis of one visit."""
    return record.category != "encounter-diagnosis"


# ICD-10-CM chapter 21, "factors influencing health status", says states and presences; these of it are conditions.
_CONDITIONS_OF_Z = ("Z21", "Z33", "Z34", "Z3A", "Z94", "Z992")


# The titles of such states, for sources that code them otherwise (ICD-9-CM V codes, words alone).
_STATE = re.compile(
    r"^(?:long[- ]term \(current\) use|(?:personal|family) history of|acquired absence of|presence of)\b"
    r"|(?<!dialysis)(?<!transplant) status$",
    re.IGNORECASE,
)


def is_status(record: Problem) -> bool:
    """A state ("presence of cardiac pacemaker", "long term use of anticoagulants"), not a disease."""
    found = [
        code.replace(".", "").upper() for code in codes.codes_of(record.concept, codes.ICD10CM)
    ]
    if not found:
        return _STATE.search(record.concept.text) is not None
    return all(code.startswith("Z") and not code.startswith(_CONDITIONS_OF_Z) for code in found)


def is_long_term_drug(record: Record) -> bool:
    """Only "long term (current) use of" a group of medicines (ICD-10-CM Z79)."""
    if not isinstance(record, Problem):
        return False
    found = codes.codes_of(record.concept, codes.ICD10CM)
    return bool(found) and all(code.upper().startswith("Z79") for code in found)


def standing(desk: Desk, entry: Ranked) -> tuple[bool, bool, float]:
    """Diseases before states ("presence of a pacemaker"), those the visit is about before the others.

    The safety floor has its own line: it does not decide here.
    """
    record = desk.items[entry.key].lead
    own = sum(r.points for r in entry.reasons if not r.key.startswith("floor."))
    state = isinstance(record, Problem) and is_status(record)
    return state, entry.importance != "must", -own


def lead(item: Item) -> Problem:
    """The leading entry, narrowed for the type checker."""
    if not isinstance(item.lead, Problem):
        raise TypeError(f"not a problem: {item.key}")
    return item.lead


def row(desk: Desk, item: Item, *, bare: bool = False) -> ListRow:
    """One problem as a row: words as sent, since when, and what is unusual about it. bare: its heading says that."""
    record = lead(item)
    entry = desk.ranked.get(item.key)
    status = "" if bare else _status(record)
    named = names.problem(record.concept.text) or "problem not named"
    parts = [Part(text=names.at_site(named, record.body_site))]
    if status:
        parts.append(Part(text=f", {status}", muted=True))
    return ListRow(
        key=item.key,
        parts=tuple(parts),
        when=desk.when_short(record.onset or record.recorded) or record.onset_text,
        sources=item_tokens(item),
        score=entry.score if entry is not None else None,
        reasons=reasons(entry),
        differs=_differs(desk, item),
    )


def _status(record: Problem) -> str:
    words = []
    if record.verification and record.verification != "confirmed":
        words.append(record.verification)
    if not record.clinical:
        words.append("status not stated")
    elif record.clinical != "active":
        words.append(record.clinical)
    elif record.abatement is not None or record.abatement_text:
        words.append("active, but with an end date")
    if not is_listed(record):
        words.append("diagnosis of a visit")
    return ", ".join(words)


def _differs(desk: Desk, item: Item) -> str:
    return "; ".join(
        " · ".join(f"{desk.name(server)}: {words}" for server, words in conflict.sides)
        for conflict in item.conflicts
    )
