"""The admin pages of departments, their order of items, and the bounds of preferences; the life of the rules is read only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from summary_app.rules import guards
from summary_app.rules.models import (
    Department,
    DepartmentOrder,
    Rollout,
    RuleSetVersion,
    RulesState,
    Transition,
)
from summary_app.rules.services import before, needs, places, steps


class DepartmentForm(forms.ModelForm):
    """A department that begins to treat patients needs what any roll-out to it would have needed.

    missing: what stood in the way, in sentences, once it was tried; () when nothing did.
    """

    missing: tuple[str, ...] = ()

    class Meta:
        model = Department
        fields = ("name", "matches", "people", "live")

    def clean_live(self) -> bool:
        live = bool(self.cleaned_data["live"])
        begins = live and (not self.instance.pk or "live" in self.changed_data)
        missing = (
            needs.before_live(self.instance, self.cleaned_data.get("name", "")) if begins else []
        )
        self.missing = tuple(missing)
        if missing:
            raise forms.ValidationError(
                [
                    *missing,
                    "Until then it stays without patients. What is to be done stands under Rules, “Before a department treats patients”.",
                ]
            )
        return live


class OrderInline(admin.TabularInline):
    model = DepartmentOrder
    extra = 0


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    form = DepartmentForm
    list_display = ("name", "live")
    search_fields = ("name",)
    filter_horizontal = ("people",)
    readonly_fields = ("before_patients",)
    inlines = (OrderInline,)

    @admin.display(description="before it treats patients")
    def before_patients(self, department: Department) -> str:
        """What is missing, and the way to the page where it is done."""
        if department.pk is None:
            return "Save it first, without patients; then see what is missing."
        missing = len(needs.before_live(department, department.name))
        words = f"{missing} missing" if missing else "Nothing is missing"
        address = f"{reverse('rules-before')}#d{department.pk}"
        return format_html('<a href="{}">{}</a>', address, words)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new department has no charts yet, so it begins without patients."""
        return {"live": False, **super().get_changeform_initial_data(request)}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page comes back after a refusal, which is a step of the record too."""
        form = context["adminform"].form
        if isinstance(form, DepartmentForm) and form.missing:
            before.refused_live(guards.person(request), form.missing, now=timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Department, form: Any, change: bool) -> None:
        """When it begins or ceases to treat patients is a step of the record."""
        super().save_model(request, obj, form, change)
        if "live" in form.changed_data or (not change and obj.live):
            before.went_live(guards.person(request), obj, now=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Who belongs to it decides what holds for them, so every process looks again."""
        super().save_related(request, form, formsets, change)
        places.forget()
        steps.in_force_changed()


@admin.register(RulesState)
class RulesStateAdmin(admin.ModelAdmin):
    """Only the bounds of preferences; the switch is on the page of the rules, where its use is written down."""

    fields = ("most_pinned", "most_lowered", "never_lowered")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RuleSetVersion)
class VersionAdmin(ReadOnly):
    list_display = ("rule_set", "number", "state", "author", "reviewer", "changed")
    list_filter = ("state", "rule_set")
    list_select_related = ("rule_set", "author", "reviewer")


@admin.register(Rollout)
class RolloutAdmin(ReadOnly):
    list_display = ("version", "percentage", "starts", "shadow", "made_by", "ended")
    list_select_related = ("version__rule_set", "made_by")


@admin.register(Transition)
class TransitionAdmin(ReadOnly):
    list_display = ("at", "by", "action", "version", "from_state", "to_state", "refused", "why")
    list_filter = ("action", "refused")
    list_select_related = ("by", "version__rule_set")
    date_hierarchy = "at"
