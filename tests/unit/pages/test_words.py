"""How far away an instant is, as pages say it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from pages.words import format_distance

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "away", "text"),
    [
        ("en", timedelta(days=3, hours=23), "in 3 days"),
        # The day after tomorrow by every calendar, or tomorrow: neither is said.
        ("en", timedelta(hours=47), "in 47 hours"),
        ("en", timedelta(minutes=119), "in 1 hour"),
        ("en", timedelta(seconds=59), "now"),
        ("en", timedelta(minutes=-5), "5 minutes ago"),
        ("fr", timedelta(days=2), "dans 2 jours"),
        ("fr", timedelta(hours=-1), "il y a 1 heure"),
        ("fr", timedelta(0), "maintenant"),
    ],
)
def test_distances(language: str, away: timedelta, text: str) -> None:
    with translation.override(language):
        assert format_distance(NOW + away, now=NOW) == text
