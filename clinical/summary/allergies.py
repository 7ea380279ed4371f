"""The allergy slot: every active allergy, the most dangerous loudest; "none known" only when it is certain.

"No known allergies" leads only when somebody asserted it and every source was read whole (rules 1-4). What must not be
given for another reason stands here too (rule 12), and what is no longer active is named, not hidden (rules 5 and 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clinical import judgement
from clinical.records import Allergy, FetchState, FhirTime, Item, Medication, Reaction, Section
from clinical.summary import names, wording
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.states import Answer
from clinical.summary.view_model import Slot, SlotLine, State

SECTIONS = (Section.ALLERGIES,)
_GONE = frozenset({"inactive", "resolved"})
_IN_FORCE = frozenset({"active", "on-hold", "unknown", ""})
_SCOPES = {
    "drug": "for drugs only",
    "food": "for food only",
    "environment": "for the environment only",
    "latex": "for latex only",
}


def slot(desk: Desk) -> Slot:
    """The first slot of the safety line."""
    real = active(desk)
    gaps = desk.states.gaps(SECTIONS)
    lines: list[SlotLine] = []
    if gaps:
        lines.append(SlotLine(state=_gap(desk, real)))
    desk.taken.update(item.key for item in real)
    for item in real:
        lines += _lines(desk, item)
    past = no_longer(desk)
    if real:
        lines += _contradicted(desk)
    elif not gaps:
        lines += _empty(desk, past)
    lines += _also_said(desk, lines)
    lines += _past_line(desk, past)
    lines += _forbidden(desk)
    return Slot(key="allergies", label="Allergies", lines=tuple(lines), hatched=bool(gaps))


# ---- what is in force -----------------------------------------------------------------------------------------


def active(desk: Desk) -> list[Item]:
    """Items that are allergies in force (unconfirmed ones too), the most dangerous first."""
    found = [item for item in desk.chart.allergies if _in_force(item.lead)]
    return sorted(found, key=lambda item: (not is_severe(item), item.label.lower(), item.key))


def _in_force(record: object) -> bool:
    if not isinstance(record, Allergy) or record.negation:
        return False
    return record.verification != "refuted" and record.clinical not in _GONE


def _living(item: Item) -> list[Allergy]:
    """The entries of an item that are in force, the leading one first."""
    return [record for record in item.members if isinstance(record, Allergy) and _in_force(record)]


def _told_in_line(item: Item) -> list[Allergy]:
    """Whose reactions stand in the line: all of them; where sources differ in severity only the severe ones, since the
    line below says what the others say."""
    living = _living(item)
    if not any(conflict.what == "severity" for conflict in item.conflicts):
        return living
    return [record for record in living if judgement.is_severe(record)] or living


def is_severe(item: Item) -> bool:
    """High criticality, a severe reaction or anaphylaxis, in any of its entries that is in force."""
    return any(map(judgement.is_severe, _living(item)))


def _lines(desk: Desk, item: Item) -> list[SlotLine]:
    tokens, score = item_tokens(item), desk.score(item.key)
    line = SlotLine(
        text=words(item), loud=is_severe(item), strong=True, sources=tokens, score=score
    )
    said = [
        " · ".join(f"{desk.name(server)}: {text}" for server, text in conflict.sides)
        for conflict in item.conflicts
    ]
    return [line, *(SlotLine(text=text, differs=True, sources=tokens) for text in said)]


def words(item: Item) -> str:
    """ "Penicillin: anaphylaxis 1994": substance, everything that happened by any source, when; "unconfirmed" said."""
    record = item.lead
    if not isinstance(record, Allergy):
        return item.label
    living = _told_in_line(item) or [record]
    reactions = [found for one in living for found in one.reactions]
    told = list(dict.fromkeys(text for found in reactions if (text := _happened(found))))
    parts = [", ".join(told)] if told else []
    if _is_only_a_risk(living, reactions):
        parts.insert(0, "high risk" + ("," if told else ""))
    onset = _onset(living)
    if onset is not None:
        parts.append(str(onset.start.year))
    if record.verification not in ("confirmed", ""):
        parts.append(f"({record.verification})")
    if not record.clinical:
        parts.append("(status not stated)")
    name = record.concept.text or "substance not named"
    if record.type == "intolerance":
        name = f"{name} (intolerance)"
    return f"{name}: {' '.join(parts)}" if parts else name


def _happened(found: Reaction) -> str:
    """The manifestations of one reaction; "severe" beside them when the words alone would not say so."""
    texts = [m.text for m in found.manifestations if m.text] or ([found.text] if found.text else [])
    said = ", ".join(dict.fromkeys(text[:1].lower() + text[1:] for text in texts))
    plainly = judgement.reaction_is_severe(
        Reaction(manifestations=found.manifestations, text=found.text)
    )
    if found.severity == "severe" and not plainly:
        return f"{said} (severe)" if said else "severe reaction"
    return said


def _is_only_a_risk(living: Iterable[Allergy], reactions: Iterable[Reaction]) -> bool:
    """High criticality that no reaction shows: a mild rash and a high risk can both be true."""
    return any(record.criticality == "high" for record in living) and not any(
        map(judgement.reaction_is_severe, reactions)
    )


def _onset(living: Iterable[Allergy]) -> FhirTime | None:
    times = [t for one in living for t in (one.onset, *(r.onset for r in one.reactions)) if t]
    return times[0] if times else None


# ---- none known, not asked, nothing ---------------------------------------------------------------------------


def negations(desk: Desk, kind: str) -> list[Item]:
    """Items that assert "none known", or say that nobody asked."""
    return [
        item
        for item in desk.chart.allergies
        if isinstance(item.lead, Allergy) and item.lead.negation == kind
    ]


def _scope(item: Item) -> str:
    """What a "none known" is confined to, in words; "" when it is about every kind."""
    scope = item.lead.negation_scope if isinstance(item.lead, Allergy) else ""
    return "" if scope in ("", "all") else _SCOPES.get(scope, f"for {scope} only")


def _gap(desk: Desk, real: list[Item]) -> State:
    """The failed source leads; what the others said about it is the detail."""
    gaps = desk.states.gaps(SECTIONS)
    if real:
        return desk.states.brief(gaps[0])
    return _beside(desk, gaps[0], {answer.server for answer in gaps})


def _beside(desk: Desk, worst: Answer, silent: set[str]) -> State:
    lead = desk.states.brief(worst)
    asserted = negations(desk, "none-known")
    if worst.state is FetchState.PARTIAL and not asserted:
        return desk.states.nothing(SECTIONS)
    others = [_assertion(desk, item) for item in asserted]
    tokens = tuple(token for item in asserted for token in item_tokens(item)) + lead.sources
    empty = [a for a in desk.states.over(SECTIONS) if a.server not in silent]
    if not others and empty:
        others = [f"{desk.states.places(empty)}: nothing recorded"]
    detail = " · ".join([lead.detail, *others])
    return State(glyph=lead.glyph, word=lead.word, detail=detail, retry=lead.retry, sources=tokens)


def _assertion(desk: Desk, item: Item) -> str:
    record = item.lead
    on = (
        desk.when(record.recorded)
        if isinstance(record, Allergy) and record.recorded is not None
        else ""
    )
    return f"{desk.name(record.source.server)}: {item.label.lower()} {on}".strip()


def _empty(desk: Desk, past: list[Item]) -> list[SlotLine]:
    """No source failed and there is no allergy in force: asserted, not asked, only past ones, or just nothing."""
    asserted, unasked = negations(desk, "none-known"), negations(desk, "not-asked")
    if asserted:
        return [_asserted(desk, asserted)]
    if unasked:
        item = unasked[0]
        tokens = item_tokens(item)
        state = wording.state(wording.NOT_ASKED, desk.name(item.lead.source.server), sources=tokens)
        return [SlotLine(state=state, sources=tokens)]
    # Past entries are named in a line of their own: "nothing recorded" would deny them.
    return [] if past else [SlotLine(state=desk.states.nothing(SECTIONS))]


def _asserted(desk: Desk, asserted: list[Item]) -> SlotLine:
    tokens = tuple(token for item in asserted for token in item_tokens(item))
    said = " · ".join(_assertion(desk, item) for item in asserted)
    if not desk.states.whole(SECTIONS):
        unread = [a for a in desk.states.over(SECTIONS) if not _answered(a)]
        state = _beside(desk, unread[0], {a.server for a in unread})
        return SlotLine(state=state, sources=tokens)
    scopes = {_scope(item) for item in asserted}
    if "" not in scopes:
        said = f"{', '.join(sorted(scopes))}, other kinds not stated · {said}"
    return SlotLine(state=wording.state(wording.NONE_KNOWN, said, sources=tokens), sources=tokens)


def _answered(answer: Answer) -> bool:
    return answer.state.value.startswith("ok")


# ---- what is no longer so, and what must not be given ---------------------------------------------------------


def no_longer(desk: Desk) -> list[Item]:
    """Allergies that are inactive, resolved or refuted by every source that names them."""
    return [
        item
        for item in desk.chart.allergies
        if isinstance(item.lead, Allergy) and not item.lead.negation and not _in_force(item.lead)
    ]


def _past_line(desk: Desk, past: list[Item]) -> list[SlotLine]:
    if not past:
        return []
    desk.taken.update(item.key for item in past)
    said = ", ".join(f"{item.label or 'substance not named'} ({_past(item)})" for item in past)
    tokens = tuple(token for item in past for token in item_tokens(item))
    return [SlotLine(text=f"no longer active: {said}", sources=tokens)]


def _past(item: Item) -> str:
    record = item.lead
    if isinstance(record, Allergy) and record.verification == "refuted":
        return "refuted"
    return record.clinical if isinstance(record, Allergy) else ""


def _contradicted(desk: Desk) -> list[SlotLine]:
    """Another source's "none known" beside a real allergy: said, and it cancels nothing (rule 4)."""
    return [
        SlotLine(text=_assertion(desk, item), differs=True, sources=item_tokens(item))
        for item in negations(desk, "none-known")
        if item.conflicts
    ]


