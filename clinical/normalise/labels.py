"""meta.security and meta.tag: what must not be seen by everybody, and what is not a real patient (rules 48 and 50)."""

from __future__ import annotations

from clinical import codes
from clinical import resources as fhir

# v3-Confidentiality: unrestricted, low, moderate, normal. Everything above (R, V) is restricted.
_OPEN = frozenset({"U", "L", "M", "N"})
_TEST = "HTEST"
# Labels that say how a resource came about, not who may see it.
_HARMLESS_VALUES = frozenset({"SUBSETTED", "ABSTRED", "AGGRED", "ANONYED", "PSEUDED"})


def judge(meta: fhir.Meta | None, more: fhir.Concepts | None = None) -> tuple[bool, bool]:
    """(restricted, test). A security label we do not know counts as restricted: the high-water mark."""
    security = list(meta.security or ()) if meta is not None else []
    for concept in more or ():
        security.extend(concept.coding or () if concept is not None else ())
    tags = meta.tag or () if meta is not None else ()
    restricted = test = False
    for label in security:
        if label is None or not label.code:
            continue
        if label.code == _TEST:
            test = True
        elif not _is_open(label):
            restricted = True
    return restricted, test or any(tag is not None and tag.code == _TEST for tag in tags)


def _is_open(label: fhir.Coding) -> bool:
    if label.system == codes.CONFIDENTIALITY:
        return label.code in _OPEN
    return label.system == codes.OBSERVATION_VALUE and label.code in _HARMLESS_VALUES
