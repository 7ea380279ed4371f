"""Snapshots as bytes: msgpack, then zstd, then AES-GCM under a key for that connection, patient and reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec
import zstandard
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from clinical.records import NotShown, SearchState, SectionRecords
from clinical.records.sharing import Apart, apart, share, together
from clinical.summary.view_model import Summary
from summary_app import sealing
from summary_app.summary import queries
from summary_app.summary.models import Pull, Snapshot, SnapshotPart

PLAN = "#plan"  # the part that names the searches of the run under way, and what went with the last one
_LARGEST = 400_000_000  # bytes of one part once inflated
_LEVEL, _COMPRESSORS_KEPT = 1, 4
_IN_PIECES = 1 << 20  # bytes from which on they are compressed piece by piece


class RawEntry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One entry exactly as sent."""

    type: str
    id: str
    raw: bytes


class RunPlan(msgspec.Struct, frozen=True):
    """planned: every search of the run, as `fetching`. gone: searches whose earlier answer is no longer held."""

    planned: tuple[SearchState, ...] = ()
    gone: tuple[str, ...] = ()


class Piece(msgspec.Struct, frozen=True):
    """What one search brought, on its way to the database.

    fresh: False where the answer of an earlier reading was kept, and so are its entries. packed: the section as
    `pack` gives it, b"" where nobody has done so yet.
    """

    section: SectionRecords
    raws: tuple[RawEntry, ...]
    version: int
    fresh: bool
    packed: bytes = b""


class _Section(msgspec.Struct, frozen=True, array_like=True):
    """A SectionRecords as it is written: what its records have in common once."""

    state: SearchState
    records: Apart
    not_shown: tuple[NotShown, ...]


_MAPS = range(0x80, 0x90)  # the first byte of a section as it was written before
_sections = msgspec.msgpack.Decoder(_Section)
_whole_sections = msgspec.msgpack.Decoder(SectionRecords)
_raws = msgspec.msgpack.Decoder(tuple[RawEntry, ...])
_plans = msgspec.msgpack.Decoder(RunPlan)
_pages = msgspec.msgpack.Decoder(Summary)
_encoder = msgspec.msgpack.Encoder()


def write(
    snapshot: Snapshot,
    pieces: Sequence[Piece],
    *,
    run: int,
    version: int,
    now: datetime,
    plan: RunPlan | None = None,
    **pull: object,
) -> None:
    """One transaction: what came since the last write, and how the pull stands. pull: further columns of it.

    Nothing is written for a run that is not the present one any more.
    """
    kept = [_part(snapshot, piece, run) for piece in pieces]
    with_raw = [row for row, piece in zip(kept, pieces, strict=True) if piece.fresh]
    without = [row for row, piece in zip(kept, pieces, strict=True) if not piece.fresh]
    if plan is not None:
        content = _sealed(snapshot, PLAN, _compressed(_encoder.encode(plan)))
        without.append(
            SnapshotPart(snapshot=snapshot, search=PLAN, version=version, run=run, records=content)
        )
    with transaction.atomic(savepoint=False):
        mine = Pull.objects.filter(snapshot=snapshot, run=run)
        # Never back: what others have read goes by it.
        newest = Greatest(F("version"), version)
        if not mine.update(version=newest, heartbeat=now, **pull):
            return  # another process took this pull over while we were away
        _upsert(with_raw, ["version", "run", "records", "raw"])
        _upsert(without, ["version", "run", "records"])
        if plan is not None and plan.gone:
            SnapshotPart.objects.filter(snapshot=snapshot, search__in=plan.gone).delete()


def pack(section: SectionRecords) -> bytes:
    """As it is stored, before that is encrypted."""
    return _compressed(_encoded(section))


def pack_with_digest(section: SectionRecords) -> tuple[bytes, bytes]:
    """The same, and a digest of everything but the state."""
    content = _encoded(section)
    behind = 1 + len(_encoder.encode(section.state))
    digest = blake2b(memoryview(content)[behind:], digest_size=16).digest()
    return _compressed(content), digest


def _encoded(section: SectionRecords) -> bytes:
    return _encoder.encode(_Section(section.state, apart(section.records), section.not_shown))


def unpack(packed: bytes) -> SectionRecords:
    return _section(_inflated(packed))


