"""All tables in one place, for Django; each lives in its area."""

from summary_app.access.models import AccessLog, Identity, User
from summary_app.connections.models import (
    Connection,
    PendingLaunch,
    RequestMinute,
    SigningKey,
    Token,
    UsedLaunch,
)
from summary_app.quality.models import CodeMapping
from summary_app.summary.models import (
    ChartContext,
    ContextSource,
    Job,
    PatientLink,
    Pull,
    ScheduledVisit,
    Snapshot,
    SnapshotPart,
)
from summary_app.ward.models import UnitPolicy

__all__ = [
    "AccessLog",
    "ChartContext",
    "CodeMapping",
    "Connection",
    "ContextSource",
    "Identity",
    "Job",
    "PatientLink",
    "PendingLaunch",
    "Pull",
    "RequestMinute",
    "ScheduledVisit",
    "SigningKey",
    "Snapshot",
    "SnapshotPart",
    "Token",
    "UnitPolicy",
    "UsedLaunch",
    "User",
]
