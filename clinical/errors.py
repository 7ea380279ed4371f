"""The errors of the clinical core. Each says in one sentence what happened, and whether trying again can help."""

from __future__ import annotations


class ClinicalError(Exception):
    """Base of every error raised by this package. `permanent`: trying again cannot help."""

    permanent = True


class ResourceUnreadable(ClinicalError):
    """One resource could not be read; its neighbours are not affected.

    ref: "Observation/123", or "Observation/?" when the resource carries no id.
    """

    def __init__(self, ref: str, reason: str) -> None:
        super().__init__(f"{ref}: {reason}")
        self.ref = ref
        self.reason = reason


class SourceError(ClinicalError):
    """A request to a FHIR server gave nothing usable.

    state: the FetchState value this leads to. reason: what happened, in words for a clinician.
    remedy: what to do about it, in words. retry_after: seconds the server asked us to wait, if it did.
    """

    def __init__(
        self,
        reason: str,
        *,
        state: str = "failed",
        permanent: bool = False,
        remedy: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state
        self.permanent = permanent
        self.remedy = remedy
        self.retry_after = retry_after


class LaunchRefused(ClinicalError):
    """A SMART launch that must not go on. The message is safe to show and holds no token, code or state."""


class PackInvalid(ClinicalError):
    """A pack, item or code table file that cannot be used: names file, place and reason."""
