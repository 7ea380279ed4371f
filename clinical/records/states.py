"""How a question to a source ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Frozen(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Base of the records."""


class FetchState(StrEnum):
    """Exactly one per source and search; the wording stands in `clinical.summary.wording`."""

    NOT_CONNECTED = "not_connected"  # never asked: the patient is not linked there
    NOT_AUTHORISED = "not_authorised"  # never asked: the granted scopes do not cover it
    NOT_SUPPORTED = "not_supported"  # never asked: the server does not offer it
    FETCHING = "fetching"
    FAILED = "failed"
    RESTRICTED = "restricted"  # 403, break-the-glass
    PARTIAL = "partial"  # page lost, cap hit, warning, entries set aside
    OK_EMPTY = "ok_empty"  # all pages read, nothing matched: never "none known"
    OK_NEGATED = "ok_negated"  # an explicit "no known …" and nothing else
    OK = "ok"


class Section(StrEnum):
    """What a search is for. Several searches may feed one section; the section's state is its worst search's."""

    PATIENT = "patient"
    ENCOUNTERS = "encounters"
    APPOINTMENTS = "appointments"
    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    MEDICATIONS = "medications"
    ADMINISTRATIONS = "administrations"
    LABS = "labs"
    VITALS = "vitals"
    SURVEYS = "surveys"
    SOCIAL = "social"
    REPORTS = "reports"
    DOCUMENTS = "documents"
    IMAGING = "imaging"
    PROCEDURES = "procedures"
    IMMUNIZATIONS = "immunizations"
    ORDERS = "orders"
    CARE_PLANS = "care_plans"
    DEVICES = "devices"
    FLAGS = "flags"
    CONSENTS = "consents"
    FAMILY = "family"


class SearchState(Frozen, frozen=True):
    """How one search at one source ended.

    server: key of the EHR connection. search: key of the search in the plan, e.g. "labs.recent".
    at: when it ended (UTC). reason: one sentence for a clinician; empty when all is well. remedy: what to do.
    received: entries about this patient that were read. unreadable, foreign: entries set aside because they could
    not be read, or were about somebody else. stale: these entries are of an earlier reading (then `at` is its time).
    cut_short: more may exist at the source than came, beyond what was set aside.
    """

    server: str
    search: str
    section: Section
    state: FetchState
    at: datetime | None = None
    reason: str = ""
    remedy: str = ""
    received: int = 0
    unreadable: int = 0
    foreign: int = 0
    stale: bool = False
    cut_short: bool = False
