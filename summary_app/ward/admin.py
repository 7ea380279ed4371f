"""The admin page of unit policies."""

from __future__ import annotations

from django.contrib import admin

from summary_app.ward.models import UnitPolicy


@admin.register(UnitPolicy)
class UnitPolicyAdmin(admin.ModelAdmin):
    list_display = ("__str__", "version", "reviewed_by", "minutes_low", "minutes_high", "shifts")
    fieldsets = (
        (None, {"fields": ("unit", "version", "reviewed_by")}),
        ("How often", {"fields": ("minutes_low", "minutes_one_part", "minutes_medium", "minutes_high", "grace_low", "grace_high", "minutes_pain", "minutes_weight")}),
        ("When nothing was measured", {"fields": ("usable_minutes", "unmeasured_as")}),
        ("What to do", {"fields": ("at_low", "at_one_part", "at_medium", "at_high")}),
        ("Fluids and shifts", {"fields": ("urine_low", "day_starts", "shifts")}),
    )  # fmt: skip
