"""Which visit this is: from the codes of the reason, then its words, then what kind of service it is.

Vague or empty reasons give the general context, and that is said: nothing is guessed. The problem list never makes a
visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from clinical import codes
from clinical.rank.conditions import holds
from clinical.rank.cues import Cues, cues_of
from clinical.rank.entries import stamp
from clinical.rank.library import GENERAL, Library, Pack, Setting
from clinical.rank.narrowing import replaced
from clinical.rank.patient import Patient
from clinical.rank.texts import split
from clinical.records import Appointment, Chart, Concept, Encounter, FhirTime, Order, Problem, Visit

MOST_CONTEXTS = 3
_DAY = timedelta(days=1)
_WARD = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS", "inpatient", "inpatient encounter"})
_ED = frozenset({"EMER", "emergency"})
_OVER = frozenset({"finished", "cancelled", "entered-in-error"})
_NOT_KEPT = frozenset({"cancelled", "noshow", "entered-in-error"})


class Reason(NamedTuple):
    """One reason as sent. origin: where it stands, in words."""

    origin: str
    concept: Concept


class Found(NamedTuple):
    """One recognised context. basis: in words. order: codes before words."""

    context: str
    basis: str


def recognise(
    chart: Chart,
    *,
    encounter_id: str,
    as_of: datetime,
    library: Library,
    chosen: str | None,
    role: str,
) -> Visit:
    """What today's visit is taken to be.

    encounter_id: of the launch, "" if none. chosen: a context the clinician picked; one that does not exist is ignored.
    role: "nurse" and the like; it breaks no tie yet that a reason decides.
    """
    server = chart.patients[0].source.server if chart.patients else ""
    encounter = _encounter(chart, encounter_id, server, as_of)
    appointment = _appointment(chart, encounter, as_of)
    setting = setting_of(encounter)
    about: dict[str, Any] = {
        "setting": setting,
        "encounter": encounter.source.reference.partition("/")[2] if encounter else encounter_id,
        "started": _started(encounter, appointment),
    }
    if chosen is not None and chosen in library.packs:
        return _visit(library, (chosen,), "chosen by you", sure=True, chosen=True, **about)
    patient = Patient(chart, library, as_of=as_of, setting=setting)
    reasons = list(_reasons(chart, encounter, appointment))
    found = _contexts(reasons, library, patient, _specialties(encounter, appointment))
    return _decided(found, reasons, patient, about)


def _decided(
    found: Sequence[Found], reasons: Sequence[Reason], patient: Patient, about: dict[str, Any]
) -> Visit:
    """The recognised contexts; else the one of the kind of encounter; else the general one, not sure."""
    library, setting = patient.library, patient.setting
    if found:
        contexts = tuple(dict.fromkeys(one.context for one in found))
        fallback = "" if _of_setting(contexts, patient) else _by_setting(library, setting, patient)
        contexts = contexts[: MOST_CONTEXTS - 1 if fallback else MOST_CONTEXTS]
        first = {one.context: one.basis for one in reversed(found)}
        basis, *others = dict.fromkeys(first[one] for one in contexts)
        if fallback and fallback not in contexts:
            contexts, others = (*contexts, fallback), [*others, _by_kind(setting)]
        return _visit(library, contexts, basis, sure=True, others=tuple(others), **about)
    fallback = _by_setting(library, setting, patient)
    if fallback:
        return _visit(library, (fallback,), _by_kind(setting), sure=True, **about)
    return _visit(library, (GENERAL,), _unsure(reasons), sure=False, **about)


def _of_setting(contexts: Sequence[str], patient: Patient) -> bool:
    """Whether one of the contexts is made for this setting. An anaemia of the clinic does not replace the ward round."""
    packs = patient.library.packs
    return any(patient.setting in packs[one].cue.settings for one in contexts)


def _by_kind(setting: str) -> str:
    return f"from the kind of encounter, {_SETTING[setting]}"


_SETTING = {"clinic": "out-patient", "ward": "in-patient", "ed": "emergency"}


def _visit(
    library: Library,
    contexts: tuple[str, ...],
    basis: str,
    *,
    sure: bool,
    chosen: bool = False,
    others: tuple[str, ...] = (),
    **about: Any,
) -> Visit:
    titles = tuple(library.packs[one].title for one in contexts)
    return Visit(
        contexts=contexts,
        titles=titles,
        basis=basis,
        basis_also=others,
        sure=sure,
        chosen=chosen,
        **about,
    )


def _unsure(reasons: Sequence[Reason]) -> str:
    said = next((one for one in reasons if one.concept.text.strip()), None)
    if said is None:
        return "no reason for the visit was sent"
    return f"the {said.origin} “{_short(said.concept.text)}” does not say what the visit is about"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"


# ---- the encounter and its appointment --------------------------------------------------------------------------


def setting_of(encounter: Encounter | None) -> Setting:
    """clinic, ward or ed, by the class of the encounter; clinic when nothing is known."""
    sent = encounter.class_code if encounter is not None else ""
    if sent in _ED or sent.lower() in _ED:
        return "ed"
    return "ward" if sent in _WARD or sent.lower() in _WARD else "clinic"


def _encounters(chart: Chart) -> Iterator[Encounter]:
    for entry in chart.encounters:
        for record in entry.members:
            if isinstance(record, Encounter):
                yield record


def _encounter(chart: Chart, wanted: str, server: str, as_of: datetime) -> Encounter | None:
    """The one of the launch; without a launch the one under way, else today's."""
    known = sorted(_encounters(chart), key=lambda one: one.source.token)
    if wanted:
        same = [one for one in known if one.source.reference == f"Encounter/{wanted}"]
        return next((one for one in same if one.source.server == server), same[0] if same else None)
    open_now = [one for one in known if one.status == "in-progress" and _begun(one.period, as_of)]
    today = [one for one in known if one.status not in _OVER and _near(one.period, as_of)]
    return max(
        (*open_now, *today),
        key=lambda one: (one.status == "in-progress", stamp(one.period)),
        default=None,
    )


