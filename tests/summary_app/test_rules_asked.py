"""What a site's own rule sets look at is asked for: their codes are part of every pull."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from clinical import rank
from clinical.rank.ruleset_file import table_of
from summary_app.models import Connection, Rollout, RuleSetVersion
from summary_app.rules.services import drafts, editing, in_force, life, reading, steps
from tests.summary_app.conftest import Launch
from tests.summary_app.ehr import SmartEhr
from tests.summary_app.rules import person

OWN = "99998-1"


def with_own_item() -> RuleSetVersion:
    """A version whose item of this site looks back without an end."""
    ann, now = person("ann", "author"), timezone.now()
    made = drafts.start(ann, "diabetes", number=1, now=now)
    table, item = editing.with_own_item(
        table_of(made.text), reading.library_of(()), system="http://loinc.org", code=OWN,
        name="Ketones at bedside", today="2026-11-26", origin="as sent by an EHR of this site",
    )  # fmt: skip
    table = editing.with_rule(table, editing.Rule(item=item, importance="must", lookback="any"))
    return drafts.save(ann, made, table, saved=made.saved, now=now)


def publish(version: RuleSetVersion) -> Rollout:
    now = timezone.now()
    RuleSetVersion.objects.filter(pk=version.pk).update(state="approved")
    version.refresh_from_db()
    return life.publish(person("pia", "publisher"), version, life.Scope(), why="", now=now)


def test_without_a_version_of_its_own_a_site_asks_for_what_ships(db: None) -> None:
    in_force.forget()
    library = rank.load()
    shipped = rank.visit_codes(library, rank.all_contexts(library))
    assert in_force.codes_asked_for() == shipped
    with_own_item()
    assert in_force.codes_asked_for() == shipped


def test_a_code_of_the_site_is_sent_to_the_ehr(
    mercy: SmartEhr, connect: Callable[..., Connection], launch: Launch
) -> None:
    connect(mercy)
    rollout = publish(with_own_item())
    launch(mercy).until_complete()
    asked = [one.query for one in mercy.asked if one.path == "Observation"]
    assert any(OWN in str(query) for query in asked)
    life.roll_back(person("pia", "publisher"), rollout, now=timezone.now())
    assert OWN not in in_force.codes_asked_for()


def test_what_this_release_cannot_read_adds_nothing_and_stops_nothing(db: None) -> None:
    rollout = publish(with_own_item())
    RuleSetVersion.objects.filter(pk=rollout.version_id).update(text="no rule set")
    steps.in_force_changed()
    assert OWN not in in_force.codes_asked_for()
    assert "4548-4" in in_force.codes_asked_for()


def test_it_costs_no_query_while_what_is_in_force_is_known(
    db: None, django_assert_num_queries: Callable[[int], object]
) -> None:
    publish(with_own_item())
    in_force.codes_asked_for()
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert OWN in in_force.codes_asked_for()
