"""The admin pages of people and of the record of access, which can only be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from summary_app.access.models import AccessLog, Identity, User


class IdentityInline(admin.TabularInline):
    model = Identity
    extra = 0
    can_delete = False
    readonly_fields = ("connection", "issuer", "reference")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("shown_name", "username", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("shown_name", "username")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Here", {"fields": ("shown_name", "role")}),
    )
    inlines = (IdentityInline,)


@admin.register(AccessLog)
class AccessLogAdmin(admin.ModelAdmin):
    list_display = ("at", "user", "what", "detail", "outcome", "connection", "patient")
    list_filter = ("outcome", "what", "connection")
    list_select_related = ("user", "connection")
    search_fields = ("user__shown_name", "user__username", "patient", "context")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
