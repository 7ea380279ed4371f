"""FHIR resources become records, one module per type; what is not shown is counted with its reason."""

from __future__ import annotations

from .dispatch import NORMALISERS, divided, each_of, read, records_of
from .reading import Reading

__all__ = ["NORMALISERS", "Reading", "divided", "each_of", "read", "records_of"]
