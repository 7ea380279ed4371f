"""A pull process (started by `summary_app.summary.services.beside` of a web process)."""

from __future__ import annotations

import os
import signal
import socket
import sys

from config import processors

_GIVES_WAY = 10  # added niceness: the process that makes pages goes first


def main(number: int) -> None:
    """number: of the socket to the web process. Ends when that is closed."""
    # Whoever stops the web process ends this one too; a Ctrl-C for all must not cut a write off.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_GIVES_WAY)
    processors.interrupt_nobody()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.setswitchinterval(0.0005)

    import django

    django.setup()

    from summary_app.summary.services import frames, memory, pull_process

    memory.bound()
    memory.settle(keeps_charts=False)
    pull_process.Inside(frames.Channel(socket.socket(fileno=number))).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
