"""One record from many sources: pure, whatever the order of arrival (fhir-rules part 4)."""

from clinical.reconcile.chart import Worked, reconcile, reconciled
from clinical.reconcile.localcodes import NO_MAPPINGS, Mappings
from clinical.reconcile.localcodes import plain as plain_name

__all__ = ["NO_MAPPINGS", "Mappings", "Worked", "plain_name", "reconcile", "reconciled"]
