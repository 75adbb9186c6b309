"""How far away an instant is, and how a booking stands, as pages say it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from bookings.domain import Action
from kernel.actors import Role
from pages.words import booking_badge, category_typed, format_distance
from tests.factories.letters import make_booking

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


def test_what_is_over_waits_for_the_provider_s_word_and_for_nobody_else_s() -> None:
    booking = make_booking(Action.CONFIRM)
    over, before = booking.ends_at, booking.ends_at - timedelta(seconds=1)
    badges = {
        (party, instant): booking_badge(booking, party, instant)
        for party in (Role.PROVIDER, Role.CUSTOMER, None)
        for instant in (before, over)
    }

    due = badges.pop((Role.PROVIDER, over))
    assert (due.word, due.tone) == ("Done?", "waiting")
    assert {(badge.word, badge.tone) for badge in badges.values()} == {("Confirmed", "confirmed")}
    done = booking_badge(make_booking(Action.CONFIRM, Action.COMPLETE), Role.PROVIDER, over)
    assert (done.word, done.tone) == ("Done", "")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("plumbing", "plumbing"),
        ("Plumbers", "plumbing"),
        ("plombiers", "plumbing"),
        ("electricien", "electrical"),
        ("Femme de m\u00e9nage", "cleaning"),
        ("moss removal", ""),
        ("gutter cleaning", ""),
        ("", ""),
    ],
)
def test_who_does_a_trade_names_it_in_every_language(language: str, typed: str, slug: str) -> None:
    with translation.override(language):
        assert category_typed(typed) == slug
