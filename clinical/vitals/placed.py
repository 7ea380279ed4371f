"""Lines, catheters and drains that a source keeps as procedures of placing them, not as devices.

Such an entry says that something was placed and when; whether it is still in is not recorded, and is never inferred.
Known by words; our own list, 2026-11, after the item names of intensive care charts and of ICD-10-PCS (insertion). Not
yet reviewed by a clinician.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from clinical.records import Chart, FhirTime, Frozen, Procedure

Kind = Literal["line", "drain"]

_DRAIN = re.compile(
    r"\b(?:chest (?:tube|drain)|pigtail (?:drain|catheter)|jackson[- ]pratt|jp drain|(?:external )?ventricular drain|"
    r"lumbar drain|(?:percutaneous|surgical|wound|biliary|peritoneal|pleural) drain|nephrostomy tube|thoracostomy tube)\b"
)
_LINE = re.compile(
    r"\b(?:arterial (?:line|catheter)|picc|peripherally inserted central|central (?:venous )?(?:line|catheter)|midline|"
    r"(?:peripheral|intravenous|venous|iv) (?:\w+ )?(?:catheter|cannula|line|access)|peripheral iv|dialysis catheter|"
    r"swan[- ]ganz|pulmonary artery catheter|multi[- ]lumen|triple lumen|introducer|(?:vascular access|implanted) port|port[- ]a[- ]cath|"
    r"foley(?: catheter)?|(?:urinary|urethral|suprapubic|bladder|epidural) catheter|(?:nasogastric|gastrostomy|feeding) tube|"
    r"\d\d[- ]gauge)\b"
)
_BARE = re.compile(
    r"(?:line|catheter|tube|drain|lumen|cordis/introducer|introducer|gauge|picc|foley|port)\b[^a-z]*$"
)
_PLACING = re.compile(r"\b(?:insert(?:ion|ed)?|plac(?:ement|ing|ed)|introduc(?:tion|ed)|placing)\b")
_SOMETHING_ELSE = re.compile(
    r"\b(?:remov\w*|discontinu\w*|ablation|withdraw\w*|chang\w*|exchang\w*|replac\w*|flush\w*|care|dressing|angiogra\w*|"
    r"cardiac cath\w*|heart cath\w*|education|check\w*|irrigat\w*|patency|assess\w*|evaluat\w*|attempt\w*|failed|unsuccessful|site|"
    r"pull\w*|clamp\w*|cultur\w*|tip|revision|repair|reposition\w*|plan\w*|consent|monitoring|sample\w*|draw\w*|not)\b"
)
_LASTING = re.compile(
    r"\bport\b|port[- ]a[- ]cath|dialysis|tunnel|gastrostomy|suprapubic|nephrostomy"
)
_LATELY = timedelta(days=90)
_DONE = frozenset({"completed", "in-progress", "unknown", ""})


class Placed(Frozen, frozen=True):
    """One thing that was placed. at: None when the source gives no date. tokens: its entry, then those of earlier
    ones of the same name, which may be in as well.
    """

    kind: Kind
    name: str
    at: FhirTime | None
    tokens: tuple[str, ...]


def placed(chart: Chart, as_of: datetime) -> tuple[Placed, ...]:
    """What was placed in the last 90 days, and what is meant to last whenever it was; newest first, each name once.

    What is dated ahead of `as_of` is among them: a wrong date does not take a line out.
    """
    found: dict[str, Placed] = {}
    for one in sorted(_all(chart), key=lambda each: (-_start(each.at), each.name, each.tokens)):
        if _may_be_in(one, as_of):
            newest = found.setdefault(one.name.lower(), one)
            if newest is not one:
                tokens = (*newest.tokens, *one.tokens)
                found[one.name.lower()] = msgspec.structs.replace(newest, tokens=tokens)
    return tuple(found.values())


def kind_of(name: str) -> Kind | None:
    """What the words of a procedure say was placed; None for anything else, as taking one out."""
    text = name.lower()
    if _SOMETHING_ELSE.search(text) or not (_PLACING.search(text) or _BARE.search(text)):
        return None
    if _DRAIN.search(text):
        return "drain"
    return "line" if _LINE.search(text) else None


def _all(chart: Chart) -> Iterable[Placed]:
    for item in chart.procedures:
        for record in item.members:
            if not isinstance(record, Procedure) or record.status not in _DONE:
                continue
            kind = kind_of(record.concept.text)
            if kind is not None:
                yield Placed(
                    kind=kind,
                    name=record.concept.text,
                    at=record.performed,
                    tokens=(record.source.token,),
                )


def _may_be_in(one: Placed, as_of: datetime) -> bool:
    if one.at is None or _LASTING.search(one.name.lower()):
        return True
    return as_of - _LATELY <= one.at.start


def _start(time: FhirTime | None) -> float:
    return time.start.timestamp() if time is not None else 0.0
