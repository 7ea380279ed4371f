"""A pull process on the database of a test, whose name stands in the environment."""

from __future__ import annotations

import os
import sys

from django.conf import settings

from config.pull_process import main

if __name__ == "__main__":
    settings.DATABASES["default"]["NAME"] = os.environ["VISIT_LENS_TEST_DATABASE"]
    main(int(sys.argv[1]))
