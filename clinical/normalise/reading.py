"""What every normaliser needs while one search is read: where it came from, what was included, what was read before.

Equal pieces (codes, units, references, times, ranges) are built once and shared: ten thousand laboratory results name
a few hundred of them. Nothing kept here or in a record points into the bytes of a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from clinical import resources as fhir
from clinical.dates import parse_period, parse_time
from clinical.records import (
    Concept,
    FhirTime,
    Identifier,
    NotShown,
    Reference,
    ReferenceRange,
    Section,
    Source,
)

from . import labels, words

NO_CONCEPT = Concept()


class Reading:
    """One search of one source. base: FHIR base URL, so that absolute references to it are known as its own.

    included: resources that came along, by "Practitioner/5" and, when the source uses them, by "urn:uuid:…".
    """

    def __init__(
        self,
        section: Section,
        server: str,
        included: Mapping[str, fhir.Resource] | None = None,
        *,
        base: str = "",
    ) -> None:
        self.section = section
        self.server = server
        self.included = included if included is not None else {}
        self.base = base.rstrip("/") + "/" if base else ""
        # what other modules of this package have read before, by what was sent
        self.ranges: dict[bytes, tuple[ReferenceRange, ...]] = {}
        self.categories: dict[fhir.Concepts, str] = {}
        self.interpretations: dict[fhir.Concepts, tuple[str, ...]] = {}
        self._concepts: dict[fhir.CodeableConcept, Concept] = {}
        self._lists: dict[fhir.Concepts, tuple[Concept, ...]] = {}
        self._targets: dict[str, str] = {}
        self._references: dict[fhir.Reference, Reference] = {}
        self._reference_lists: dict[fhir.References, tuple[Reference, ...]] = {}
        self._times: dict[str, FhirTime | None] = {}
        self._strings: dict[str, str] = {}

    # ---- where it came from -------------------------------------------------------------------------------------

    def source(self, resource: fhir.Resource, more_labels: fhir.Concepts | None = None) -> Source:
        """A resource without an id is named by its content: two of them are never taken for one another."""
        name = type(resource).__name__
        reference = f"{name}/{resource.id}" if resource.id else f"{name}/?{_content(resource)}"
        meta = resource.meta
        narrative = resource.text is not None and resource.text.status == "additional"
        if more_labels is None and (meta is None or (not meta.security and not meta.tag)):
            updated = meta.lastUpdated if meta is not None else None
            return Source(
                server=self.server, reference=reference, updated=updated, narrative=narrative
            )
        restricted, test = labels.judge(meta, more_labels)
        return Source(
            server=self.server,
            reference=reference,
            updated=meta.lastUpdated if meta is not None else None,
            restricted=restricted,
            test=test,
            narrative=narrative,
        )

    def not_shown(self, resource: fhir.Resource, reason: str, detail: str) -> NotShown:
        return NotShown(
            source=self.source(resource), section=self.section, reason=reason, detail=detail
        )

    def refusal(
        self, resource: fhir.Resource, *parts: Iterable[fhir.BackboneElement | None] | None
    ) -> NotShown | None:
        """Rules 42 and 43: what changes the meaning in a way we do not know is not interpreted. None: go on.

        parts: the backbone elements of the resource. No modifier extension and no implicit rules are known to us,
        so any is refused.
        """
        if resource.implicitRules:
            return self.not_shown(
                resource,
                "not-understood",
                f"it is written under rules we do not know ({resource.implicitRules})",
            )
        if not resource.modifierExtension and not any(parts):
            return None
        found = _modifier(resource.modifierExtension)
        for elements in parts:
            for element in elements or ():
                if element is not None:
                    found = found or _modifier(element.modifierExtension)
        if not found:
            return None
        return self.not_shown(
            resource, "not-understood", f"it carries a modifier we do not know ({found})"
        )

    # ---- words and codes ----------------------------------------------------------------------------------------

    def concept(self, sent: fhir.CodeableConcept | None) -> Concept:
        """text: its text, else a display, else a code. Every coding is kept. Nothing sent: the empty Concept."""
        if sent is None:
            return NO_CONCEPT
        known = self._concepts.get(sent)
        if known is None:
            known = self._concepts[sent] = words.concept(sent)
        return known

    def optional(self, sent: fhir.CodeableConcept | None) -> Concept | None:
        """Like `concept`, but None when there is neither code nor word."""
        found = self.concept(sent)
        return found if found.text or found.codings else None

    def concepts(self, sent: fhir.Concepts | None) -> tuple[Concept, ...]:
        if not sent:
            return ()
        known = self._lists.get(sent)
        if known is None:
            every = (self.optional(one) for one in sent)
            known = self._lists[sent] = tuple(one for one in every if one is not None)
        return known

    def text(self, sent: fhir.CodeableConcept | None) -> str:
        return self.concept(sent).text if sent is not None else ""

    def code(self, sent: fhir.CodeableConcept | None) -> str:
        """The code of a status-like element; "" when absent, unknown or suppressed (rule 56)."""
        return words.status_code(self.concept(sent)) if sent is not None else ""

    def coding(self, sent: fhir.Coding | None) -> Concept | None:
        """A bare Coding as a Concept."""
        if sent is None:
            return None
        return self.optional(fhir.CodeableConcept(coding=(sent,)))

    def share(self, text: str | None) -> str:
        """The same str object for equal text."""
        return self._strings.setdefault(text, text) if text else ""

    # ---- times --------------------------------------------------------------------------------------------------

    def time(self, text: str | None) -> FhirTime | None:
        """None when not sent, or not readable (then the caller keeps the text)."""
        if text is None:
            return None
        found = self._times.get(text)
        if found is None:
            found = self._times[text] = parse_time(text)
        return found

    def period(self, sent: fhir.Period | None) -> FhirTime | None:
        return parse_period(sent.start, sent.end) if sent is not None else None

    # ---- references ---------------------------------------------------------------------------------------------

    def target(self, sent: fhir.Reference | None) -> str:
        """ "Encounter/5" in this source; "" when it leads nowhere we may follow (rule 41)."""
        if sent is None or sent.reference is None:
            return ""
        known = self._targets.get(sent.reference)
        if known is None:
            known = self._targets[sent.reference] = self._canonical(sent.reference)
        return known

    def targets(self, sent: fhir.References | None) -> tuple[str, ...]:
        if not sent:
            return ()
        if len(sent) == 1:  # nearly always
            only = self.target(sent[0])
            return (only,) if only else ()
        return tuple(target for one in sent if (target := self.target(one)))

    def _canonical(self, reference: str) -> str:
        if reference.startswith("#"):
            return ""
        if reference.startswith("urn:"):
            found = self.included.get(reference)
            return (
                f"{type(found).__name__}/{found.id}"
                if found is not None and found.id
                else reference
            )
        if "://" in reference:
            if not self.base or not reference.startswith(self.base):
                return ""
            reference = reference[len(self.base) :]
        return reference.partition("/_history/")[0]

    def reference(
        self, sent: fhir.Reference | None, container: fhir.Resource | None = None
    ) -> Reference | None:
        """Words as sent; without any, the name of the included or contained resource. None: nothing to say."""
        if sent is None:
            return None
        if _is_inside(sent):
            return self._read_reference(sent, container)
        known = self._references.get(sent)
        if known is None:
            known = self._references[sent] = self._read_reference(sent, None)
        return known if known.target or known.display else None

    def references(
        self, sent: fhir.References | None, container: fhir.Resource | None = None
    ) -> tuple[Reference, ...]:
        if not sent:
            return ()
        known = self._reference_lists.get(sent)
        if known is None:
            every = (self.reference(one, container) for one in sent)
            known = tuple(one for one in every if one is not None)
            if not any(_is_inside(one) for one in sent):
                self._reference_lists[sent] = known
        return known

    def _read_reference(self, sent: fhir.Reference, container: fhir.Resource | None) -> Reference:
        display = sent.display or ""
        if not display:
            found = self.resolve(sent, container)
            display = words.name_of(found) if found is not None else ""
        return Reference(target=self.target(sent), display=display)

    def resolve(
        self, sent: fhir.Reference | None, container: fhir.Resource | None = None
    ) -> fhir.Resource | None:
        """The resource behind a reference: contained in this same resource, or included. None: not here."""
        if sent is None or not sent.reference:
            return None
        if sent.reference.startswith("#"):
            return contained(container, sent.reference[1:]) if container is not None else None
        return self.included.get(sent.reference) or self.included.get(self.target(sent))

    # ---- small things every record has --------------------------------------------------------------------------

    def identifiers(self, *sent: fhir.Identifier | None) -> tuple[Identifier, ...]:
        """Business identifiers that can identify something: those with a value."""
        return tuple([words.identifier(one) for one in sent if one is not None and one.value])

    def notes(self, sent: fhir.Annotations | None) -> tuple[str, ...]:
        return tuple(
            note.text for note in sent or () if note is not None and note.text and note.text.strip()
        )


class _Stub(msgspec.Struct, gc=False):
    resourceType: str | None = None
    id: str | None = None


def contained(container: fhir.Resource, name: str) -> fhir.Resource | None:
    """The contained resource of that id, never one of another resource (rule 40); None when absent or unreadable."""
    for raw in container.contained or ():
        try:
            stub = msgspec.json.decode(raw, type=_Stub)
            kind = fhir.RESOURCE_TYPES.get(stub.resourceType or "")
            if stub.id == name and kind is not None:
                return msgspec.json.decode(raw, type=kind)
        except (
            msgspec.MsgspecError
        ):  # the reference stays unresolved, which is said where it is shown
            continue
    return None


def _is_inside(sent: fhir.Reference | None) -> bool:
    """A reference to a contained resource: the same words mean another thing in every resource."""
    return sent is not None and sent.reference is not None and sent.reference.startswith("#")


def _modifier(extensions: fhir.Extensions | None) -> str:
    for extension in extensions or ():
        if extension is not None:
            return extension.url or "without a name"
    return ""


def _content(resource: fhir.Resource) -> str:
    digest = hashlib.sha256(msgspec.json.encode(resource), usedforsecurity=False)
    return digest.hexdigest()[:16]
