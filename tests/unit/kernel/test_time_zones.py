"""One list of time zones, in which every name of a zone finds its place."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from kernel.time_zones import canonical_time_zone, earliest_date, time_zone_names


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("US/Pacific", "America/Los_Angeles"),
        ("EST5EDT", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("GB", "Europe/London"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("Africa/Asmera", "Africa/Asmara"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT", "UTC"),
        ("Etc/GMT+5", None),
        ("Etc/GMT-14", None),
        ("Factory", None),
        ("localtime", None),
        ("Europe/Atlantis", None),
        ("europe/paris", None),
        ("../../etc/passwd", None),
        ("", None),
    ],
)
def test_a_zone_has_one_name(name: str, canonical: str | None) -> None:
    assert canonical_time_zone(name) == canonical


def test_every_name_of_the_list_is_a_zone_that_clocks_know() -> None:
    for name in time_zone_names():
        assert ZoneInfo(name).key == name
        assert canonical_time_zone(name) == name
    assert len(time_zone_names()) == len(set(time_zone_names())) > 400


def test_no_name_is_lost_but_those_without_a_place() -> None:
    lost = {name for name in available_timezones() if canonical_time_zone(name) is None}
    assert all(name.startswith("Etc/GMT") for name in lost - {"Factory", "localtime", "posixrules"})


@pytest.mark.parametrize("day", [datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)])
def test_an_alias_shows_the_same_clock_as_its_place(day: datetime) -> None:
    # But Panama never changes its clocks, as EST never did.
    for name in available_timezones():
        canonical = canonical_time_zone(name)
        if canonical is not None:
            assert day.astimezone(ZoneInfo(name)).utcoffset() == day.astimezone(ZoneInfo(canonical)).utcoffset(), name


@pytest.mark.parametrize(
    ("hour", "countries", "day"),
    [
        # In the evening of America it is tomorrow by UTC; in the Pacific it was tomorrow before.
        (2, {"US"}, 30),
        (11, {"US"}, 1),
        (2, {"FR"}, 1),
        (23, {"FR"}, 2),
        (11, {"NZ"}, 2),
        (2, {"FR", "US", "NZ"}, 30),
        # Where nobody knows: as long as it is so anywhere.
        (11, set(), 30),
        (12, {"XX"}, 1),
    ],
)
def test_the_earliest_date(hour: int, countries: set[str], day: int) -> None:
    assert earliest_date(datetime(2026, 12, 1, hour, tzinfo=UTC), countries) == date(2026, 11 if day == 30 else 12, day)
