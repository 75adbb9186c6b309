"""Instants, spans and lengths of time in words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from kernel.wording.times import (
    format_briefly,
    format_calendar_day,
    format_dates,
    format_instant,
    format_length,
    format_span,
    format_span_elsewhere,
    format_zone_throughout,
    have_same_clock,
)

WINTER = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "Europe/Paris", "Tuesday 24 November 2026, 09:00–10:00 (Paris time, UTC+1)"),
        ("fr", "Europe/Paris", "mardi 24 novembre 2026, 09:00–10:00 (heure de Paris, UTC+1)"),
        ("fr", "Europe/Amsterdam", "mardi 24 novembre 2026, 09:00–10:00 (heure d’Amsterdam, UTC+1)"),
        ("en", "America/New_York", "Tuesday 24 November 2026, 03:00–04:00 (New York time, UTC-5)"),
        ("en", "Asia/Kolkata", "Tuesday 24 November 2026, 13:30–14:30 (Kolkata time, UTC+5:30)"),
        ("en", "UTC", "Tuesday 24 November 2026, 08:00–09:00 (UTC)"),
    ],
)
def test_spans(language: str, zone: str, text: str) -> None:
    with translation.override(language):
        assert str(format_span(WINTER, WINTER + HOUR, zone)) == text


def test_a_span_over_midnight_names_both_days() -> None:
    span = format_span(WINTER, WINTER + 20 * HOUR, "UTC")
    assert span.hours == "08:00 – Wednesday 25 November 2026, 04:00"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """On 25 October 2026 clocks in Paris go from 03:00 back to 02:00."""
    first = format_instant(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Paris")
    second = format_instant(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Paris")
    assert (first, second) == (
        "Sunday 25 October 2026, 02:30 (Paris time, UTC+2)",
        "Sunday 25 October 2026, 02:30 (Paris time, UTC+1)",
    )


def test_a_subject_has_the_short_form() -> None:
    assert format_briefly(WINTER, "Europe/Paris") == "Tue 24 Nov., 09:00"
    with translation.override("fr"):
        assert format_briefly(WINTER, "Europe/Paris") == "mar. 24 nov. à 09:00"


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    first = date(2026, 12, 1)
    assert format_calendar_day(first, "D j N Y") == "Tue 1 Dec. 2026"
    with translation.override("fr"):
        assert format_calendar_day(first, "l j F") == "mardi 1er décembre"
        assert format_calendar_day(first, "D j N") == "mar. 1er déc."
        assert format_calendar_day(date(2026, 12, 11), "j F") == "11 décembre"


def test_the_reader_s_own_clocks_are_told_only_where_they_differ() -> None:
    span = format_span_elsewhere(WINTER, WINTER + HOUR, "Europe/Paris", "Asia/Kolkata")
    assert str(span) == "Tuesday 24 November 2026, 13:30–14:30 (Kolkata time, UTC+5:30)"
    assert format_span_elsewhere(WINTER, WINTER + HOUR, "Europe/Paris", "Europe/Berlin") is None
    assert format_span_elsewhere(WINTER, WINTER + HOUR, "Europe/Paris", None) is None


def test_zones_are_compared_at_the_instant() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert have_same_clock(summer, summer + HOUR, "Europe/Paris", "Europe/Berlin")
    # Both are UTC+0 in winter only.
    assert have_same_clock(WINTER, WINTER + HOUR, "Europe/London", "UTC")
    assert not have_same_clock(summer, summer + HOUR, "Europe/London", "UTC")


@pytest.mark.parametrize(
    ("zone", "starts_at", "text"),
    [
        # The hour that comes twice, and the hour that is left out.
        (
            "America/Chicago",
            datetime(2027, 11, 7, 6, 30, tzinfo=UTC),
            "Sunday 7 November 2027, 01:30 (UTC-5) – 01:30 (UTC-6) (Chicago time)",
        ),
        (
            "America/Chicago",
            datetime(2027, 3, 14, 7, 30, tzinfo=UTC),
            "Sunday 14 March 2027, 01:30 (UTC-6) – 03:30 (UTC-5) (Chicago time)",
        ),
        # By half an hour only.
        (
            "Australia/Lord_Howe",
            datetime(2027, 4, 3, 14, 30, tzinfo=UTC),
            "Sunday 4 April 2027, 01:30 (UTC+11) – 02:00 (UTC+10:30) (Lord Howe time)",
        ),
        # At midnight, when the date changes, too.
        (
            "Asia/Beirut",
            datetime(2027, 3, 27, 21, 30, tzinfo=UTC),
            "Saturday 27 March 2027, 23:30 (UTC+2) – Sunday 28 March 2027, 01:30 (UTC+3) (Beirut time)",
        ),
    ],
)
def test_a_span_over_a_clock_change_has_the_offset_of_each_end(zone: str, starts_at: datetime, text: str) -> None:
    assert str(format_span(starts_at, starts_at + HOUR, zone)) == text


@pytest.mark.parametrize(
    ("language", "zone", "days", "text"),
    [
        ("en", "Europe/London", 1, "London time, UTC+0"),
        ("en", "Europe/London", 7, "London time"),
        ("fr", "America/Chicago", 7, "heure de Chicago, UTC-5"),
        ("fr", "Europe/Amsterdam", 7, "heure d’Amsterdam"),
    ],
)
def test_a_zone_has_no_offset_while_its_clocks_change(language: str, zone: str, days: int, text: str) -> None:
    """On 28 March 2027 clocks change in Europe, two weeks after America."""
    first = datetime(2027, 3, 22, tzinfo=UTC)
    with translation.override(language):
        assert format_zone_throughout(first, first + timedelta(days=days), zone) == text


def test_zones_are_compared_at_both_ends() -> None:
    """On 28 March 2027 London leaves UTC at 01:00."""
    starts_at = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    assert have_same_clock(starts_at, starts_at, "Europe/London", "UTC")
    assert not have_same_clock(starts_at, starts_at + HOUR, "Europe/London", "UTC")


def test_the_dates_of_a_span_are_those_of_both_ends() -> None:
    assert format_dates(WINTER, WINTER + HOUR, "UTC") == ("24 November 2026",)
    assert format_dates(WINTER, WINTER + 15 * HOUR, "Europe/Paris") == ("24 November 2026", "25 November 2026")


@pytest.mark.parametrize(
    ("language", "length", "text"),
    [
        ("en", timedelta(minutes=1), "1 minute"),
        ("en", timedelta(minutes=90), "90 minutes"),
        ("en", timedelta(hours=24), "1 day"),
        ("fr", timedelta(hours=2), "2 heures"),
        ("fr", timedelta(days=90), "90 jours"),
        ("en", timedelta(), "0 minutes"),
    ],
)
def test_lengths(language: str, length: timedelta, text: str) -> None:
    with translation.override(language):
        assert format_length(length) == text
