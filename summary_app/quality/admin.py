"""The list of codes that a person has to decide on, those on most pages first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from summary_app.quality.models import CodeMapping
from summary_app.quality.services import deciding


class CodeMappingForm(forms.ModelForm):
    class Meta:
        model = CodeMapping
        fields = ("loinc", "state")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("state") == CodeMapping.State.CONFIRMED and not found.get("loinc"):
            self.add_error("loinc", "A confirmed mapping needs the LOINC code that it means.")
        return found


@admin.register(CodeMapping)
class CodeMappingAdmin(admin.ModelAdmin):
    """Codes come from charts; here they are only decided on."""

    form = CodeMappingForm
    list_display = (
        "name", "code", "connection", "unit", "specimen", "state", "suggested", "loinc", "seen", "last_seen",
        "decided_by",
    )  # fmt: skip
    list_filter = ("state", "connection")
    list_select_related = ("connection", "decided_by")
    search_fields = ("name", "code", "suggested", "loinc")
    ordering = ("-seen", "name")
    readonly_fields = (
        "connection", "system", "code", "name", "unit", "specimen", "suggested", "seen", "last_seen", "decided_by",
        "decided",
    )  # fmt: skip
    actions = ("confirm_suggested", "keep_apart")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CodeMapping, form: Any, change: bool) -> None:
        """Who decided, and when, is written down with every decision."""
        if obj.state == CodeMapping.State.CONFIRMED:
            deciding.confirm(obj, by=request.user, now=timezone.now())
        elif obj.state == CodeMapping.State.REJECTED:
            deciding.reject(obj, by=request.user, now=timezone.now())
        else:
            deciding.reopen(obj, by=request.user, now=timezone.now())

    @admin.action(description="Confirm: it means the LOINC code entered, else the one suggested")
    def confirm_suggested(self, request: HttpRequest, found: QuerySet[CodeMapping]) -> None:
        done = [deciding.confirm(one, by=request.user, now=timezone.now()) for one in found]
        messages.success(request, f"{sum(done)} confirmed.")
        if not all(done):
            words = (
                f"{done.count(False)} have neither a code nor a suggestion and stay as they are."
            )
            messages.warning(request, words)

    @admin.action(description="Keep apart: it stays a row of its own")
    def keep_apart(self, request: HttpRequest, found: QuerySet[CodeMapping]) -> None:
        for one in found:
            deciding.reject(one, by=request.user, now=timezone.now())
        messages.success(request, f"{len(found)} kept apart.")
