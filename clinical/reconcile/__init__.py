"""One record from many sources: pure, whatever the order of arrival (fhir-rules part 4)."""

from clinical.reconcile.chart import reconcile
from clinical.reconcile.localcodes import NO_MAPPINGS, Mappings

__all__ = ["NO_MAPPINGS", "Mappings", "reconcile"]
