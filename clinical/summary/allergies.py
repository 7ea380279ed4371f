"""The allergy slot: every active allergy, the most dangerous loudest; "none known" only when it is certain.

"No known allergies" leads only when somebody asserted it and every source was read whole (rules 1-4).
"""

from __future__ import annotations

from clinical.records import Allergy, Item, Reaction, Section
from clinical.summary import wording
from clinical.summary.desk import Desk, item_tokens
from clinical.summary.view_model import Slot, SlotLine, State

SECTIONS = (Section.ALLERGIES,)
_SEVERE_WORDS = (
    "anaphyla",
    "angioedema",
    "stevens-johnson",
    "toxic epidermal",
    "shock",
    "bronchospasm",
)
_GONE = frozenset({"inactive", "resolved"})


def slot(desk: Desk) -> Slot:
    """The first slot of the safety line."""
    real = active(desk)
    gaps = desk.states.gaps(SECTIONS)
    lines: list[SlotLine] = []
    if gaps:
        lines += [SlotLine(state=_gap(desk, real))]
    desk.taken.update(item.key for item in real)
    for item in real:
        lines += _lines(desk, item)
    if not real and not gaps:
        lines.append(_empty(desk))
    elif real:
        lines += _contradicted(desk)
    return Slot(key="allergies", label="Allergies", lines=tuple(lines), hatched=bool(gaps))


def active(desk: Desk) -> list[Item]:
    """Items that are allergies in force (unconfirmed ones too), the most dangerous first."""
    found = [item for item in desk.chart.allergies if _in_force(item.lead)]
    return sorted(found, key=lambda item: (not is_severe(item), item.label.lower(), item.key))


def _in_force(record: object) -> bool:
    if not isinstance(record, Allergy) or record.negation:
        return False
    return record.verification != "refuted" and record.clinical not in _GONE


def is_severe(item: Item) -> bool:
    """High criticality, a severe reaction or anaphylaxis, in any of its entries that is in force."""
    return any(
        _severe(record)
        for record in item.members
        if isinstance(record, Allergy) and _in_force(record)
    )


def _severe(record: Allergy) -> bool:
    return record.criticality == "high" or any(
        _severe_reaction(found) for found in record.reactions
    )


def _severe_reaction(found: Reaction) -> bool:
    told = " ".join([*(m.text for m in found.manifestations), found.text]).lower()
    return found.severity == "severe" or any(word in told for word in _SEVERE_WORDS)


def _lines(desk: Desk, item: Item) -> list[SlotLine]:
    tokens, score = item_tokens(item), desk.score(item.key)
    line = SlotLine(
        text=words(item), loud=is_severe(item), strong=True, sources=tokens, score=score
    )
    if not item.conflicts:
        return [line]
    said = " · ".join(
        f"{desk.name(server)}: {text}"
        for conflict in item.conflicts[:1]
        for server, text in conflict.sides
    )
    return [line, SlotLine(text=said, differs=True, sources=tokens)]


def words(item: Item) -> str:
    """ "Penicillin: anaphylaxis 1994": substance, what happened, when; "unconfirmed" said."""
    record = item.lead
    if not isinstance(record, Allergy):
        return item.label
    told = [m.text for found in record.reactions for m in found.manifestations if m.text]
    told = told or [found.text for found in record.reactions if found.text]
    parts = [", ".join(dict.fromkeys(text[:1].lower() + text[1:] for text in told))]
    onset = record.onset or next((found.onset for found in record.reactions if found.onset), None)
    if onset is not None:
        parts.append(str(onset.start.year))
    if record.verification not in ("confirmed", ""):
        parts.append(f"({record.verification})")
    if not told and record.criticality == "high":
        parts.insert(0, "high risk")
    tail = " ".join(part for part in parts if part)
    name = record.concept.text or "substance not named"
    if record.type == "intolerance":
        name = f"{name} (intolerance)"
    return f"{name}: {tail}" if tail else name


def negations(desk: Desk, kind: str) -> list[Item]:
    """Items that assert "none known", or say that nobody asked."""
    return [
        item
        for item in desk.chart.allergies
        if isinstance(item.lead, Allergy) and item.lead.negation == kind and _holds(item.lead)
    ]


def _holds(record: Allergy) -> bool:
    return record.verification in ("confirmed", "", "unconfirmed") or record.negation == "not-asked"


def _gap(desk: Desk, real: list[Item]) -> State:
    """The failed source leads; what the others said about it is the detail."""
    lead = desk.states.words(desk.states.gaps(SECTIONS)[0])
    if real:
        return lead
    others = [_assertion(desk, item) for item in negations(desk, "none-known")]
    failed = {answer.server for answer in desk.states.gaps(SECTIONS)}
    empty = [a for a in desk.states.over(SECTIONS) if a.server not in failed]
    if not others and empty:
        others = [f"{desk.states.places(empty)}: nothing recorded"]
    return State(
        glyph=lead.glyph,
        word=lead.word,
        detail=" · ".join([lead.detail, *others]),
        retry=lead.retry,
    )


def _assertion(desk: Desk, item: Item) -> str:
    record = item.lead
    on = (
        desk.when(record.recorded)
        if isinstance(record, Allergy) and record.recorded is not None
        else ""
    )
    return f"{desk.name(record.source.server)}: {item.label.lower()} {on}".strip()


def _empty(desk: Desk) -> SlotLine:
    """Every source answered and there is no allergy: asserted, not asked, or just nothing."""
    asserted, unasked = negations(desk, "none-known"), negations(desk, "not-asked")
    if asserted and desk.states.whole(SECTIONS):
        said = " · ".join(_assertion(desk, item) for item in asserted)
        tokens = tuple(token for item in asserted for token in item_tokens(item))
        return SlotLine(
            state=wording.state(wording.NONE_KNOWN, said, sources=tokens), sources=tokens
        )
    if unasked:
        item = unasked[0]
        detail = desk.name(item.lead.source.server)
        return SlotLine(
            state=wording.state(wording.NOT_ASKED, detail, sources=item_tokens(item)),
            sources=item_tokens(item),
        )
    return SlotLine(state=desk.states.nothing(SECTIONS))


def _contradicted(desk: Desk) -> list[SlotLine]:
    """Another source's "none known" beside a real allergy: said, and it cancels nothing (rule 4)."""
    return [
        SlotLine(text=_assertion(desk, item), differs=True, sources=item_tokens(item))
        for item in negations(desk, "none-known")
        if item.conflicts
    ]
