"""Dates: precision, intervals, offsets, ages and words (rules 35-39 of part 3, rule 5 of part 9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical import dates
from clinical.dates import age_on, ago, format_date, format_time, parse_period, parse_time
from clinical.records import FhirTime

CHICAGO = "America/Chicago"
NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)


def time(text: str) -> FhirTime:
    found = parse_time(text)
    assert found is not None
    return found


def period(start: str | None, end: str | None) -> FhirTime:
    found = parse_period(start, end)
    assert found is not None
    return found


# ---- reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "precision", "start", "end"),
    [
        ("2024", "year", "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("2024-12", "month", "2024-12-01T00:00:00", "2025-01-01T00:00:00"),
        ("2024-02", "month", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
        ("2024-02-29", "day", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("2024-02-29T10:15", "minute", "2024-02-29T10:15:00", "2024-02-29T10:16:00"),
        ("2024-02-29T10:15:30Z", "second", "2024-02-29T10:15:30", "2024-02-29T10:15:31"),
        ("2024-02-29T23:30:00-06:00", "second", "2024-03-01T05:30:00", "2024-03-01T05:30:01"),
        ("2024-02-29T10:15:30.250Z", "second", "2024-02-29T10:15:30.250000", "2024-02-29T10:15:30.251000"),
        ("2024-02-29T10:15:30.1234567Z", "second", "2024-02-29T10:15:30.123456", "2024-02-29T10:15:30.123457"),
        ("2024-02-29T10:15:30.5-06:00", "second", "2024-02-29T16:15:30.500000", "2024-02-29T16:15:30.600000"),
        ("2016-12-31T23:59:60Z", "second", "2016-12-31T23:59:59", "2017-01-01T00:00:00"),
        ("2024-02-29 10:15:30", "second", "2024-02-29T10:15:30", "2024-02-29T10:15:31"),
        ("2024-02-29T10:15:30+0530", "second", "2024-02-29T04:45:30", "2024-02-29T04:45:31"),
    ],
)  # fmt: skip
def test_a_date_is_an_interval_of_the_precision_sent(
    text: str, precision: str, start: str, end: str
) -> None:
    found = time(text)
    assert (found.precision, found.text) == (precision, text)
    assert found.start == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert found.end == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "03/04/2005", "2024-13", "2024-02-30", "2024-2-3", "20240203", "24-02-03",
        "2024-W05", "2024-W05-1T00:00:00Z", "2024-02-03T25:00:00Z", "2024-02-03T24:00:00Z", "2024-02-03T10",
        "2024-02-03T10:00:00+25:00", "0001-01-01T00:00:00+14:00", "0000", "２０２４", "2024-02-03TZ",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59Z", "0001"])
def test_the_ends_of_the_calendar_do_not_break_anything(text: str) -> None:
    found = time(text)
    assert found.end is not None
    assert found.end > found.start


def test_no_date_is_no_date() -> None:
    assert parse_time(None) is None
    assert parse_period(None, None) is None


def test_a_time_without_a_zone_is_not_given_one() -> None:
    found = time("2024-02-29T23:30:00")
    assert (found.zone_known, format_date(found, CHICAGO), format_time(found, CHICAGO)) == (
        False,
        "29-Feb-2024",
        "23:30",
    )
    assert dates.zone_label(found, CHICAGO) == "zone not stated"


def test_a_date_alone_is_never_moved_by_a_zone() -> None:
    assert format_date(time("2024-03-01"), CHICAGO) == "01-Mar-2024"
    assert format_date(time("2024-03-01"), "Pacific/Auckland") == "01-Mar-2024"


def test_a_time_is_shown_on_the_clock_of_the_site_with_its_zone() -> None:
    found = time("2026-02-03T05:30:00Z")
    assert (format_date(found, CHICAGO), format_time(found, CHICAGO)) == ("02-Feb-2026", "23:30")
    assert dates.zone_label(found, CHICAGO) == "CST"
    assert dates.zone_label(time("2026-07-03T05:30:00Z"), CHICAGO) == "CDT"


@pytest.mark.parametrize(
    ("start", "end", "words", "is_open"),
    [
        ("2026-02-03", "2026-02-05", "03-Feb-2026 to 05-Feb-2026", False),
        ("2026-02-03", None, "since 03-Feb-2026", True),
        (None, "2026-02-05", "until 05-Feb-2026", False),
        ("2025", "2026-02", "2025 to Feb-2026", False),
        ("2026-02-03", "2026-02-03", "03-Feb-2026", False),
        ("2026-02-03T01:00:00-06:00", "2026-02-03T02:00:00-06:00", "03-Feb-2026", False),
    ],
)
def test_a_period_is_said_as_sent(
    start: str | None, end: str | None, words: str, is_open: bool
) -> None:
    found = period(start, end)
    assert (format_date(found, CHICAGO), found.end is None) == (words, is_open)


def test_a_period_with_an_unreadable_end_is_not_called_open() -> None:
    assert parse_period("2026-02-03", "soon") is None


def test_a_period_that_runs_backwards_is_the_span_between_its_ends() -> None:
    found = period("2026-02-05", "2026-02-03")
    assert (found.start.day, found.end.day if found.end else 0) == (3, 6)
    assert found.text == "2026-02-05/2026-02-03"


def test_a_closed_period_stands_at_its_end_and_an_open_one_at_its_start() -> None:
    assert dates.plot_time(period("2026-02-03", "2026-02-05")).day == 5
    assert dates.plot_time(period("2026-02-05", "2026-02-03")).day == 5
    assert dates.plot_time(period(None, "2026-02-05")).day == 5
    assert dates.plot_time(period("2026-02-03", None)).day == 3
    assert dates.plot_time(time("2026-02-03")).day == 3


# ---- properties -------------------------------------------------------------------------------------------------

moments = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29))  # noqa: DTZ001
offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(moments, offsets)
def test_an_offset_changes_the_text_and_not_the_moment(moment: datetime, zone: timezone) -> None:
    here = moment.replace(microsecond=0, tzinfo=zone)
    assert time(here.isoformat()).start == here
    assert time(here.astimezone(UTC).isoformat()).start == here


@given(moments, st.sampled_from([4, 7, 10]))
def test_a_coarser_date_contains_every_finer_one(moment: datetime, size: int) -> None:
    coarse, fine = time(moment.isoformat()[:size]), time(f"{moment:%Y-%m-%dT%H:%M:%S}".zfill(19))
    assert coarse.end is not None
    assert fine.end is not None
    assert coarse.start <= fine.start
    assert fine.end <= coarse.end


@given(st.dates(), st.dates())
def test_dates_order_as_the_calendar_does(one: date, other: date) -> None:
    assert (time(one.isoformat()).start < time(other.isoformat()).start) == (one < other)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = parse_time(text)
    assert found is None or found.text == text


@given(st.dates(), st.dates())
def test_a_date_reads_back_from_its_words(one: date, zone_day: date) -> None:
    words = format_date(time(one.isoformat()), CHICAGO)
    day, month, year = words.split("-")
    assert (int(day), int(year)) == (one.day, one.year)
    assert month == datetime(2000, one.month, 1, tzinfo=UTC).strftime("%b")


# ---- age --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "day", "words"),
    [
        ("1968-04-09", "2026-02-03", "57 y"),
        ("1968-02-03", "2026-02-03", "58 y"),
        ("1968-02-04", "2026-02-03", "57 y"),
        ("2024-02-29", "2026-02-28", "23 mo"),
        ("2024-02-03", "2026-02-03", "2 y"),
        ("2025-12-20", "2026-02-03", "45 d"),
        ("2026-02-03", "2026-02-03", "0 d"),
        ("1968", "2026-02-03", "about 57 y"),
        ("1968-04", "2026-02-03", "about 57 y"),
    ],
)
def test_an_age_is_as_exact_as_the_birth_date(birth: str, day: str, words: str) -> None:
    age = age_on(time(birth), date.fromisoformat(day))
    assert age is not None
    assert age.words == words


def test_there_is_no_age_before_birth_or_without_a_birth_date() -> None:
    assert age_on(time("2026-02-04"), date(2026, 2, 3)) is None
    assert age_on(None, date(2026, 2, 3)) is None


def test_a_birth_later_this_year_is_still_possible() -> None:
    age = age_on(time("2026"), date(2026, 2, 3))
    assert age is not None
    assert (age.born_from, age.born_to) == (date(2026, 1, 1), date(2026, 2, 3))


def test_an_age_can_be_asked_for_the_time_of_a_specimen() -> None:
    age = age_on(time("2000-01-01"), time("2026-02-03T08:00:00Z"))
    assert age is not None
    assert age.years == 26
    assert age_on(time("2000-01-01"), NOW) == age


# ---- how long ago -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-02-03T11:59:30Z", "now"),
        ("2026-02-03T11:48:00Z", "12 min"),
        ("2026-02-03T09:30:00Z", "2 h"),
        ("2026-02-01T13:00:00Z", "47 h"),
        ("2026-01-23T12:00:00Z", "11 d"),
        ("2025-07-01T12:00:00Z", "7 mo"),
        ("2023-02-01T12:00:00Z", "3 y"),
        ("2026-02-03T14:30:00Z", "in 2 h"),
        ("2026-02-03", "today"),
        ("2026-02-02", "1 d"),
        ("2026-02-10", "in 7 d"),
        ("2026-02", "this month"),
        ("2025-07", "7 mo"),
        ("2026-04", "in 2 mo"),
        ("2020-01", "6 y"),
        ("2026", "this year"),
        ("2023", "3 y"),
    ],
)
def test_how_long_ago_is_never_finer_than_what_was_sent(text: str, words: str) -> None:
    assert ago(time(text), NOW) == words


def test_how_long_ago_counts_days_on_the_calendar_of_the_site() -> None:
    from zoneinfo import ZoneInfo

    late = datetime(2026, 2, 4, 3, 0, tzinfo=UTC).astimezone(ZoneInfo(CHICAGO))
    assert ago(time("2026-02-03"), late) == "today"


def test_how_long_ago_takes_a_plain_moment_and_a_period() -> None:
    assert ago(NOW - timedelta(minutes=5), NOW) == "5 min"
    assert ago(period("2026-01-01", "2026-01-23"), NOW) == "11 d"
    assert ago(period("2026-02-03T08:00:00Z", None), NOW) == "4 h"


# ---- rule 38: implausible ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-02-03T12:04:00Z", ""),
        ("2026-02-03T12:06:00Z", "in the future"),
        ("2026-02-04", ""),
        ("2026-02-05", "in the future"),
        ("2026", ""),
        ("1968-04-08", ""),
        ("1968-04-07", "before birth"),
        ("1968", ""),
    ],
)
def test_a_time_that_cannot_be_is_named(text: str, why: str) -> None:
    assert dates.implausible(time(text), as_of=NOW, birth=time("1968-04-09")) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2025-12-01T23:00:00-06:00", ""),
        ("2025-12-02", ""),
        ("2025", ""),
        ("2025-12-20", "after death"),
        ("2026-01", "after death"),
    ],
)
def test_a_time_after_death_is_named(text: str, why: str) -> None:
    assert dates.implausible(time(text), as_of=NOW, death=time("2025-12-01")) == why


def test_nothing_is_implausible_without_something_to_compare_with() -> None:
    assert dates.implausible(time("1900"), as_of=NOW) == ""


def test_no_time_has_no_words() -> None:
    assert (format_date(None, CHICAGO), format_time(None, CHICAGO)) == ("", "")
    assert (format_time(time("2026"), CHICAGO), dates.zone_label(None, CHICAGO)) == ("", "")
