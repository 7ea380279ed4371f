"""Contexts that a narrower one replaces: a visit for COPD is not one for "asthma or COPD" as well."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from clinical import codes
from clinical.rank.cues import cues_of
from clinical.rank.entries import active_problem
from clinical.rank.library import Cue, Library
from clinical.rank.patient import Patient
from clinical.rank.texts import split
from clinical.records import Concept


def replaced(
    contexts: Collection[str], reasons: Iterable[Concept], patient: Patient
) -> frozenset[str]:
    """Of recognised contexts those that a narrower recognised one stands for.

    A broader context stays when a reason or an active problem says what the narrower one excludes (asthma), or a
    reason carries a code of its own that the narrower one does not know. It stays when in doubt: it only adds rows.
    """
    packs = patient.library.packs
    pairs = [
        (narrow, broad)
        for narrow in sorted(contexts)
        for broad in packs[narrow].cue.narrower_than
        if broad in contexts
    ]
    if not pairs:
        return frozenset()
    concepts = list(reasons)
    excluding = _excluding(concepts, patient)
    return frozenset(
        broad
        for narrow, broad in pairs
        if narrow not in excluding
        and not any(_beyond(one, packs[narrow].cue, packs[broad].cue) for one in concepts)
    )


def _excluding(reasons: Iterable[Concept], patient: Patient) -> set[str]:
    """Contexts whose excluding words stand in a reason or an active problem."""
    texts = {text for one in reasons for text in _texts(one)}
    texts |= {entry.label for entry in patient.chart.problems if active_problem(entry)}
    return _owners(sorted(texts), patient.library)


def _owners(texts: Iterable[str], library: Library) -> set[str]:
    cues = cues_of(library)
    return {owner for text in texts for owner in cues.excluded(split(text))}


def _texts(concept: Concept) -> Iterable[str]:
    return (concept.text, *(coding.display or "" for coding in concept.codings))


def _beyond(concept: Concept, narrow: Cue, broad: Cue) -> bool:
    """Whether it carries a code of the broader context that is none of the narrower one or of its problems."""
    own = (*narrow.icd, *narrow.problems)
    for coding in concept.codings:
        plain = coding.code.replace(".", "").upper()
        if coding.system == codes.SNOMED:
            if coding.code in broad.snomed and coding.code not in narrow.snomed:
                return True
        elif (
            coding.system in (codes.ICD10CM, codes.ICD10)
            and plain.startswith(broad.icd)
            and not plain.startswith(own)
        ):
            return True
    return False
