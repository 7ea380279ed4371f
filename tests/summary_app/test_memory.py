"""Memory that is bounded and given back by the C library: where it can, and nowhere an error."""

from __future__ import annotations

import ctypes
import gc
import threading
import weakref
from collections.abc import Callable

import pytest

from summary_app.summary.services import memory


class Glibc:
    """Takes down what this thread asks for; others may be giving back what an earlier test has read."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, ...]]] = []
        self._thread = threading.get_ident()

    def mallopt(self, *given: int) -> int:
        self._note("mallopt", given)
        return 1

    def malloc_trim(self, *given: int) -> int:
        self._note("malloc_trim", given)
        return 1

    def _note(self, name: str, given: tuple[int, ...]) -> None:
        if threading.get_ident() == self._thread:
            self.asked.append((name, given))


def test_threads_share_few_heaps_and_what_is_free_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Glibc()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    memory.bound()
    memory.give_back()
    # Of malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
    asked = [(-8, 2), (-3, 1_048_576), (-1, 67_108_864)]
    assert library.asked == [*(("mallopt", each) for each in asked), ("malloc_trim", (0,))]


def test_what_is_not_needed_any_more_is_held_until_memory_is_given_back() -> None:
    class Chart:
        """Something that can be seen going away."""

    chart = Chart()
    gone = weakref.ref(chart)
    memory.later(chart)
    del chart
    assert gone() is not None
    memory.give_back()
    assert gone() is None


@pytest.mark.parametrize("keeps_charts", [True, False])
def test_only_a_process_that_keeps_no_charts_looks_through_everything(
    monkeypatch: pytest.MonkeyPatch, *, keeps_charts: bool
) -> None:
    class Knot:
        """Holds itself."""

    monkeypatch.setattr(memory, "_generation", memory._generation)
    with monkeypatch.context() as patch:  # of this process nothing is to stay for ever
        for name in ("freeze", "set_threshold", "collect"):
            patch.setattr(gc, name, lambda *_: 0)
        memory.settle(keeps_charts=keeps_charts)
    knot = Knot()
    knot.itself = knot  # type: ignore[attr-defined]
    gc.collect(1)  # it has grown old
    gone = weakref.ref(knot)
    del knot
    memory.give_back()
    assert (gone() is None) is not keeps_charts
    gc.collect()


@pytest.mark.parametrize("job", [memory.bound, memory.give_back])
def test_another_c_library_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, job: Callable[[], None]
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    job()
