"""What a summary needs besides the chart: the site it stands in and the clinician who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from clinical.records import Frozen


class Site(Frozen, frozen=True):
    """zone: IANA name in which times are shown. names: connection key -> what people call that source.

    units: LOINC code -> UCUM unit that this site prefers to read (`clinical.units.preferred`); the others stay as sent.
    """

    zone: str = "UTC"
    names: Mapping[str, str] = {}
    units: Mapping[str, str] = {}

    def name(self, server: str) -> str:
        return self.names.get(server) or server


class Viewer(Frozen, frozen=True):
    """The clinician. role: "physician", "nurse" … practitioners: connection key -> references that are this person.

    last_seen: when they (or their department: last_seen_by says who) last saw the patient; None = not before.
    """

    name: str = ""
    role: str = "physician"
    practitioners: Mapping[str, tuple[str, ...]] = {}
    last_seen: datetime | None = None
    last_seen_by: str = "you"
    department: str = ""
