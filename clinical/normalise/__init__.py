"""FHIR resources become records, one module per type; what is not shown is counted with its reason."""

from __future__ import annotations

from .dispatch import NORMALISERS, read, records_of
from .reading import Reading

__all__ = ["NORMALISERS", "Reading", "read", "records_of"]
