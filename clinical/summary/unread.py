"""What of a chart was not read: one line per source, and what "nothing needs attention" may mean over it."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.records import Observation, Section
from clinical.summary import fmt, sections, wording
from clinical.summary.desk import Desk
from clinical.summary.states import ANSWERED, Answer
from clinical.summary.view_model import ListRow, Part

WATCHED = (
    Section.ALLERGIES, Section.MEDICATIONS, Section.PROBLEMS, Section.LABS, Section.VITALS, Section.FLAGS,
    Section.DEVICES, Section.REPORTS, Section.DOCUMENTS,
)  # fmt: skip


def nothing(desk: Desk) -> ListRow:
    """What an empty block means: "nothing new flagged" of what was read, what was not read, and what nobody judged."""
    answers = [answer for section in WATCHED for answer in desk.states.of(section)]
    unread = [answer for answer in answers if not _is_read(answer)]
    if len(unread) == len(answers):
        state = desk.states.nothing(WATCHED)
    elif unread:
        detail = f"not read: {_unread(desk, unread)}{_unjudged(desk)}"
        state = wording.state(wording.NOTHING_FLAGGED_IN_PART, detail)
    else:
        places = fmt.joined(list(map(desk.name, desk.states.servers)))
        state = wording.state(wording.NOTHING_FLAGGED, f"at {places}{_unjudged(desk)}")
    return ListRow(key="attention-none", parts=(), glyph=state.glyph, state=state)


def _unjudged(desk: Desk) -> str:
    """ "; 24 of 28 lab values without range or flag; 3 lab results in words, not judged": no source said of them whether
    they are normal. Words are never compared with a range (rule 23): a "POSITIVE" or ">182" that nobody flagged."""
    latest = [row.latest.record for row in desk.chart.series if row.category == "laboratory"]
    values = [record for record in latest if record.value.quantity is not None]
    bare = sum(not record.ranges and not record.interpretation for record in values)
    words = sum(_in_words(record) and not record.interpretation for record in latest)
    said = f"; {bare} of {len(values)} lab values without range or flag" if bare else ""
    return said + (f"; {fmt.plural(words, 'lab result')} in words, not judged" if words else "")


def _in_words(record: Observation) -> bool:
    return record.value.string is not None or record.value.concept is not None


def _is_read(answer: Answer) -> bool:
    return answer.state in ANSWERED and not answer.stale


def _unread(desk: Desk, unread: Sequence[Answer]) -> str:
    """ "Lakeside (Not available); Mercy implants (Not permitted)": each source with its words, whole sources unnamed."""
    told = []
    for server in desk.states.servers:
        mine = [answer for answer in unread if answer.server == server]
        words = list(dict.fromkeys(desk.states.words(answer).word.lower() for answer in mine))
        what = "" if len(mine) == len(WATCHED) else ", ".join(_name(a.section) for a in mine)
        if mine:
            told.append(f"{' '.join(filter(None, (desk.name(server), what)))} ({', '.join(words)})")
    return "; ".join(told)


def _name(section: Section) -> str:
    return sections.NAMES[section].lower()


def gaps(desk: Desk) -> list[ListRow]:
    """One line per source that did not answer whole: what is missing from it, why, and when."""
    by_server: dict[str, list[str]] = {}
    for section in WATCHED:
        for answer in desk.states.asked(section):
            if answer.gap or answer.stale:
                by_server.setdefault(answer.server, []).append(sections.NAMES[section].lower())
    found = []
    for server, missing in sorted(by_server.items()):
        worst = min(
            (a for s in WATCHED for a in desk.states.gaps((s,)) if a.server == server),
            key=desk.states.rank,
        )
        state = desk.states.words(worst)
        found.append(
            ListRow(
                key=f"gap-{server}",
                parts=(Part(text=", ".join(missing)),),
                glyph=state.glyph,
                state=state,
            )
        )
    return found
