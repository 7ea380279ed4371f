"""The list of what clinicians said is wrong: what is not dealt with first."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from summary_app.feedback.models import Feedback


@admin.register(Feedback)
class FeedbackAdmin(admin.ModelAdmin):
    """Read, and ticked off; what was said is not changed, and answers are written in the queue of the rules."""

    list_display = ("reason", "kind", "visit", "words", "user", "at", "state", "done")
    list_editable = ("done",)
    list_filter = ("done", "state", "reason", "kind", "visit")
    search_fields = ("words", "rules", "key")
    date_hierarchy = "at"
    readonly_fields = (
        "key", "kind", "reason", "words", "visit", "rules", "user", "at", "department", "state", "answer", "answered_by",
        "answered", "omission",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
