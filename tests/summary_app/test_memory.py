"""Memory that is bounded and given back by the C library: where it can, and nowhere an error."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable

import pytest

from summary_app.summary.services import memory


class Glibc:
    """Takes down what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, ...]]] = []

    def mallopt(self, *given: int) -> int:
        self.asked.append(("mallopt", given))
        return 1

    def malloc_trim(self, *given: int) -> int:
        self.asked.append(("malloc_trim", given))
        return 1


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


@pytest.mark.parametrize("job", [memory.bound, memory.give_back])
def test_another_c_library_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, job: Callable[[], None]
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    job()
