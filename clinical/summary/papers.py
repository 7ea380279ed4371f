"""What a report or note holds: its files, who wrote it and when, and which report a result came with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clinical.records import Attachment, Chart, Consent, Document, Item, Observation, Report
from clinical.summary import fmt, names, studies
from clinical.summary.desk import Desk
from clinical.summary.view_opened import FileKind, Paper

_MOST_REPORTS = 3
_PLAIN = frozenset({"text/plain", "text/markdown"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_PICTURES = frozenset({"image/png", "image/jpeg"})
UNPARSED = "unparsed, not summarised"
NOT_SENT = "The source named a file and sent neither its content nor where it lies."


def files(item: Item) -> list[tuple[Document | Report | Consent, Attachment]]:
    """Every file of a report, note or consent, those of its lead first. The place in this list is the file's number."""
    members = [item.lead, *(m for m in item.members if m is not item.lead)]
    found = []
    for record in members:
        if isinstance(record, Document | Report | Consent):
            found += [(record, one) for one in record.attachments]
    return found


def item_of(chart: Chart, key: str) -> Item | None:
    """The report or note of that key; None when the chart has none."""
    return next(
        (i for i in (*chart.reports, *chart.documents, *chart.consents) if i.key == key), None
    )


def media_type(content_type: str) -> str:
    """ "text/plain" from "Text/Plain; charset=utf-8"."""
    return content_type.partition(";")[0].strip().lower()


def kind_of(one: Attachment) -> FileKind:
    """How a file can be shown, from what was declared; what it really is, is seen when it is opened."""
    if one.text:
        return "text"
    if not one.data and not one.url:
        return "none"
    declared = media_type(one.content_type)
    if declared in _PLAIN or declared in _PAGES:
        return "page"
    if declared == "application/pdf":
        return "pdf"
    return "picture" if declared in _PICTURES else "unparsed"


def papers(desk: Desk, item: Item) -> tuple[Paper, ...]:
    """The files of an opened report or note."""
    return tuple(
        Paper(
            place=place,
            kind=kind_of(one),
            title=one.title,
            words=_words(one),
            text=one.text,
            source=desk.name(record.source.server),
        )
        for place, (record, one) in enumerate(files(item))
    )


def _words(one: Attachment) -> str:
    size = f"{max(1, round(one.size / 1000))} kB" if one.size else ""
    said = NOT_SENT if kind_of(one) == "none" else ""
    kind = UNPARSED if kind_of(one) == "unparsed" else ""
    return ", ".join(p for p in (media_type(one.content_type), size, kind, said) if p)


def facts(desk: Desk, item: Item) -> tuple[tuple[str, str], ...]:
    """Who wrote it and when; () for anything that is no report or note."""
    record = item.lead
    if not isinstance(record, Document | Report):
        return ()
    people = record.authors if isinstance(record, Document) else record.performers
    by = ", ".join(dict.fromkeys(one.display for one in people if one.display))
    found = [("By", by or "not said"), ("Date", desk.when(studies.time_of(record)) or "not said")]
    if isinstance(record, Report) and record.conclusion_codes:
        found.append(("Coded", ", ".join(c.text for c in record.conclusion_codes if c.text)))
    return tuple(found)


def reports_with(desk: Desk, records: Iterable[Observation]) -> tuple[tuple[str, str], ...]:
    """(key, words) of the reports that list one of these results, newest first: at most three.

    Only what the source itself linked (DiagnosticReport.result); nothing is guessed from date or name.
    """
    wanted = {(r.source.server, r.source.reference) for r in records}
    found = [item for item in desk.chart.reports if _lists(item, wanted)]
    found.sort(key=_newest_first)
    return tuple((item.key, _name(desk, item)) for item in found[:_MOST_REPORTS])


def _lists(item: Item, wanted: set[tuple[str, str]]) -> bool:
    return any(
        isinstance(member, Report)
        and any((member.source.server, result) in wanted for result in member.results)
        for member in item.members
    )


def _newest_first(item: Item) -> tuple[float, str]:
    time = studies.time_of(item.lead)
    return -(time.start.timestamp() if time is not None else 0.0), item.key


def _name(desk: Desk, item: Item) -> str:
    name = names.test(item.label) or "report not named"
    return f"{name}, {desk.when_short(studies.time_of(item.lead)) or 'no date'}"


def results_of(desk: Desk, item: Item) -> tuple[tuple[str, str], ...]:
    """(key, name) of the rows on this chart that a report lists as its results."""
    wanted: set[tuple[str, str]] = set()
    for member in item.members:
        if isinstance(member, Report):
            wanted.update((member.source.server, result) for result in member.results)
    if not wanted:
        return ()
    return tuple(
        (row.key, desk.called(row))
        for row in desk.chart.series
        if _any_of([point.record for point in row.points], wanted)
    )


def _any_of(records: Sequence[Observation], wanted: set[tuple[str, str]]) -> bool:
    return any((r.source.server, r.source.reference) in wanted for r in records)


def count_words(found: Sequence[Paper]) -> str:
    """ "2 files"."""
    return fmt.plural(len(found), "file")