def _also_said(desk: Desk, lines: Sequence[SlotLine]) -> list[SlotLine]:
    """What else is said of one kind of allergy: "no known latex allergy", "not asked about food"."""
    told = {t for one in lines for t in (*one.sources, *(one.state.sources if one.state else ()))}
    found = [
        item
        for kind in ("none-known", "not-asked")
        for item in negations(desk, kind)
        if told.isdisjoint(item_tokens(item))
    ]
    if not found:
        return []
    by_source: dict[str, list[str]] = {}
    for item in found:
        name = desk.name(item.lead.source.server)
        by_source.setdefault(name, []).append(item.label.lower())
    said = " · ".join(f"{name}: {', '.join(labels)}" for name, labels in by_source.items())
    tokens = tuple(token for item in found for token in item_tokens(item))
    return [SlotLine(text=said, sources=tokens)]


def _forbidden(desk: Desk) -> list[SlotLine]:
    """Orders not to give a medicine that are in force: never in the list of medicines (rule 12)."""
    found = []
    for item in forbidden(desk):
        desk.taken.add(item.key)
        text = f"DO NOT GIVE {names.product(item.label) or 'medicine not named'}"
        line = SlotLine(
            text=text, strong=True, sources=item_tokens(item), score=desk.score(item.key)
        )
        found.append(line)
    return found


def forbidden(desk: Desk) -> list[Item]:
    """Medicine items of which at least one entry in force says that it must not be given."""
    return [
        item
        for item in desk.chart.medications
        if any(
            isinstance(record, Medication) and record.avoid and record.status in _IN_FORCE
            for record in item.members
        )
    ]