def _appointment(chart: Chart, encounter: Encounter | None, as_of: datetime) -> Appointment | None:
    """The one the encounter names, else the one nearest to now within a day."""
    known = [
        record
        for entry in chart.appointments
        for record in entry.members
        if isinstance(record, Appointment) and record.status not in _NOT_KEPT
    ]
    known.sort(key=lambda one: one.source.token)
    if encounter is not None:
        server = encounter.source.server
        named = [
            one
            for one in known
            if one.source.reference in encounter.appointments and one.source.server == server
        ]
        if named:
            return named[0]
    near = [one for one in known if _near(one.start, as_of)]
    return min(near, key=lambda one: abs(stamp(one.start) - as_of), default=None)


def _begun(time: FhirTime | None, as_of: datetime) -> bool:
    return time is None or time.start <= as_of + _DAY


def _near(time: FhirTime | None, as_of: datetime) -> bool:
    return time is not None and abs(time.start - as_of) <= _DAY


def _started(encounter: Encounter | None, appointment: Appointment | None) -> FhirTime | None:
    if encounter is not None and encounter.period is not None:
        return encounter.period
    return appointment.start if appointment is not None else None


# ---- the reasons ------------------------------------------------------------------------------------------------


def _reasons(
    chart: Chart, encounter: Encounter | None, appointment: Appointment | None
) -> Iterator[Reason]:
    """Every reason there is, the most telling first."""
    if encounter is not None:
        yield from (Reason("encounter reason", one) for one in encounter.reasons)
        yield from _referenced(chart, encounter.source.server, encounter.reason_refs)
    if appointment is not None:
        yield from (Reason("appointment reason", one) for one in appointment.reasons)
        yield from _referenced(chart, appointment.source.server, appointment.reason_refs)
    if encounter is not None:
        yield from _ordered(chart, encounter)
    if appointment is not None:
        for text in (appointment.description, appointment.comment):
            if text.strip():
                yield Reason("appointment note", Concept(text=text))
    yield from _services(encounter, appointment)


def _referenced(chart: Chart, server: str, references: Sequence[str]) -> Iterator[Reason]:
    for entry in chart.problems:
        for record in entry.members:
            if (
                isinstance(record, Problem)
                and record.source.server == server
                and record.source.reference in references
            ):
                yield Reason("diagnosis of the visit", record.concept)


