"""The ten fetch states and the other honest states, in words. One table; page, print and API use nothing else.

Absence of data is never a negative finding: only OK_NEGATED may say "none known" (fhir-rules part 0, look part 5).
"""

from __future__ import annotations

from clinical.records import FetchState, Frozen
from clinical.summary.view_model import Glyph, State


class Wording(Frozen, frozen=True):
    """word: the state's name on screen. means: one line of the key. gap: something may exist that is not shown."""

    glyph: Glyph
    word: str
    means: str
    gap: bool = True


NONE_KNOWN = Wording(
    glyph="none-known",
    word="None known",
    means="somebody asked and said none, with name and date",
    gap=False,
)
NOT_ASKED = Wording(
    glyph="not-asked", word="Not asked", means="the record itself says that nobody asked"
)
NOTHING_RECORDED = Wording(
    glyph="nothing-recorded",
    word="Nothing recorded",
    means="the source answered, and it holds no entry",
    gap=False,
)
NOTHING_RECORDED_IN_PART = Wording(
    glyph="partly",
    word="Nothing recorded in what was read",
    means="the source does not offer every kind of entry that could hold it",
)
NOTHING_IN_WHAT_COULD_BE_READ = Wording(
    glyph="incomplete",
    word="Nothing recorded in what could be read",
    means="entries came that could not be read or need review; one of them may be what is looked for",
)
NO_CHANGE_IN_WHAT_COULD_BE_READ = Wording(
    glyph="incomplete",
    word="No change in what could be read",
    means="entries came that could not be read or need review; one of them may be a change",
)
OLDER_NOT_ASKED = Wording(
    glyph="incomplete",
    word="None in the last 13 months",
    means="the source answered, but was not asked for older ones",
)
IN_REPORT = Wording(
    glyph="answered",
    word="In report",
    means="no value of its own was sent; the words of this report name it",
    gap=False,
)
NOT_RETRIEVED = Wording(
    glyph="not-retrieved",
    word="Not retrieved",
    means="the source failed or timed out; it may hold entries",
)
NOT_AVAILABLE = Wording(
    glyph="not-available",
    word="Not available",
    means="the source does not offer this kind of entry",
)
NOT_PERMITTED = Wording(
    glyph="not-permitted", word="Not permitted", means="your access does not cover it"
)
WITHHELD = Wording(
    glyph="withheld", word="Withheld", means="it may exist, and the source holds it back"
)
OUT_OF_DATE = Wording(
    glyph="out-of-date", word="Out of date", means="an earlier copy; the newer one did not come"
)
INCOMPLETE = Wording(
    glyph="incomplete", word="Incomplete", means="some entries came, some could not be read"
)
ASKING = Wording(glyph="asking", word="Asking", means="the source has not answered yet")
NO_PLAN = Wording(
    glyph="nothing-recorded",
    word="No plan section found",
    means="the notes that were read have no plan heading",
    gap=False,
)
NOTHING_FLAGGED = Wording(
    glyph="answered",
    word="Nothing new flagged",
    means="all was read, and nothing in it is critical, new and abnormal, pending, overdue or different",
    gap=False,
)
NOTHING_FLAGGED_IN_PART = Wording(
    glyph="partly",
    word="Nothing new flagged in what was read",
    means="something was not read; it may hold what needs attention",
)
ANSWERED = Wording(
    glyph="answered", word="Answered", means="the source answered in full", gap=False
)

KEY = (
    NONE_KNOWN, NOT_ASKED, NOTHING_RECORDED, NOT_RETRIEVED, NOT_AVAILABLE, NOT_PERMITTED, WITHHELD, OUT_OF_DATE,
    INCOMPLETE,
)  # fmt: skip

BY_STATE: dict[FetchState, Wording] = {
    FetchState.NOT_CONNECTED: NOT_AVAILABLE,
    FetchState.NOT_AUTHORISED: NOT_PERMITTED,
    FetchState.NOT_SUPPORTED: NOT_AVAILABLE,
    FetchState.FETCHING: ASKING,
    FetchState.FAILED: NOT_RETRIEVED,
    FetchState.RESTRICTED: WITHHELD,
    FetchState.PARTIAL: INCOMPLETE,
    FetchState.OK_EMPTY: NOTHING_RECORDED,
    FetchState.OK_NEGATED: NONE_KNOWN,
    FetchState.OK: ANSWERED,
}

# Worst first: what leads when several searches or sources feed one place.
WORST_FIRST: dict[FetchState, int] = {
    state: place
    for place, state in enumerate(
        (
            FetchState.FAILED,
            FetchState.RESTRICTED,
            FetchState.NOT_AUTHORISED,
            FetchState.PARTIAL,
            FetchState.FETCHING,
            FetchState.NOT_CONNECTED,
            FetchState.NOT_SUPPORTED,
            FetchState.OK,
            FetchState.OK_NEGATED,
            FetchState.OK_EMPTY,
        )
    )
}

# The source did not answer whole: what it holds of this is not known.
GAPS = frozenset(
    {
        FetchState.FAILED,
        FetchState.RESTRICTED,
        FetchState.NOT_AUTHORISED,
        FetchState.PARTIAL,
        FetchState.FETCHING,
    }
)


def state(
    wording: Wording, detail: str = "", *, sources: tuple[str, ...] = (), retry: bool = False
) -> State:
    """A State that shows this wording."""
    return State(
        glyph=wording.glyph, word=wording.word, detail=detail, sources=sources, retry=retry
    )
