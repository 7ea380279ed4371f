"""Sections as bytes: what is read is what was written, also of an earlier version of this program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import zstandard

from clinical.records import FetchState, SearchState, Section, SectionRecords
from summary_app import sealing
from summary_app.summary.services import store
from tests.clinical.test_sharing import observation, read

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def section(*values: str, at: datetime = AT) -> SectionRecords:
    records = (observation(place, value, "3.5") for place, value in enumerate(values))
    state = SearchState(
        server="mercy", search="labs.recent", section=Section.LABS, state=FetchState.OK, at=at
    )
    return SectionRecords(state=state, records=read(*records))


def test_a_section_is_read_as_it_was_written() -> None:
    for written in (section("4.1", "4.10", "5"), section()):
        found = store.unpack(store.pack(written))
        assert found == written
        assert msgspec.msgpack.encode(found) == msgspec.msgpack.encode(written)


def test_a_large_section_is_packed_piece_by_piece_and_read_in_the_same_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = section(*map(str, range(2000)))
    at_once = store.pack(written)
    monkeypatch.setattr(store, "_IN_PIECES", 1)
    for packed in (store.pack(written), store.pack_with_digest(written)[0]):
        assert store.unpack(packed) == written
        assert zstandard.frame_content_size(packed) == zstandard.frame_content_size(at_once)


def test_a_section_of_an_earlier_version_is_still_read() -> None:
    written = section("4.1", "5.2")
    as_before = zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(written))
    assert store.unpack(as_before) == written


def test_the_digest_is_of_everything_but_the_state() -> None:
    packed, digest = store.pack_with_digest(section("4.1", "5.2"))
    assert store.unpack(packed) == section("4.1", "5.2")
    later, same = store.pack_with_digest(section("4.1", "5.2", at=AT + timedelta(days=1)))
    assert same == digest
    assert later != packed
    for other in (section("4.1", "5.20"), section("4.1"), section("5.2", "4.1")):
        assert store.pack_with_digest(other)[1] != digest


@pytest.mark.parametrize("content", [b"\x93\x01\x02\x03", b"\x80", b"\xc0", b""])
def test_what_another_version_has_written_is_named_and_never_taken_for_an_empty_section(
    content: bytes,
) -> None:
    with pytest.raises(sealing.CannotOpen):
        store.unpack(zstandard.ZstdCompressor().compress(content))
