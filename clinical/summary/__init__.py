"""What goes on the page, as plain data with every word in place."""

from clinical.summary.inputs import Site, Viewer
from clinical.summary.summarise import summarise

__all__ = ["Site", "Viewer", "summarise"]
