"""The only Django application of the product."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SummaryAppConfig(AppConfig):
    name = "summary_app"
    verbose_name = "Visit Lens"

    def ready(self) -> None:
        from summary_app import checks  # noqa: F401  # registers itself
        from summary_app.rules.services.allowed import make_groups

        post_migrate.connect(make_groups, sender=self)
