"""The mapping-loss pack: what is sent, and what a reader must see of it, through the product's own pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from clinical import rank
from clinical.fhir.entries import Entry
from clinical.fhir.wire import read_resource
from clinical.pipeline import Built, build_summary, section_records
from clinical.records import FetchState, SearchState, Section, SectionRecords
from clinical.summary import Site, Viewer
from clinical.summary.level import Judge
from clinical.summary.opened import opened
from clinical.summary.view_model import Summary

FILE = Path(__file__).parents[1] / "mapping_loss_pack.json"
AS_OF = datetime(2026, 11, 23, 16, 31, tzinfo=UTC)
SITE = Site(zone="America/Chicago", names={"mercy": "Mercy", "lakeside": "Lakeside"})
_PATIENT = b'{"resourceType":"Patient","id":"pack","gender":"female","birthDate":"1960-02-03"}'
# Names of things, and the table of what each source answered by itself: its "none known" is about that source only.
_NOT_READ = frozenset(
    {"answers", "sources", "key", "href", "anchor", "glyph", "reference", "as_sent"}
)

_SECTIONS = {
    "Patient": Section.PATIENT,
    "AllergyIntolerance": Section.ALLERGIES,
    "Condition": Section.PROBLEMS,
    "MedicationRequest": Section.MEDICATIONS,
    "Observation": Section.LABS,
    "DiagnosticReport": Section.REPORTS,
    "Immunization": Section.IMMUNIZATIONS,
    "FamilyMemberHistory": Section.FAMILY,
    "Consent": Section.CONSENTS,
}


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """source: "mercy" or "lakeside". resource: exactly as it goes over the wire."""

    source: str
    resource: msgspec.Raw


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """says, never: words that have to, or must not, stand on the page or in an opened row. loud: whether the allergy
    slot shouts. failed: searches that failed ("lakeside allergies"). abnormal, points, problems: how many there must be."""

    id: str
    hazard: str
    entries: tuple[Sent, ...]
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    loud: bool | None = None
    failed: tuple[str, ...] = ()
    abnormal: int | None = None
    points: int | None = None
    problems: int | None = None


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    version: int
    identifier_system: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Answer:
    """One search as the pipeline takes it."""

    state: SearchState
    entries: Sequence[Entry]


@lru_cache(maxsize=1)
def load() -> Pack:
    return msgspec.json.decode(FILE.read_bytes(), type=Pack)


def faults(case: Case) -> tuple[str, ...]:
    """What is lost, softened or invented in this case; empty when nothing is."""
    built = _built(case)
    told = text_of(built)
    found = [f"does not say {words!r}" for words in case.says if words not in told]
    found += [f"says {words!r}" for words in case.never if _whole(words, told)]
    loud = any(line.loud for slot in built.summary.safety for line in slot.lines)
    if case.loud is not None and loud is not case.loud:
        found.append("shouts" if loud else "does not shout")
    found += _miscounted(case, built)
    return tuple(found)


def _whole(words: str, told: str) -> bool:
    """Whether these words stand there by themselves: "low" is not in "below"."""
    return bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", told))


def _miscounted(case: Case, built: Built) -> list[str]:
    points = sum(len(row.points) + len(row.undated) for row in built.chart.series)
    judge = Judge(built.chart.patients[0])
    counted = {
        "abnormal results": sum(
            1
            for row in built.chart.series
            for point in (*row.points, *row.undated)
            if judge.level(point.record)
        ),
        "points": points,
        "problems": len(built.chart.problems),
    }
    wanted = {
        "abnormal results": case.abnormal,
        "points": case.points,
        "problems": case.problems,
    }
    return [
        f"has {counted[name]} {name}, not {number}"
        for name, number in wanted.items()
        if number is not None and counted[name] != number
    ]


def _built(case: Case) -> Built:
    return build_summary(
        _sections(case),
        site=SITE,
        viewer=Viewer(),
        library=rank.load(),
        launch_server="mercy",
        encounter_id="",
        as_of=AS_OF,
    )


def _sections(case: Case) -> list[SectionRecords]:
    """Every search of every source that takes part: with its entries, empty, or failed."""
    by_place: dict[tuple[str, Section], list[Entry]] = {}
    for sent in case.entries:
        entry = read_resource(bytes(sent.resource))
        place = (sent.source, _SECTIONS[entry.type])
        by_place.setdefault(place, []).append(entry)
    servers = {
        "mercy",
        *(sent.source for sent in case.entries),
        *(f.split()[0] for f in case.failed),
    }
    found = []
    for server in sorted(servers):
        by_place.setdefault((server, Section.PATIENT), [read_resource(_PATIENT)])
        for section in Section:
            failed = f"{server} {section}" in case.failed
            state = SearchState(
                server=server,
                search=str(section),
                section=section,
                state=FetchState.FAILED if failed else FetchState.OK,
                at=AS_OF,
            )
            entries = () if failed else by_place.get((server, section), ())
            found.append(section_records(Answer(state, entries)))
    return found


# ---- what a reader sees -----------------------------------------------------------------------------------------


def text_of(built: Built) -> str:
    """Every word of the page and of all its opened rows, one row to a line."""
    lines = list(_lines(built.summary))
    keys = [row.key for row in built.chart.series]
    keys += [entry.key for entry in built.ranking.ranked if entry.kind != "series"]
    for key in keys:
        found = opened(
            built.chart,
            built.ranking,
            key,
            site=SITE,
            viewer=built.viewer,
            as_of=AS_OF,
            everything=True,
        )
        lines += _lines(found)
    return "\n".join(lines)


def _lines(shown: Summary | Any) -> Iterator[str]:
    """Runs of text joined as they are printed: parts of a row without a gap, everything else line by line."""
    yield from _words(msgspec.to_builtins(shown))


def _words(node: object, name: str = "") -> Iterator[str]:
    if name in _NOT_READ:
        return
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        yield _value(node)
        for key, inner in node.items():
            yield from _words(inner, str(key))
    elif isinstance(node, list | tuple):
        parts = [one for one in node if isinstance(one, Mapping) and "text" in one]
        if parts and name in ("parts", "one_liner", "value_parts"):
            yield "".join(str(one["text"]) for one in parts)
        for inner in node:
            yield from _words(inner)


def _value(row: Mapping[str, object]) -> str:
    """Value, flag and unit of a result as one run of text."""
    return " ".join(str(row[name]) for name in ("value", "flag", "unit", "status") if row.get(name))
