"""The only Django application of the product."""

from __future__ import annotations

from django.apps import AppConfig


class SummaryAppConfig(AppConfig):
    name = "summary_app"
    verbose_name = "Visit Lens"

    def ready(self) -> None:
        from summary_app import checks  # noqa: F401  # registers itself
