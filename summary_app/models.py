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
from summary_app.feedback.models import Feedback
from summary_app.quality.models import CodeMapping
from summary_app.rules.models import (
    CodeSeen,
    Comment,
    Department,
    DepartmentOrder,
    Preference,
    Replay,
    ReplayChart,
    Rollout,
    RuleSet,
    RuleSetVersion,
    RulesState,
    ShadowCount,
    SignOff,
    Transition,
)
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
    "CodeSeen",
    "Comment",
    "Connection",
    "ContextSource",
    "Department",
    "DepartmentOrder",
    "Feedback",
    "Identity",
    "Job",
    "PatientLink",
    "PendingLaunch",
    "Preference",
    "Pull",
    "Replay",
    "ReplayChart",
    "RequestMinute",
    "Rollout",
    "RuleSet",
    "RuleSetVersion",
    "RulesState",
    "ScheduledVisit",
    "ShadowCount",
    "SignOff",
    "SigningKey",
    "Snapshot",
    "SnapshotPart",
    "Token",
    "Transition",
    "UnitPolicy",
    "UsedLaunch",
    "User",
]
