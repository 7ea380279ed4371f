"""Tables of rule sets and of what people did with them. Nothing of a patient is kept here: ids of openings and counts."""

from summary_app.rules.models.sets import (
    Comment,
    Department,
    DepartmentOrder,
    Frozen,
    Preference,
    Rollout,
    RuleSet,
    RuleSetVersion,
    RulesState,
    SignOff,
    State,
    Transition,
)
from summary_app.rules.models.trials import (
    CodeSeen,
    Replay,
    ReplayChart,
    ShadowCount,
)
from summary_app.rules.models.uses import CriterionMet, UseCount, UsedBy, UseSeen, VisitCount

__all__ = [
    "CodeSeen",
    "Comment",
    "CriterionMet",
    "Department",
    "DepartmentOrder",
    "Frozen",
    "Preference",
    "Replay",
    "ReplayChart",
    "Rollout",
    "RuleSet",
    "RuleSetVersion",
    "RulesState",
    "ShadowCount",
    "SignOff",
    "State",
    "Transition",
    "UseCount",
    "UseSeen",
    "UsedBy",
    "VisitCount",
]
