from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinical.fhir import windows
from clinical.fhir.windows import Window, divide, kept, narrowed

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
START = NOW - timedelta(days=400)

moments = st.datetimes(
    START.replace(tzinfo=None), (NOW + timedelta(days=30)).replace(tzinfo=None)
).map(lambda moment: moment.replace(tzinfo=UTC))


@given(
    st.lists(moments, min_size=2, max_size=40),
    st.booleans(),
    st.none() | st.integers(0, 5000),
    st.booleans(),
    st.lists(moments, max_size=30),
)
def test_every_date_is_on_the_first_page_or_in_exactly_one_window(
    dates: list[datetime],
    newest_first: bool,
    total: int | None,
    bounded: bool,
    others: list[datetime],
) -> None:
    dates = sorted(dates, reverse=True) if newest_first else dates
    whole = Window(START if bounded else None, None)
    parts = divide(whole, dates, count=len(dates), total=total, now=NOW, slots=8)
    assume(parts)
    page_was_sorted = dates == sorted(dates, reverse=True)
    for moment in others:
        holders = sum(
            (part.start is None or part.start <= moment) and (part.end is None or moment < part.end)
            for part in parts
        )
        covered = page_was_sorted and moment > dates[-1]
        assert holders == 1 or (covered and holders <= 1) or (bounded and moment < START)


def test_a_sorted_page_is_not_asked_for_again() -> None:
    dates = [NOW - timedelta(days=day) for day in range(10)]
    parts = divide(Window(START, None), dates, count=10, total=100, now=NOW, slots=8)
    assert max(part.end for part in parts if part.end) == dates[-1] + timedelta(seconds=1)
    assert all(part.end is not None for part in parts)


def test_little_that_is_left_follows_the_next_link() -> None:
    dates = [NOW - timedelta(days=day) for day in range(100)]
    assert divide(Window(START, None), dates, count=100, total=140, now=NOW, slots=8) == ()


def test_a_record_without_a_beginning_ends_in_an_open_window() -> None:
    dates = [NOW - timedelta(days=day) for day in range(100)]
    parts = divide(Window(None, None), dates, count=100, total=400, now=NOW, slots=8)
    assert [part for part in parts if part.start is None] == [parts[-1]]


def test_an_unsorted_page_of_a_record_without_a_beginning_is_not_divided() -> None:
    dates = [NOW, NOW - timedelta(days=9), NOW - timedelta(days=3)]
    assert divide(Window(None, None), dates, count=3, total=400, now=NOW, slots=8) == ()


def test_all_at_one_moment_is_not_divided_without_end() -> None:
    same = [START] * 50
    assert divide(Window(START, None), same, count=50, total=500, now=NOW, slots=8) == ()


def test_bounds_replace_the_windows_of_the_search() -> None:
    params = (("patient", "1"), ("date", "ge2025"), ("_count", "9"))
    window = Window(START, NOW)
    assert narrowed(params, "date", window) == (
        ("patient", "1"),
        ("_count", "9"),
        ("date", "ge2025-05-11T12:00:00Z"),
        ("date", "lt2026-06-15T12:00:00Z"),
    )


@pytest.mark.parametrize(("outside", "keeps"), [(0, True), (1, True), (5, False)])
def test_a_page_keeps_to_its_window_or_does_not(outside: int, keeps: bool) -> None:
    window = Window(START, START + timedelta(days=10))
    dates = [START + timedelta(days=3)] * 20 + [NOW] * outside
    assert kept(window, dates) is keeps


def test_dates_that_cannot_be_read_are_left_out() -> None:
    assert windows.dates_of([]) == []
