"""How often an EHR may be asked, counted over all processes: openings, refreshes and jobs share one budget."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db import connection as database
from django.db.models import F

from clinical.fhir.budget import BACKGROUND_SHARE, MINUTE
from summary_app.connections.models import RequestMinute

_KEPT = 10  # minutes


@dataclass
class SharedBudget:
    """At most `per_minute` requests in about any minute (clinical.fhir.budget.Budget).

    A sliding count: this minute's requests, and the part of the last minute's that is still within sixty seconds.
    A pause that the EHR asked for is kept by the process that was asked.
    """

    connection_id: int
    per_minute: int
    not_before: float = 0.0

    def take(self, *, until: float, background: bool = False) -> float:
        """Waits for one request's turn. Returns 0, or the seconds it would take when that is beyond `until`."""
        while (wait := self._wait(background)) > 0:
            if time.monotonic() + wait > until:
                return wait
            time.sleep(wait)
        return 0.0

    def hold(self, seconds: float) -> None:
        self.not_before = max(self.not_before, time.monotonic() + seconds)

    def _wait(self, background: bool) -> float:
        pause = self.not_before - time.monotonic()
        if pause > 0:
            return pause
        try:
            return self._counted(background)
        finally:
            if threading.current_thread().name.startswith("fhir-"):
                database.close()  # a thread of the pull keeps no database connection

    def _counted(self, background: bool) -> float:
        """0 when the request was granted and counted, else the seconds until it is worth asking again."""
        whole, within = divmod(time.time(), MINUTE)
        minute = int(whole)
        rows = RequestMinute.objects.filter(
            connection_id=self.connection_id, minute__in=(minute, minute - 1)
        )
        sent = dict(rows.values_list("minute", "sent"))
        before = sent.get(minute - 1, 0)
        limit = max(1, int(self.per_minute * (BACKGROUND_SHARE if background else 1)))
        room = limit - before * (1 - within / MINUTE)
        if sent.get(minute, 0) + 1 <= room and self._count(minute, room):
            return 0.0
        return min(1.0, MINUTE - within) if before else MINUTE - within

    def _count(self, minute: int, room: float) -> bool:
        """One more in this minute, unless others have used the room up in the meantime."""
        mine = RequestMinute.objects.filter(connection_id=self.connection_id, minute=minute)
        if mine.filter(sent__lte=room - 1).update(sent=F("sent") + 1):
            return True
        if mine.exists():
            return False
        try:
            with transaction.atomic():
                RequestMinute.objects.create(
                    connection_id=self.connection_id, minute=minute, sent=1
                )
        except IntegrityError:  # another process began this minute
            return bool(mine.filter(sent__lte=room - 1).update(sent=F("sent") + 1))
        RequestMinute.objects.filter(
            connection_id=self.connection_id, minute__lt=minute - _KEPT
        ).delete()
        return True
