"""What ties a medicine or problem to the visit although no list names it: its own reason, or the code of the visit."""

from __future__ import annotations

from clinical.rank.entries import has_icd
from clinical.rank.library import Library
from clinical.rank.matching import index_of
from clinical.rank.patient import Patient
from clinical.records import Concept, Medication, Visit
from clinical.records import Item as Entry


class Ties:
    """The codes of today's contexts, and the problem items their lists name."""

    def __init__(self, visit: Visit, library: Library, patient: Patient) -> None:
        packs = [library.packs[one] for one in visit.contexts if one in library.packs]
        self._prefixes = tuple(
            sorted({one for pack in packs for one in (*pack.cue.icd, *pack.cue.problems)})
        )
        self._index = index_of(library)
        self._items = {
            one.item
            for pack in packs
            for one in pack.listed
            if one.importance == "must" and one.item.startswith("cond.")
        }
        self._known: dict[Concept, bool] = {}
        self._patient = patient

    def of(self, entry: Entry) -> str:
        """How an entry is tied to the visit, in words; "" when it is not."""
        if entry.kind == "problem":
            return "what the visit is about" if has_icd(entry, self._prefixes) else ""
        if entry.kind == "medication":
            for record in entry.members:
                for reason in record.reasons if isinstance(record, Medication) else ():
                    if self._about(reason):
                        return (
                            f"taken for {reason.text}"
                            if reason.text
                            else "taken for what the visit is about"
                        )
        return ""

    def _about(self, concept: Concept) -> bool:
        known = self._known.get(concept)
        if known is None:
            known = self._known[concept] = bool(
                self._items & self._index.concept(concept, ("cond",))
            ) or any(
                coding.code.replace(".", "").upper().startswith(self._prefixes)
                for coding in concept.codings
                if self._prefixes and coding.system == "http://hl7.org/fhir/sid/icd-10-cm"
            )
        return known