def _section(content: bytes) -> SectionRecords:
    """Raises sealing.CannotOpen for what another version of this program has written."""
    try:
        if content[0] in _MAPS:
            whole = _whole_sections.decode(content)
            share(whole.records)
            return whole
        found = _sections.decode(content)
        records = together(found.records)
    except (msgspec.DecodeError, ValueError, IndexError):
        raise sealing.CannotOpen("What is stored was written by another version.") from None
    return SectionRecords(state=found.state, records=records, not_shown=found.not_shown)


def read_parts(
    snapshot: Snapshot, *, above: int
) -> tuple[list[tuple[int, SectionRecords]], RunPlan | None]:
    """The parts written after this version, with their runs, and the plan if it is among them.

    Raises sealing.CannotOpen.
    """
    parts, plan = [], None
    for row in queries.parts_above(snapshot.pk, above):
        content = _opened(snapshot, row.search, row.records)
        if row.search == PLAN:
            plan = _plans.decode(content)
        else:
            parts.append((row.run, _section(content)))
    return parts, plan


def read_part(snapshot: Snapshot, search: str) -> SectionRecords | None:
    """What is stored of one search. Raises sealing.CannotOpen."""
    row = queries.part(snapshot.pk, search)
    return None if row is None else _section(_opened(snapshot, search, row.records))


def read_raw(snapshot: Snapshot, kind: str, identifier: str) -> list[bytes]:
    """Every version of this entry that the source sent, exactly as sent, each once."""
    found: dict[bytes, None] = {}
    for search, sealed in queries.raw_parts(snapshot.pk):
        entries = _raws.decode(_opened(snapshot, f"{search}/raw", sealed))
        for entry in entries:
            if (entry.type, entry.id) == (kind, identifier):
                found[entry.raw] = None
    return list(found)


def keep_page(snapshot_id: int, key: str, summary: Summary) -> None:
    """The finished page of the snapshot's own reader."""
    found = queries.snapshot(snapshot_id)
    if found is None:
        return
    content = _sealed(found, f"page/{key}", _compressed(_encoder.encode(summary)))
    Snapshot.objects.filter(pk=snapshot_id).update(page=content, page_key=key)


def kept_page(snapshot_id: int, key: str) -> Summary | None:
    """The page kept under this key; None when another one, or none, is kept."""
    found = queries.snapshot(snapshot_id)
    if found is None or found.page_key != key or not found.page:
        return None
    try:
        return _pages.decode(_opened(found, f"page/{key}", found.page))
    except (sealing.CannotOpen, msgspec.DecodeError):
        return None  # it can be made again


def _part(snapshot: Snapshot, piece: Piece, run: int) -> SnapshotPart:
    search = piece.section.state.search
    raw = b""
    if piece.raws:
        raw = _sealed(snapshot, f"{search}/raw", _compressed(_encoder.encode(piece.raws)))
    return SnapshotPart(
        snapshot=snapshot,
        search=search,
        version=piece.version,
        run=run,
        records=_sealed(snapshot, search, piece.packed or pack(piece.section)),
        raw=raw,
    )


def _upsert(rows: Iterable[SnapshotPart], fields: list[str]) -> None:
    found = list(rows)
    if found:
        SnapshotPart.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["snapshot", "search"],
            update_fields=fields,
        )


def _purpose(snapshot: Snapshot, what: str) -> str:
    reader = "own" if snapshot.user_id is None else str(snapshot.user_id)
    return f"snapshot/{snapshot.connection_id}/{reader}/{snapshot.patient}/{what}"


def _sealed(snapshot: Snapshot, what: str, packed: bytes) -> bytes:
    return sealing.seal(packed, purpose=_purpose(snapshot, what))


def _opened(snapshot: Snapshot, what: str, sealed: bytes | memoryview) -> bytes:
    return _inflated(sealing.unseal(sealed, purpose=_purpose(snapshot, what)))


_compressors: list[
    zstandard.ZstdCompressor
] = []  # not in use; each has a megabyte of its own, and serves one thread


def _compressed(content: bytes) -> bytes:
    try:
        compressor = _compressors.pop()
    except IndexError:
        compressor = zstandard.ZstdCompressor(level=_LEVEL)
    if len(content) < _IN_PIECES:
        packed = compressor.compress(content)
    else:  # at once it would take as much memory again as goes in
        pieces = compressor.compressobj(size=len(content))
        packed = pieces.compress(content) + pieces.flush()
    if len(_compressors) < _COMPRESSORS_KEPT:
        _compressors.append(compressor)
    return packed


def _inflated(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST)
