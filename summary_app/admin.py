"""The admin pages of all areas."""

from summary_app.access import admin as access
from summary_app.connections import admin as connections
from summary_app.feedback import admin as feedback
from summary_app.quality import admin as quality
from summary_app.rules import admin as rules
from summary_app.summary import admin as summary
from summary_app.ward import admin as ward

__all__ = ["access", "connections", "feedback", "quality", "rules", "summary", "ward"]
