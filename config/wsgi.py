"""The web process (gunicorn config.wsgi)."""

from __future__ import annotations

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import processors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Threads that read pages of results must not hold up the one that answers a browser: Python's own 5 ms add up.
sys.setswitchinterval(0.0005)
processors.interrupt_nobody()

application = get_wsgi_application()

from summary_app.summary.services import (  # needs the applications to be loaded
    beside,
    memory,
    pages,
)

memory.bound()
pages.warm_up()
memory.settle()
beside.begin(settings.VISIT_LENS_PULL_PROCESSES)
