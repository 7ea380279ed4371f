"""The admin pages of what is prepared and linked. Charts themselves are never shown in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from summary_app.summary.models import Job, PatientLink


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ("day", "connection", "state", "attempts", "not_before", "words")
    list_filter = ("state", "connection", "day")
    list_select_related = ("connection",)


@admin.register(PatientLink)
class PatientLinkAdmin(ReadOnly):
    """Deleting a link here undoes it: the next opening looks again."""

    list_display = ("connection", "patient", "other_connection", "other_patient", "how", "made")
    list_filter = ("how", "connection")
    list_select_related = ("connection", "other_connection")
    search_fields = ("patient", "other_patient")
