"""The entries of a page, as they are passed on."""

from __future__ import annotations

import msgspec
from msgspec.structs import force_setattr

from clinical import resources as fhir

_observations = msgspec.json.Decoder(fhir.Observation)
_OUTLINED = (
    "id", "meta", "status", "category", "code", "subject", "effectiveDateTime", "effectivePeriod", "effectiveInstant",
)  # fmt: skip


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One resource of a page.

    type, id: as sent, "" when missing. mode: "match", "include" or "outcome". raw: exactly the resource's bytes.
    resource: None when it could not be read; `problem` then says why; after `outline` an Outline, see `whole`.
    full_url: Bundle.entry.fullUrl.
    """

    type: str
    id: str
    mode: str
    raw: bytes
    resource: fhir.Resource | None = None
    problem: str = ""
    full_url: str = ""

    @property
    def reference(self) -> str:
        """ "Observation/123", with "?" for what is missing."""
        return f"{self.type or '?'}/{self.id or '?'}"

    @property
    def version(self) -> str:
        meta = self.resource.meta if self.resource is not None else None
        return (meta.versionId or meta.lastUpdated or "") if meta is not None else ""

    @property
    def whole(self) -> fhir.Resource | None:
        """The resource as it was sent: read again where only its outline is held."""
        held = self.resource  # once: another thread may put the outline in its place
        return _observations.decode(self.raw) if type(held) is fhir.Outline else held

    def outline(self) -> None:
        """Lets go of nine tenths of what an Observation takes in memory; does nothing for anything else."""
        held = self.resource
        if type(held) is fhir.Observation:
            outline = fhir.Outline(**{name: getattr(held, name) for name in _OUTLINED})
            force_setattr(self, "resource", outline)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a search, or a single resource as a page of one.

    total: Bundle.total as sent, a hint only. outcomes: OperationOutcome entries that could be read (they are not in
    `entries`). left_out: entries beyond the cap of one page, which were not read.
    """

    total: int | None = None
    self_link: str = ""
    next_link: str = ""
    entries: tuple[Entry, ...] = ()
    outcomes: tuple[fhir.OperationOutcome, ...] = ()
    left_out: int = 0
