"""The small parts that records share: where from, codes, times, quantities, ranges."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from .states import Frozen


class Source(Frozen, frozen=True):
    """Where a record came from. server: connection key. reference: "Observation/123".

    updated: meta.lastUpdated as sent. restricted: meta.security carries a confidentiality or sensitivity label
    (or one we do not know). test: labelled as test data.
    """

    server: str
    reference: str
    updated: str | None = None
    restricted: bool = False
    test: bool = False
    narrative: bool = False  # text.status additional: its narrative holds more than its data

    @property
    def token(self) -> str:
        """What stands in `data-source`: "mercy/Observation/123"."""
        return f"{self.server}/{self.reference}"


class Coding(Frozen, frozen=True):
    """One FHIR Coding. system is None when the source sent none: such a code matches nothing by itself."""

    system: str | None
    code: str
    display: str | None = None


class Concept(Frozen, frozen=True):
    """A CodeableConcept. text: what a person reads, `text`, else a display, else the bare code; "" if nothing at all."""

    codings: tuple[Coding, ...] = ()
    text: str = ""


class FhirTime(Frozen, frozen=True):
    """A FHIR date, dateTime, instant or Period at the precision it was sent with.

    start: first instant it can mean, aware UTC (a date without a zone is held as UTC midnight and never converted).
    end: first instant after it (exclusive); None for a period that is still open.
    text: as sent. zone_known: False for date-only values.
    """

    start: datetime
    end: datetime | None
    precision: Literal["year", "month", "day", "minute", "second", "period"]
    text: str
    zone_known: bool = False


class Quantity(Frozen, frozen=True):
    """value with its precision as sent. unit: text for people; code and system: UCUM when the source says so."""

    value: Decimal | None
    comparator: Literal["<", "<=", ">", ">=", "ad"] | None = None
    unit: str = ""
    code: str = ""
    system: str = ""


class ReferenceRange(Frozen, frozen=True):
    """One range as sent. A range may have one end only, or only text."""

    low: Quantity | None = None
    high: Quantity | None = None
    text: str = ""
    type: Concept | None = None
    applies_to: tuple[Concept, ...] = ()
    age_low: Quantity | None = None
    age_high: Quantity | None = None


class Reference(Frozen, frozen=True):
    """target: "Practitioner/5" in the same source when it can be followed there, else "". display: words as sent."""

    target: str = ""
    display: str = ""
