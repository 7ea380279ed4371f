"""What a web process and its pull process say to each other, over a pair of sockets that nobody else has."""

from __future__ import annotations

import socket
import struct
import threading

import msgspec

from clinical.fhir.searches import Plan
from clinical.records import SearchState

_LENGTH = struct.Struct("!Q")
_LARGEST = 500_000_000  # bytes of one frame
_CHUNK = 1 << 16  # bytes: what is smaller is sent and received with what is beside it
_AT_MOST = 1 << 20  # bytes of one receiving


class _Frame(msgspec.Struct, frozen=True, tag=True):
    """Of one run of a pull. snapshot, run: which."""

    snapshot: int
    run: int

    @property
    def key(self) -> tuple[int, int]:
        return self.snapshot, self.run


class Order(_Frame, frozen=True):
    """To be carried out. user: whose rights, None for our own. version: as the run begins. opened: as in `pull`."""

    user: int | None
    version: int
    plan: Plan
    opened: float


class PlanWritten(_Frame, frozen=True):
    """The plan is in the database: what comes may be written after it."""


class Came(_Frame, frozen=True):
    """What is to be kept of what one search brought.

    packed: see `store.pack`; of the records, those only that no search of the run has brought before. They have
    numbers in the order of their coming. numbers: of all that this search brought; () where all of them are new.
    digest: of everything but the state; b"" where records have come before.
    """

    version: int
    state: SearchState
    digest: bytes = b""
    packed: bytes = b""
    numbers: tuple[int, ...] = ()


class Ended(_Frame, frozen=True):
    """Nothing more comes. gone: see `live.Live.end`."""

    gone: tuple[str, ...]
    version: int


class Stored(_Frame, frozen=True):
    """All of it is in the database; or another run has taken its place, and nothing more is written of this one."""


class Refused(_Frame, frozen=True):
    """It could not be begun there, or broke off; the other side sees to it."""


class Alive(msgspec.Struct, frozen=True, tag=True):
    """Sent when the process is ready, and every few seconds."""


class Holding(msgspec.Struct, frozen=True, tag=True):
    """Whether a first screen is being made: from a pull process, its own; to it, one that others make."""

    on: bool


Frame = Holding | Order | PlanWritten | Came | Ended | Stored | Refused | Alive


class Broken(Exception):
    """What came is no frame."""


class Channel:
    """One end of the pair. Any thread may send; one receives.

    seconds: how long nothing may come before `receive` raises TimeoutError, and the other side may leave what is sent
    unread; None = for ever.
    """

    def __init__(self, end: socket.socket, *, seconds: float | None = None) -> None:
        end.settimeout(seconds)
        self._end = end
        self._sending = threading.Lock()
        self._held = bytearray()  # received, and not looked at yet
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Frame)

    def send(self, frame: Frame) -> None:
        """Raises OSError when the other side is gone."""
        with self._sending:
            content = self._encoder.encode(frame)
            head = _LENGTH.pack(len(content))
            if len(content) < _CHUNK:  # the other side wakes once
                self._end.sendall(head + content)
            else:
                self._end.sendall(head)
                self._end.sendall(content)

    def receive(self) -> Frame | None:
        """The next frame; None when the other side is gone. Raises OSError or Broken."""
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        (size,) = _LENGTH.unpack(head)
        if size > _LARGEST:
            raise Broken
        content = self._exactly(size)
        try:
            return self._decoder.decode(content) if content is not None else None
        except msgspec.DecodeError:
            raise Broken from None

    def gives_up_after(self, seconds: float) -> None:
        self._end.settimeout(seconds)

    def close(self) -> None:
        self._end.close()

    def _exactly(self, size: int) -> bytearray | None:
        """Also takes what has come behind it, for the next time."""
        while len(self._held) < size:
            missing = size - len(self._held)
            more = self._end.recv(min(max(missing, _CHUNK), _AT_MOST))
            if not more:
                return None
            self._held += more
        if len(self._held) == size:  # of a large frame: no second copy
            found, self._held = self._held, bytearray()
        else:
            found, self._held = self._held[:size], self._held[size:]
        return found
