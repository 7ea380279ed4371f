"""Every entry of a chart that says something about resuscitation or refused treatment, of whatever kind it is.

The kinds are those of the safety line, so that the ward never says "none recorded" where that line shows something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from clinical.judgement import code_status as known
from clinical.judgement import consents
from clinical.judgement.standing import OVER as NOT_IN_FORCE
from clinical.judgement.standing import standing
from clinical.records import (
    Chart,
    Concept,
    Consent,
    FhirTime,
    Flag,
    Frozen,
    Observation,
    Order,
    Problem,
    Record,
)

OVER = frozenset({"inactive", "revoked", "entered-in-error", "completed", "draft"})
_ACTIVE = frozenset({"active", "recurrence", "relapse", ""})
_NOT_SO = frozenset({"refuted", "entered-in-error"})
_TIMES = ("written", "performed", "authored", "onset", "recorded", "started", "period")
_YES = frozenset({"yes", "true", "present", "active", "positive", "in place"})


class Evidence(Frozen, frozen=True):
    """One entry. refused: it is a refusal by itself. decision: a flag or an order that decides for or against.

    over: why it does not hold ("completed", "ended", "superseded", "inactive", "proposed"), "" when it does.
    """

    text: str
    time: FhirTime | None
    token: str
    refused: bool
    decision: bool = False
    over: str = ""

    @property
    def start(self) -> float:
        return self.time.start.timestamp() if self.time is not None else 0.0


def evidence(chart: Chart, as_of: datetime) -> list[Evidence]:
    """The newest first; of one moment in the order of their words."""
    found = [one for record in _records(chart) if (one := _said_by(record, as_of)) is not None]
    found += [one for row in chart.series if (one := _result(row.latest.record)) is not None]
    return sorted(found, key=lambda one: (-one.start, one.text, one.token))


def _records(chart: Chart) -> Iterator[Record]:
    kinds = (
        chart.flags, chart.orders, chart.consents, chart.problems, chart.documents, chart.procedures, chart.allergies, chart.goals,
    )  # fmt: skip
    for items in kinds:
        for item in items:
            yield from item.members


def _said_by(record: Record, as_of: datetime) -> Evidence | None:
    concept = getattr(record, "concept", None)
    if not isinstance(concept, Concept) or _never(record):
        return None
    if isinstance(record, Consent):
        return _consented(record, as_of) if consents.belongs(record) else None
    texts = _texts(record, concept)
    withheld = isinstance(record, Order) and record.avoid and known.is_withheld(texts)
    decides = isinstance(record, Flag | Order) and known.is_decision(concept, texts)
    if not (withheld or decides or known.belongs(concept, texts)):
        return None
    words = known.withheld_words(concept) if withheld else _words(concept, texts)
    said = standing(record, as_of)
    over = said if said in NOT_IN_FORCE else ""
    return Evidence(
        text=f"{words} ({said})" if said and not over else words,
        time=_time(record),
        token=record.source.token,
        refused=withheld or known.is_refusal(concept, texts),
        decision=withheld or decides,
        over=over,
    )


def _consented(record: Consent, as_of: datetime) -> Evidence:
    """Its words say which way it goes; a status that nobody stated is said, and does not end it."""
    doubt = consents.doubt(record)
    return Evidence(
        text=f"{record.concept.text} ({doubt})" if doubt else record.concept.text,
        time=record.written or record.period,
        token=record.source.token,
        refused=consents.refuses(record),
        decision=consents.decides(record),
        over=consents.over(record, as_of),
    )


def _never(record: Record) -> bool:
    """What is not so, or is not the case any more; an order that was carried out, and a flag that has ended, were so."""
    if isinstance(record, Problem):
        return record.clinical not in _ACTIVE or record.verification in _NOT_SO
    status = getattr(record, "status", "")
    return isinstance(record, Flag | Order) and status in OVER and status != "completed"


def _texts(record: Record, concept: Concept) -> list[str]:
    """Every way in which the entry is named."""
    found = [concept.text, *(coding.display or "" for coding in concept.codings)]
    found += [getattr(record, name, "") or "" for name in ("description", "name", "title")]
    return [text for text in found if text]


def _words(concept: Concept, texts: Iterable[str]) -> str:
    """The name of the entry, with what says it where the name does not: "Progress note: DNR confirmed"."""
    name = known.words_of(concept)
    if known.belongs(concept, [name]):
        return name
    said = next((text for text in texts if known.belongs(Concept(), [text])), "")
    return f"{name}: {said}" if name and said else name or said


def _time(record: Record) -> FhirTime | None:
    times = (getattr(record, name, None) for name in _TIMES)
    return next((time for time in times if isinstance(time, FhirTime)), None)


def _result(record: Observation) -> Evidence | None:
    """The newest result of a code that belongs here, in words: zero, no and "unknown" are answers too."""
    coded = {(one.system, one.code) for one in record.concept.codings}
    if not coded & known.NAMES.keys():
        return None
    value = record.value
    said = value.concept.text if value.concept is not None else value.string or ""
    if value.boolean is not None:
        said = "yes" if value.boolean else "no"
    name = known.words_of(record.concept)
    return Evidence(
        text=f"{name}: {said}" if said else name,
        time=record.taken,
        token=record.source.token,
        refused=known.ORDER_IN_PLACE in coded and said.lower() in _YES,
    )
