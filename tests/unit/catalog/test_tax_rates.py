"""Which rate of tax applies to a job: that of its day, by the calendar of the place."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from catalog.domain.entities import MAX_FORMER_TAX_RATES
from tests.factories.catalog import build_provider

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "changed_at", "midnight"),
    [
        ("UTC", "2027-01-10T12:00:00+00:00", "2027-01-10T00:00:00+00:00"),
        # The days of Auckland begin in the middle of those of UTC.
        ("Pacific/Auckland", "2027-01-10T12:00:00+00:00", "2027-01-10T11:00:00+00:00"),
        ("America/Chicago", "2027-01-10T05:59:59+00:00", "2027-01-09T06:00:00+00:00"),
        ("America/Chicago", "2027-01-10T06:00:00+00:00", "2027-01-10T06:00:00+00:00"),
        # A day of 25 hours, and one that has midnight twice: the change is made after the second.
        ("America/Chicago", "2027-11-08T05:30:00+00:00", "2027-11-07T05:00:00+00:00"),
        ("America/Havana", "2027-11-07T05:30:00+00:00", "2027-11-07T04:00:00+00:00"),
        # One that has none, and begins at one o'clock.
        ("Africa/Cairo", "2027-04-30T12:00:00+00:00", "2027-04-29T22:00:00+00:00"),
    ],
)
def test_another_rate_applies_from_the_local_day_on_which_it_is_entered(
    zone: str, changed_at: str, midnight: str
) -> None:
    provider = build_provider(time_zone=zone, tax_rate_basis_points=1900)
    changed = provider.with_tax_rate(700, datetime.fromisoformat(changed_at))
    first = datetime.fromisoformat(midnight)
    assert first.astimezone(ZoneInfo(zone)).day == datetime.fromisoformat(changed_at).astimezone(ZoneInfo(zone)).day
    assert [changed.tax_rate_at(at) for at in (first - SECOND, first, first + 300 * DAY)] == [1900, 700, 700]


def test_what_is_corrected_on_the_same_day_never_applied() -> None:
    noon = datetime.fromisoformat("2027-01-10T12:00:00+00:00")
    provider = build_provider(tax_rate_basis_points=1900)
    for hours, rate in ((0, 70), (1, 700), (2, 700)):
        provider = provider.with_tax_rate(rate, noon + timedelta(hours=hours))
    assert [provider.tax_rate_at(at) for at in (noon - DAY, noon, noon + DAY)] == [1900, 700, 700]
    assert len(provider.former_tax_rates) == 1


def test_each_of_many_rates_applies_to_its_own_days() -> None:
    noon = datetime.fromisoformat("2027-01-10T12:00:00+00:00")
    provider = build_provider(tax_rate_basis_points=0)
    for number in range(1, MAX_FORMER_TAX_RATES + 10):
        provider = provider.with_tax_rate(number, noon + number * DAY)
    assert len(provider.former_tax_rates) == MAX_FORMER_TAX_RATES
    kept = range(10, MAX_FORMER_TAX_RATES + 10)
    assert [provider.tax_rate_at(noon + number * DAY) for number in kept] == list(kept)
    assert all(earlier.until < later.until for earlier, later in pairwise(provider.former_tax_rates))