def _ordered(chart: Chart, encounter: Encounter) -> Iterator[Reason]:
    wanted = encounter.source.reference
    for entry in chart.orders:
        for record in entry.members:
            if (
                isinstance(record, Order)
                and record.encounter == wanted
                and record.source.server == encounter.source.server
            ):
                yield from (Reason("reason of an order", one) for one in record.reasons)


def _services(encounter: Encounter | None, appointment: Appointment | None) -> Iterator[Reason]:
    sent: list[Concept | None] = []
    if appointment is not None:
        sent += [appointment.type, appointment.service]
    if encounter is not None:
        sent += [*encounter.types, encounter.service]
    yield from (Reason("visit type", one) for one in sent if one is not None and one.text)


def _specialties(encounter: Encounter | None, appointment: Appointment | None) -> tuple[str, ...]:
    sent = [appointment.specialty, appointment.service] if appointment is not None else []
    sent += [encounter.service] if encounter is not None else []
    return tuple(one.text.lower() for one in sent if one is not None and one.text)


# ---- from reasons to contexts -----------------------------------------------------------------------------------


def _contexts(
    reasons: Sequence[Reason], library: Library, patient: Patient, specialties: Sequence[str]
) -> list[Found]:
    """The contexts of all reasons, strongest first; of what fits the setting alone when anything does."""
    cues = cues_of(library)
    by_code: list[Found] = []
    by_words: list[Found] = []
    for reason in reasons:
        found = _by_code(reason, cues, library, patient, specialties)
        by_code += found
        if not found:
            by_words += _by_words(reason, cues, library, patient, specialties)
    everything = [*by_code, *by_words]
    fitting = [
        one for one in everything if patient.setting in library.packs[one.context].cue.settings
    ]
    known = fitting or everything
    broader = replaced({one.context for one in known}, (one.concept for one in reasons), patient)
    return [one for one in known if one.context not in broader]


def _by_code(
    reason: Reason, cues: Cues, library: Library, patient: Patient, specialties: Sequence[str]
) -> list[Found]:
    """Longest prefix first; among packs that match equally one is taken."""
    found: list[Found] = []
    for coding in reason.concept.codings:
        if coding.system in (codes.ICD10CM, codes.ICD10, codes.SNOMED):
            for equals in cues.by_code(coding.system, coding.code):
                best = _best(equals, library, patient, specialties)
                if best is not None:
                    found.append(Found(best, f"from {reason.origin} {coding.code}"))
    return found


def _by_words(
    reason: Reason, cues: Cues, library: Library, patient: Patient, specialties: Sequence[str]
) -> list[Found]:
    texts = (reason.concept.text, *(coding.display or "" for coding in reason.concept.codings))
    found: list[Found] = []
    for text in dict.fromkeys(text for text in texts if text):
        for equals in cues.by_words(split(text), patient.setting):
            best = _best(equals, library, patient, specialties)
            if best is not None:
                found.append(Found(best, f"from {reason.origin} “{_short(text)}”"))
    return found


def _best(
    equals: Iterable[str], library: Library, patient: Patient, specialties: Sequence[str]
) -> str | None:
    """Of packs that match equally: the one for this setting, then this specialty, then by id. None when none fits."""
    fit = [library.packs[one] for one in equals if _for_patient(library.packs[one], patient)]
    if not fit:
        return None
    return min(fit, key=lambda pack: (
        patient.setting not in pack.cue.settings,
        not any(one.lower() in said for one in pack.cue.specialties for said in specialties),
        pack.id,
    )).id  # fmt: skip


def _for_patient(pack: Pack, patient: Patient) -> bool:
    """Not for somebody the pack says it is not for; what is not known excludes nobody."""
    return pack.applies is None or holds(pack.applies, patient) is not False


def _by_setting(library: Library, setting: str, patient: Patient) -> str:
    found = [
        p.id
        for p in library.packs.values()
        if setting in p.cue.default_for and _for_patient(p, patient)
    ]
    return min(found, default="")
