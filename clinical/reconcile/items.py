"""From entries to items: clustered, the worst leading, every entry kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from clinical.reconcile import conflicts, severity
from clinical.reconcile.clusters import clusters
from clinical.reconcile.identity import Key, keys_of, words
from clinical.records import FhirTime, Item, Record

# Kinds in which the same words in two sources suggest the same thing when no code contradicts it.
_BY_WORDS = frozenset({"allergy", "problem", "flag", "device"})
_NO_TIME = datetime.min.replace(tzinfo=UTC)


def build(kind: str, records: Sequence[Record], launch_server: str = "") -> tuple[Item, ...]:
    """Items of one kind, ordered by key. `records` holds each (server, reference) once.

    launch_server: its entry leads among equally weighty ones.
    """
    ordered = sorted(records, key=_token)
    keys = [keys_of(kind, record) for record in ordered]
    if kind in _BY_WORDS:
        _add_word_keys(kind, ordered, keys)
    items = [_item(kind, members, launch_server) for members in clusters(ordered, keys)]
    if kind == "allergy":
        items = conflicts.with_negations(items)
    return tuple(sorted(items, key=lambda item: item.key))


def stable_key(kind: str, parts: Iterable[Key]) -> str:
    """A short name for an item that does not depend on the order of arrival and is safe in a URL."""
    text = "\x1f".join(min(parts))
    return f"{kind.replace('_', '-')}-{blake2b(text.encode(), digest_size=6).hexdigest()}"


def when(record: Record) -> datetime:
    """The moment a record is ordered by; the earliest possible when it has none."""
    for name in _TIME_FIELDS[record.__class__.__name__]:
        time: FhirTime | None = getattr(record, name)
        if time is not None:
            return time.start
    return _NO_TIME


_TIME_FIELDS: dict[str, tuple[str, ...]] = {
    "Problem": ("recorded", "onset"),
    "Allergy": ("recorded", "onset"),
    "Medication": ("authored", "starts"),
    "Administration": ("at",),
    "Report": ("taken", "issued"),
    "Document": ("written", "period"),
    "Study": ("started",),
    "Procedure": ("performed",),
    "Immunization": ("given",),
    "Encounter": ("period",),
    "Appointment": ("start",),
    "Order": ("occurrence", "authored"),
    "CarePlan": ("period",),
    "Goal": ("start",),
    "Device": ("implanted",),
    "Flag": ("period",),
    "Consent": ("written", "period"),
    "FamilyHistory": (),
    "Patient": (),
    "Observation": ("taken",),
}


def _token(record: Record) -> tuple[str, str]:
    return record.source.server, record.source.reference


def _add_word_keys(kind: str, records: Sequence[Record], keys: list[list[Key]]) -> None:
    """Join entries with the same words, unless their codes of one system say that they differ."""
    by_words: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        text = _group_words(kind, record)
        if text:
            by_words.setdefault(text, []).append(index)
    for text, found in by_words.items():
        if len(found) > 1:
            coded = [index for index in found if len(keys[index]) > 1]
            clash = _codes_clash([keys[index][1:] for index in coded])
            for index in found:
                if not clash or index not in coded:
                    keys[index].append(("words", kind, text))


def _group_words(kind: str, record: Any) -> str:
    text = words(record.concept.text)
    if kind == "problem" and record.category == "encounter-diagnosis":
        return ""  # belongs to one visit; identical words on another day are another diagnosis
    if kind == "allergy" and record.negation:
        return ""
    site = words(getattr(record, "body_site", ""))  # left and right are two things
    return f"{text} at {site}" if text and site else text


def _codes_clash(coded: list[list[Key]]) -> bool:
    """Whether two entries name different codes of one and the same system."""
    seen: dict[tuple[str, str], set[str]] = {}
    for keys in coded:
        own: dict[tuple[str, str], set[str]] = {}
        for key in keys:
            if len(key) >= 3:
                own.setdefault((key[0], key[1]), set()).add(key[2])
        for system, codes in own.items():
            known = seen.get(system)
            if known is not None and known.isdisjoint(codes):
                return True
            seen[system] = codes if known is None else known | codes
    return False


def _item(kind: str, members: list[Record], launch_server: str) -> Item:
    ranked = sorted(
        members,
        key=lambda record: (
            severity.worst_first(kind, record),
            record.source.server != launch_server,
            _newest(record),
        ),
    )
    lead = ranked[0]
    found = conflicts.find(kind, ranked) if len(ranked) > 1 else ()
    keys = [key for record in members for key in keys_of(kind, record)]
    named = [key for key in keys if key[0] != "entry"]
    return Item(
        kind=kind,
        key=stable_key(kind, named or keys),
        label=_label(lead),
        lead=lead,
        members=tuple(ranked),
        conflicts=found,
    )


def _newest(record: Record) -> tuple[float, str, str]:
    moment = when(record)
    return (0.0 if moment is _NO_TIME else -moment.timestamp(), *_token(record))


def _label(record: Any) -> str:
    if record.__class__.__name__ == "FamilyHistory":
        return str(record.relationship)
    concept = getattr(record, "concept", None)
    text = concept.text if concept is not None else ""
    return str(text or getattr(record, "name", "") or getattr(record, "title", "") or "")
