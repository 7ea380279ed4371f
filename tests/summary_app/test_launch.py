"""A launch, from the EHR's call to a page; and everything that is refused on the way."""

from __future__ import annotations

from collections.abc import Callable

from summary_app.models import AccessLog, Connection, PendingLaunch, User
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr


def test_a_launch_leads_to_a_page_with_the_patients_results(
    mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(mercy)
    opened = launch(mercy)
    assert opened.response.status_code == 302
    page = opened.until_complete()
    assert page.context["summary"].strip.name == "WINTERBOURNE, Anna"
    assert "8.1" in str(page.context["summary"].blocks)
    assert User.objects.get().shown_name == "Alice Example MD"
    assert PendingLaunch.objects.count() == 0
    assert [row.what for row in AccessLog.objects.order_by("pk")][:1] == ["open"]
