"""Faults planted on purpose: each breaks one rule in our own code, and the test named beside it must notice.

rule: number in docs/clinical-safety.md. where: "module:name" (or "module:Class.name") of what is replaced. change: what
it becomes, given what it was. test: "path below tests/clinical::name".
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from clinical.judgement import Abnormality
from clinical.reconcile.identity import PROBLEM_SYSTEMS, coded

Change = Callable[[Any], Any]


class Mutation(NamedTuple):
    rule: str
    what: str
    where: str
    change: Change
    test: str


def _empty(old: Any) -> Any:
    return type(old)()


def _always(answer: Any) -> Change:
    return lambda _: lambda *_args, **_more: answer


def _number_from_text(_: Any) -> Any:
    return lambda raw, ref: Decimal(bytes(raw).strip(b'"').decode())


def _number_by_float(_: Any) -> Any:
    return lambda raw, ref: Decimal(repr(float(bytes(raw))))


def _problems_by_code(old: Any) -> Any:
    return {**old, "problem": lambda record: coded("problem", record.concept, PROBLEM_SYSTEMS)}


MUTATIONS: tuple[Mutation, ...] = (
    Mutation("1", "no code means none known", "clinical.normalise.allergy:NONE_KNOWN", _empty,
             "normalise/test_allergy.py::test_none_known_needs_a_code_that_says_so"),
    Mutation("1", "a drug allergy denied is every allergy denied", "clinical.pipeline:_is_negation", _always(True),
             "test_pipeline.py::test_only_an_assertion_makes_none_known"),
    Mutation("2", "not asked is read as an allergy", "clinical.normalise.allergy:NOT_ASKED", _empty,
             "normalise/test_allergy.py::test_not_asked_is_not_none"),
    Mutation("3", "a failed source is no gap", "clinical.summary.wording:GAPS", _empty,
             "summary/test_states.py::test_a_failed_section_says_so_in_its_block_and_its_rows_stay"),
    Mutation("3", "every answer counts as whole", "clinical.summary.states:States.whole", _always(True),
             "summary/test_allergies.py::test_none_known_by_one_source_is_not_the_word_when_another_was_never_asked"),
    Mutation("4", "a contradiction of none known is not marked", "clinical.reconcile.conflicts:with_negations",
             lambda _: lambda items: items,
             "reconcile/test_items.py::test_no_known_allergies_never_cancels_a_real_one"),
    Mutation("5", "what is refuted counts as current", "clinical.summary.allergies:_in_force", _always(True),
             "summary/test_allergies.py::test_what_is_no_longer_active_is_named_and_never_reads_as_nothing"),
    Mutation("6", "a missing status counts as inactive", "clinical.summary.allergies:_GONE", lambda old: old | {""},
             "summary/test_allergies.py::test_a_missing_status_is_said_and_counts_as_active"),
    Mutation("8", "only the criticality counts", "clinical.judgement:is_severe",
             lambda _: lambda record: record.criticality == "high",
             "summary/test_allergies.py::test_a_severe_reaction_with_plain_words_is_called_severe"),
    Mutation("8", "only the first reaction is read", "clinical.summary.allergies:_living",
             lambda old: lambda item: [_first_reaction(r) for r in old(item)],
             "summary/test_allergies.py::test_a_second_reaction_is_never_dropped"),
    Mutation("8", "anaphylaxis by code is not known", "clinical.judgement.reactions:SEVERE_CODES", _empty,
             "summary/test_allergies.py::test_a_severe_manifestation_in_another_language_is_known_by_its_code"),
    Mutation("10", "drafts and cancelled orders are listed", "clinical.normalise.medication:WITHDRAWN", _empty,
             "normalise/test_medication.py::test_what_was_never_ordered_is_never_in_the_list"),
    Mutation("11", "proposals are listed", "clinical.normalise.medication:PROPOSALS", _empty,
             "normalise/test_medication.py::test_a_proposal_is_not_a_medicine_taken"),
    Mutation("12", "do not give is forgotten", "clinical.summary.allergies:forbidden", _always([]),
             "summary/test_allergies.py::test_do_not_give_stands_in_the_safety_line_and_never_among_medicines"),
    Mutation("13", "reported is called prescribed", "clinical.normalise.medication:_reported", _always(False),
             "normalise/test_medication.py::test_what_is_reported_is_not_called_prescribed"),
    Mutation("14", "orders of an ended stay look current", "clinical.summary.medicines:of_an_ended_stay", _always(False),
             "safety/test_rules.py::test_orders_of_an_ended_stay_are_a_group_of_their_own"),
    Mutation("16", "no drug reference is resolved", "clinical.normalise.reading:Reading.resolve", _always(None),
             "normalise/test_medication.py::test_a_drug_that_came_along_is_resolved"),
    Mutation("18", "withdrawn results are shown", "clinical.normalise.observation:WITHDRAWN", _empty,
             "normalise/test_observation.py::test_a_result_entered_in_error_is_never_a_record"),
    Mutation("18", "the status is not said", "clinical.summary.values:_STATUS", _empty,
             "safety/test_rules.py::test_the_status_of_a_result_is_said"),
    Mutation("19", "a correction stands beside what it corrects", "clinical.reconcile.points:_replace_corrected",
             lambda _: lambda points: points,
             "reconcile/test_series.py::test_a_correction_with_the_same_identifier_takes_the_place_of_the_first"),
    Mutation("21", "the reason for a missing value is lost", "clinical.summary.values:absent_words", _always("0"),
             "safety/test_rules.py::test_a_missing_value_says_why_and_is_never_blank_or_zero"),
    Mutation("22", "a bound is taken for a value below the range", "clinical.judgement.flags:_side_below", _always("L"),
             "test_judgement.py::test_a_bound_says_only_what_holds_for_every_value_it_allows"),
    Mutation("22", "a conflict drops the comparator", "clinical.reconcile.points:_value_words",
             lambda _: lambda value: f"{value.quantity.value} {value.quantity.unit}",
             "reconcile/test_series.py::test_a_bound_keeps_its_comparator_where_sources_differ"),
    Mutation("23", "text becomes a number", "clinical.normalise.quantities:number", _number_from_text,
             "normalise/test_observation.py::test_a_number_sent_as_a_json_string_is_a_defect_of_that_result"),
    Mutation("24", "5.10 becomes 5.1", "clinical.normalise.quantities:number", _number_by_float,
             "normalise/test_observation.py::test_the_precision_sent_is_the_precision_kept"),
    Mutation("25", "a pair sent apart stays apart", "clinical.reconcile.bloodpressure:paired",
             lambda _: lambda members: (members, {}),
             "reconcile/test_series.py::test_systolic_and_diastolic_sent_alone_become_one_pressure"),
    Mutation("27", "a panel is a result without a value", "clinical.reconcile.series:_no_row", _always(None),
             "reconcile/test_series.py::test_a_panel_without_a_value_is_no_row_and_is_counted"),
    Mutation("28", "a therapeutic range is normal", "clinical.judgement.ranges:_is_normal", _always(True),
             "summary/test_values.py::test_a_therapeutic_range_is_named_and_gives_no_flag"),
    Mutation("28", "the first range is anybody's", "clinical.judgement.ranges:_applies", _always(True),
             "test_judgement.py::test_the_range_of_the_patients_sex_is_chosen"),
    Mutation("29", "the laboratory's word is not read", "clinical.judgement.flags:_word", _always(None),
             "test_judgement.py::test_the_laboratorys_word_is_believed"),
    Mutation("29", "what nobody judged is normal", "clinical.judgement.flags:_by_range",
             _always(Abnormality(known=True)),
             "test_judgement.py::test_nothing_is_normal_when_nobody_said_so"),
    Mutation("30", "the row's range is everybody's", "clinical.summary.level:Judge.range",
             lambda _: _any_range,
             "safety/test_rules.py::test_a_band_is_drawn_from_the_latest_points_own_range_only"),
    Mutation("31", "UCUM's own reading of C, F and K/uL", "clinical.units.read:EXACT", _empty,
             "test_units.py::test_what_ucum_reads_as_something_else_is_not_believed_even_when_sent_as_ucum"),
    Mutation("31", "a pressure is in mmHg whatever was sent", "clinical.summary.values:_pair_unit", _always("mmHg"),
             "summary/test_values.py::test_a_pressure_without_a_unit_is_not_given_one"),
    Mutation("32", "any analyte has the mass of glucose", "clinical.units.convert:_molar",
             lambda _: lambda codes: _glucose(),
             "test_units.py::test_everything_else_is_refused_with_a_reason"),
    Mutation("33", "A1c is a fraction like any other", "clinical.units.convert:A1C", _empty,
             "test_units.py::test_the_a1c_equation_gives_the_published_pairs"),
    Mutation("34", "a change of specimen goes on", "clinical.reconcile.breaks:_change", _always(None),
             "reconcile/test_series.py::test_a_change_of_method_breaks_the_line_and_silence_about_it_does_not"),
    Mutation("34", "capillary glucose joins the laboratory's", "clinical.reconcile.series:FAMILY_OF",
             lambda old: {**old, "41653-7": ("glucose-serum", "")},
             "reconcile/test_series.py::test_an_unlike_code_is_another_row_even_if_the_name_is_the_same"),
    Mutation("35", "the release time stands in for the collection", "clinical.normalise.observation:_taken",
             lambda _: lambda resource, reading: (reading.time(resource.issued), ""),
             "normalise/test_observation.py::test_the_release_time_never_stands_in_for_the_collection_time"),
    Mutation("36", "a day is moved by the zone", "clinical.summary.fmt:date_of",
             lambda _: lambda time, zone: time.start.astimezone(zone).date(),
             "safety/test_rules.py::test_a_date_alone_is_never_moved_by_the_zone"),
    Mutation("38", "no time is impossible", "clinical.dates:implausible", _always(""),
             "summary/test_values.py::test_a_result_before_birth_or_in_the_future_is_listed_and_not_drawn"),
    Mutation("40", "a contained name means the same everywhere", "clinical.normalise.reading:_is_inside", _always(False),
             "normalise/test_gates.py::test_the_same_contained_name_in_two_resources_stays_two_people"),
    Mutation("41", "a reference is followed anywhere", "clinical.normalise.reading:Reading._canonical",
             lambda _: lambda self, reference: reference,
             "normalise/test_gates.py::test_a_reference_is_followed_only_inside_its_own_source"),
    Mutation("42", "modifiers are ignored", "clinical.normalise.reading:_modifier", _always(""),
             "normalise/test_gates.py::test_an_unknown_modifier_on_a_part_is_not_interpreted"),
    Mutation("42", "what came and was not understood is forgotten", "clinical.summary.states:States.unread", _always(()),
             "summary/test_unread.py::test_what_would_fill_a_slot_is_not_told_as_nothing_when_it_was_not_understood"),
    Mutation("42", "only what usually holds it is looked at", "clinical.summary.slot_sections:ALSO",
             lambda old: dict.fromkeys(old, ()),
             "summary/test_unread.py::test_what_would_fill_a_slot_is_not_told_as_nothing_when_it_was_not_understood"),
    Mutation("43", "implicit rules are ignored", "clinical.normalise.reading:Reading.refusal", _always(None),
             "normalise/test_gates.py::test_implicit_rules_on_any_resource_are_not_followed"),
    Mutation("44", "a merged record looks alive", "clinical.summary.strip:stop", _always(""),
             "summary/test_page.py::test_a_merged_record_stops_the_page"),
    Mutation("47", "no band says that the patient died", "clinical.summary.strip:_bands", _always([]),
             "summary/test_page.py::test_bands_for_test_data_death_and_inactive_records"),
    Mutation("48", "every label is open", "clinical.normalise.labels:_is_open", _always(True),
             "normalise/test_gates.py::test_a_security_label_we_do_not_know_counts_as_restricted"),
    Mutation("50", "test data is not marked", "clinical.normalise.labels:_TEST", lambda _: "none",
             "normalise/test_gates.py::test_test_data_is_marked"),
    Mutation("51", "not done looks done", "clinical.summary.studies:finding", _always(""),
             "safety/test_rules.py::test_not_done_is_never_shown_as_done"),
    Mutation("52", "a diagnosis of a visit joins the problem list", "clinical.reconcile.identity:_KEYS",
             _problems_by_code,
             "reconcile/test_items.py::test_the_diagnosis_of_a_visit_is_never_promoted_to_the_problem_list"),
    Mutation("54", "the fetus is the patient", "clinical.normalise.observation:_about_other", _always(False),
             "normalise/test_observation.py::test_a_measurement_of_the_fetus_is_marked_as_not_the_patients"),
    Mutation("56", "unknown is a finding", "clinical.normalise.words:absent_reason", _always(""),
             "normalise/test_observation.py::test_unknown_as_a_code_is_a_missing_value_and_no_finding"),
    Mutation("8.2", "a body can have any value", "clinical.judgement.limits:LIMITS", _empty,
             "test_judgement.py::test_a_value_no_body_has_is_named_an_entry_error"),
    Mutation("8.2", "°F as °C is not suspected", "clinical.judgement.limits:_FAHRENHEIT_LIKE",
             lambda _: (Decimal(900), Decimal(901)),
             "test_judgement.py::test_fahrenheit_entered_as_celsius_is_suspected_and_never_corrected"),
    Mutation("4.medication", "other doses are the same dose", "clinical.reconcile.conflicts:_differing_doses",
             _always([]),
             "reconcile/test_items.py::test_a_dose_that_differs_between_sources_is_a_conflict_and_both_stay"),
    Mutation("4.medication", "only the words of a dose count", "clinical.reconcile.conflicts:_coded_apart", _always(False),
             "reconcile/test_items.py::test_the_same_words_with_another_coded_dose_are_another_dose"),
    Mutation("4.problem", "resolved anywhere is resolved", "clinical.reconcile.conflicts:_differing", _always([]),
             "reconcile/test_items.py::test_a_problem_resolved_in_one_source_stays_active_and_is_marked"),
    Mutation("codes", "the specimen does not matter", "clinical.reconcile.localcodes:_fluid", _always("blood"),
             "reconcile/test_localcodes.py::test_urine_is_never_joined_with_blood"),
    Mutation("codes", "the unit does not matter", "clinical.reconcile.localcodes:_allows", _always(True),
             "reconcile/test_localcodes.py::test_one_doubt_is_enough_for_no_suggestion"),
    Mutation("micro", "antibiotics are rows of their own", "clinical.reconcile.microbiology:split",
             lambda _: lambda records: (list(records), []),
             "summary/test_microbiology.py::test_an_organism_without_antibiotics_is_not_an_empty_panel"),
    Mutation("micro", "what is susceptible stands first", "clinical.summary.microbiology:_RATINGS",
             lambda old: old[::-1],
             "summary/test_microbiology.py::test_what_is_resistant_stands_first_with_its_value"),
    Mutation(
        "units",
        "the preferred unit is forgotten",
        "clinical.summary.level:Judge.site_unit",
        lambda _: lambda self, quantity, codes: quantity,
        "summary/test_units_of_the_site.py::test_the_preferred_unit_is_shown_and_the_reported_one_kept",
    ),
    Mutation(
        "38",
        "a result of the future is the latest",
        "clinical.reconcile.series:Life.holds",
        _always(True),
        "reconcile/test_series.py::test_a_result_of_the_future_is_never_the_latest",
    ),
    Mutation(
        "names",
        "every saturation is SpO₂",
        "clinical.summary.names:test",
        _always("SpO₂"),
        "summary/test_names.py::test_another_measurement_never_takes_the_short_name",
    ),
    Mutation("hand-over", "any newer entry answers a critical value", "clinical.vitals.events:_settles", _always(True),
             "vitals/test_board.py::test_a_critical_result_before_the_shift_stays_until_a_newer_value_is_known"),
    Mutation("hand-over", "the shift before is not looked at", "clinical.vitals.events:BEFORE", lambda old: old * 0,
             "vitals/test_flowsheet.py::test_an_organism_of_just_before_the_shift_is_handed_over_whatever_came_after_it"),
    Mutation("consents", "an order not to do something is not known as one", "clinical.judgement.consents:_is_refusal",
             _always(False), "normalise/test_consent.py::test_which_way_a_consent_goes_is_said_and_never_softened"),
    Mutation("consents", "what is unclear is a decision", "clinical.judgement.consents:READ_IT", _empty,
             "normalise/test_consent.py::test_which_way_a_consent_goes_is_said_and_never_softened"),
    Mutation("consents", "consents to the use of data are directives", "clinical.judgement.consents:is_about_data",
             _always(False), "normalise/test_consent.py::test_privacy_and_research_are_counted_and_not_shown"),
    Mutation("consents", "whatever was recorded is in force", "clinical.judgement.consents:over", _always(""),
             "summary/test_code_status.py::test_a_consent_says_whether_it_is_in_force"),
    Mutation("consents", "the nurses do not read consents", "clinical.judgement.consents:belongs", _always(False),
             "vitals/test_code_status.py::test_what_stands_in_a_consent_alone_is_never_none"),
    Mutation("ledger", "what was set aside is not counted", "clinical.summary.ledger:WORDS", _empty,
             "safety/test_rules.py::test_measurements_of_somebody_else_are_no_row"),
)  # fmt: skip


def _first_reaction(record: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(record, reactions=record.reactions[:1])


def _glucose() -> Any:
    from clinical.units.analytes import MOLAR

    return MOLAR[0]


def _any_range(self: Any, record: Any) -> Any:
    """The last range that anybody sent."""
    if record.ranges:
        self.borrowed = record.ranges[0]
    return getattr(self, "borrowed", None) or _borrowed()


def _borrowed() -> Any:
    from clinical.records import Quantity, ReferenceRange

    return ReferenceRange(low=Quantity(value=Decimal("3.5")), high=Quantity(value=Decimal("5.1")))
