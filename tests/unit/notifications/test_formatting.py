"""Times, money and people's text in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from kernel.money import Money
from kernel.wording import format_money, one_line
from notifications.formatting import (
    format_briefly,
    format_instant,
    format_span,
    have_same_clock,
    lines,
)

WINTER = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("language", "money", "text"),
    [
        ("en", Money(125_050, "EUR"), "1,250.50 EUR"),
        ("fr", Money(125_050, "EUR"), "1\xa0250,50 EUR"),
        ("en", Money(1_250, "JPY"), "1,250 JPY"),
        ("en", Money(5, "USD"), "0.05 USD"),
    ],
)
def test_money(language: str, money: Money, text: str) -> None:
    with translation.override(language):
        assert format_money(money) == text


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "Europe/Paris", "Tuesday 24 November 2026, 09:00–10:00 (Paris time, UTC+1)"),
        ("fr", "Europe/Paris", "mardi 24 novembre 2026, 09:00–10:00 (heure de Paris, UTC+1)"),
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
    assert span.hours == "08:00–Wednesday 25 November 2026, 04:00"


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
        assert format_briefly(WINTER, "Europe/Paris") == "mar 24 nov., 09:00"


def test_zones_are_compared_at_the_instant() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert have_same_clock(summer, "Europe/Paris", "Europe/Berlin")
    # Both are UTC+0 in winter only.
    assert have_same_clock(WINTER, "Europe/London", "UTC")
    assert not have_same_clock(summer, "Europe/London", "UTC")


def test_a_line_stays_one_line() -> None:
    assert one_line("a\r\nBcc: b\x00\x1b[1m \u2028c\u202egpj") == "a Bcc: b [1m cgpj"
    assert one_line("  Zoë  O’Neil 🔧 ") == "Zoë O’Neil 🔧"
    assert lines("one\r\n two\n\nthree\x07") == "one\ntwo\n\nthree"
