"""The inside of a pull process: carries out the runs that its web process hands over, and tells what they bring."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from clinical.fhir.turns import TURNS
from clinical.records import NotShown, Record, SectionRecords
from summary_app.summary import queries
from summary_app.summary.services import frames, live, pulling, quiet, rights, runs, store

_log = logging.getLogger(__name__)
_BEAT = 2.0


class Moved(Exception):
    """The rights or the snapshot are not what they were when the run was handed over."""


class Teller:
    """Tells the web process what one run does (`runs.Told`)."""

    def __init__(self, channel: frames.Channel, snapshot: int, run: int) -> None:
        self._channel = channel
        self._key = snapshot, run
        # By id: its number, and the record itself, so that no other one gets its id.
        self._sent: dict[int, tuple[int, Record]] = {}

    def came(self, piece: store.Piece) -> store.Piece:
        section = _in_order(piece.section)
        new = self._new(section.records)
        came = frames.Came(*self._key, piece.version, section.state)
        if len(new) == len(section.records):
            packed, digest = store.pack_with_digest(section)
            self._channel.send(msgspec.structs.replace(came, digest=digest, packed=packed))
            return msgspec.structs.replace(piece, section=section, packed=packed)
        packed = store.pack(msgspec.structs.replace(section, records=new))
        numbers = tuple(self._sent[id(record)][0] for record in section.records)
        self._channel.send(msgspec.structs.replace(came, packed=packed, numbers=numbers))
        # Whole it is packed only when it is written: nobody waits for that.
        return msgspec.structs.replace(piece, section=section)

    def _new(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Those that have not been sent yet, each once; they get their numbers."""
        found = []
        for record in records:
            if id(record) not in self._sent:
                self._sent[id(record)] = len(self._sent), record
                found.append(record)
        return tuple(found)

    def ended(self, gone: tuple[str, ...], version: int) -> None:
        self._channel.send(frames.Ended(*self._key, gone, version))

    def stored(self) -> None:
        self._channel.send(frames.Stored(*self._key))


def _in_order(section: SectionRecords) -> SectionRecords:
    """The parts of a search come in another order each time: what is the same must look the same."""
    return msgspec.structs.replace(
        section,
        records=tuple(sorted(section.records, key=_reference)),
        not_shown=tuple(sorted(section.not_shown, key=_reference)),
    )


def _reference(entry: Record | NotShown) -> str:
    return entry.source.reference


@dataclass
class Inside:
    """plans: set when the plan of a run is in the database."""

    channel: frames.Channel
    _plans: dict[tuple[int, int], threading.Event] = field(default_factory=dict)
    _held: threading.Event = field(default_factory=threading.Event)  # `own` may have changed

    def serve(self) -> None:
        """Until the web process is gone. Then this one ends at once: nobody waits for what it reads."""
        threading.Thread(target=self._beat, name="beat", daemon=True).start()
        TURNS.hold.watch(self._held.set)
        threading.Thread(target=self._say_holding, name="hold", daemon=True).start()
        try:
            while (frame := self.channel.receive()) is not None:
                self._heed(frame)
        except (OSError, frames.Broken) as error:
            _log.error("the web process cannot be heard any more: %s", type(error).__name__)
        os._exit(0)

    def _heed(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.Order):
            self._plans[frame.key] = threading.Event()
            try:
                pulling.spawn(lambda: self._carry_out(frame), f"pull-{frame.snapshot}")
            except RuntimeError:  # no more threads
                self._plans.pop(frame.key, None)
                self._refuse(frame)
        elif isinstance(frame, frames.Holding):
            TURNS.hold.impose(frame.on)
        elif isinstance(frame, frames.PlanWritten) and frame.key in self._plans:
            self._plans[frame.key].set()

    def _carry_out(self, order: frames.Order) -> None:
        try:
            runs.carry_out(self._begun(order))
        except Exception as error:  # noqa: BLE001  # whatever it is, the web process must know; its words might hold what was read
            _log.error("the run of snapshot %s ended with %s", order.snapshot, type(error).__name__)
            self._refuse(order)
        finally:
            self._plans.pop(order.key, None)
            live.drop(order.snapshot)
            quiet.give_back_soon()  # only here is nothing of the run held any more

    def _begun(self, order: frames.Order) -> runs.Begun:
        """Raises Moved, rights.NotPermitted or SourceError."""
        snapshot = queries.snapshot_whole(order.snapshot)
        if snapshot is None or snapshot.user_id != order.user:
            raise Moved
        if order.user is None:
            reader = rights.of_product(snapshot.connection)
        else:
            reader = rights.of_clinician(order.user, snapshot.connection, snapshot.patient)
        if reader.user_id != order.user:
            raise Moved
        task = runs.Task(snapshot=snapshot, reader=reader, opened=order.opened)
        begun = runs.begin(task, order.run, plan=order.plan, version=order.version)
        teller = Teller(self.channel, *order.key)
        return runs.handed_over(begun, told=teller, written=self._plans[order.key])

    def _say_holding(self) -> None:
        """In a thread of its own: nobody who holds, and no timer, waits for the web process to listen."""
        said = False
        try:
            while self._held.wait():
                self._held.clear()
                if (own := TURNS.hold.own) != said:
                    said = own
                    self.channel.send(frames.Holding(own))
        except OSError:
            os._exit(0)

    def _refuse(self, order: frames.Order) -> None:
        self.channel.send(frames.Refused(*order.key))

    def _beat(self) -> None:
        try:
            while True:
                self.channel.send(frames.Alive())
                time.sleep(_BEAT)
        except OSError:
            os._exit(0)
