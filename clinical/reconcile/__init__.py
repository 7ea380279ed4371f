"""One record from many sources: pure, whatever the order of arrival (fhir-rules part 4)."""

from clinical.reconcile.chart import reconcile

__all__ = ["reconcile"]
