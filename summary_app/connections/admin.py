"""The admin pages of connections: filling one in, checking it with a button, changing our signing key."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from summary_app.connections.models import Connection, SigningKey
from summary_app.connections.services import checking, signing, wire


class ConnectionForm(forms.ModelForm):
    """The secret is written here and never shown again."""

    new_secret = forms.CharField(
        required=False,
        strip=True,
        widget=forms.PasswordInput(render_value=False),
        help_text="Leave empty to keep the present one. It is stored encrypted.",
    )

    class Meta:
        model = Connection
        fields = "__all__"  # noqa: DJ007  # the admin's fieldsets name them; the secret is not editable

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        kind = found.get("authorization")
        if kind != Connection.Authorization.OPEN and not found.get("client_id"):
            self.add_error("client_id", "An EHR that people sign in at needs a client id.")
        secret = found.get("new_secret") or self.instance.secret
        if kind == Connection.Authorization.SECRET and not secret:
            self.add_error("new_secret", "This kind of authorization needs the secret.")
        if found.get("backend_for_clinicians") and not found.get("backend_policy", "").strip():
            self.add_error(
                "backend_policy", "Clinicians may be shown it only under a written policy."
            )
        if not found.get("test") and not str(found.get("base_url", "")).startswith("https://"):
            self.add_error("base_url", "Only a test system may be reached without https.")
        return found

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("new_secret"):
            self.instance.secret = self.cleaned_data["new_secret"]
        return super().save(commit)


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    form = ConnectionForm
    list_display = ("name", "key", "base_url", "authorization", "active", "test", "check_link")
    list_filter = ("active", "test", "authorization")
    search_fields = ("name", "key", "base_url")
    readonly_fields = ("addresses", "check_link")
    fieldsets = (
        (None, {"fields": ("name", "key", "base_url", "active", "test", "check_link")}),
        (
            "Signing in",
            {
                "fields": (
                    "authorization", "client_id", "new_secret", "addresses", "scopes",
                    "sign_in_hosts", "roles",
                )
            },
        ),
        (
            "The product's own rights",
            {"fields": ("backend_client_id", "backend_policy", "backend_for_clinicians")},
        ),
        ("Patients", {"fields": ("trusted_identifiers",)}),
        ("In the EHR", {"fields": ("embed_origins", "open_url")}),
        (
            "Limits",
            {
                "classes": ("collapse",),
                "fields": (
                    "concurrency", "connections", "requests_per_minute", "connect_seconds",
                    "request_seconds", "pull_seconds", "page_size", "pages_per_search",
                    "page_megabytes", "ca_bundle",
                ),
            },
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        checked = self.admin_site.admin_view(self.check_connection)
        return [path("<int:pk>/check/", checked, name="connection-check"), *super().get_urls()]

    @admin.display(description="Check connection")
    def check_link(self, connection: Connection) -> str:
        if connection.pk is None:
            return "after saving"
        url = reverse("admin:connection-check", args=[connection.pk])
        return format_html('<a class="button" href="{}">Check connection</a>', url)

    @admin.display(description="To be registered at the EHR")
    def addresses(self, connection: Connection) -> str:
        if not connection.key:
            return "after saving"
        return format_html(
            "launch {}<br>redirect {}<br>keys {}",
            wire.address("launch", connection),
            wire.address("callback", connection),
            wire.address("jwks"),
        )

    def check_connection(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        connection = get_object_or_404(Connection, pk=pk)
        report = checking.check(connection, patient_id=request.GET.get("patient", "")[:64])
        content = {
            **self.admin_site.each_context(request),
            "title": f"Check of {connection.name}",
            "connection": connection,
            "report": report,
        }
        return render(request, "admin/connection_check.html", content)


@admin.register(SigningKey)
class SigningKeyAdmin(admin.ModelAdmin):
    list_display = ("kid", "created", "active_from", "retired")
    readonly_fields = ("kid", "created", "active_from", "retired")
    actions = ("rotate",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Publish a new key, used from tomorrow")
    def rotate(self, request: HttpRequest, _: Any) -> None:
        fresh = signing.rotate(now=timezone.now())
        messages.success(
            request, f"{fresh.kid} is published now and used from {fresh.active_from}."
        )
