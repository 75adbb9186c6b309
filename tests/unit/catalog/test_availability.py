from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from catalog.domain import (
    Offer,
    Provider,
    blocked_cells,
    check_bookable,
    check_start,
    day_bounds,
    offered_starts,
    open_spans,
    parse_hours,
)
from kernel.errors import ConflictError, InvalidInputError, UnprocessableError
from tests.factories.catalog import OFFICE_HOURS, build_provider, build_service

MINUTE = timedelta(minutes=1)
# Spans that touch midnight, meet, and lie where clocks change, on every day of the week.
ROUND_THE_CLOCK = {
    "mon": [["00:00", "02:30"], ["22:00", "24:00"]],
    "tue": [["00:00", "24:00"]],
    "wed": [["01:15", "03:00"], ["03:00", "09:00"]],
    "thu": [["02:10", "02:50"], ["12:00", "23:45"]],
    "fri": [["00:30", "01:30"], ["23:00", "24:00"]],
    "sat": [["00:00", "01:00"], ["02:00", "03:00"], ["23:30", "24:00"]],
    "sun": [["00:00", "02:20"], ["02:40", "04:00"], ["23:00", "24:00"]],
}


def transitions(zone: ZoneInfo) -> list[datetime]:
    """The days, in UTC, from 2024 to 2035 in which the zone's offset changes."""
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(12 * 366)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day for day, offset, later in zip(days, offsets, offsets[1:], strict=False) if offset != later]


def zones_by_behaviour() -> list[tuple[str, list[datetime]]]:
    """One zone of each group that has the same clock from 2024 to 2035, with the days of its changes."""
    groups: dict[Any, tuple[str, list[datetime]]] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        changes = transitions(zone)
        moments = [datetime(2024, 1, 1, tzinfo=UTC), *(change + timedelta(days=1) for change in changes)]
        behaviour = (tuple(changes), tuple(moment.astimezone(zone).utcoffset() for moment in moments))
        groups.setdefault(behaviour, (name, changes))
    return list(groups.values())


def open_minutes(provider: Provider, start: datetime, end: datetime) -> list[datetime]:
    """The oracle: every minute is asked for its wall time."""
    zone = ZoneInfo(provider.time_zone)
    found = []
    minute = start
    while minute < end:
        wall = minute.astimezone(zone)
        spans = provider.hours.spans_on(wall.date())
        if any(opens <= wall.hour * 60 + wall.minute < closes for opens, closes in spans):
            found.append(minute)
        minute += MINUTE
    return found


def minutes_of(spans: list[tuple[datetime, datetime]]) -> list[datetime]:
    return [opens + number * MINUTE for opens, closes in spans for number in range((closes - opens) // MINUTE)]


def test_open_time_is_right_around_the_clock_changes_of_every_zone() -> None:
    random = Random(1)  # noqa: S311
    hours = parse_hours(ROUND_THE_CLOCK, {"2028-02-29": [["00:00", "03:30"]], "2030-03-31": [["01:30", "02:30"]]})
    checked = 0
    for name, changes in zones_by_behaviour():
        provider = build_provider(hours=hours, time_zone=name)
        ordinary = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=random.randrange(12 * 8766))
        for moment in [ordinary, *random.sample(changes, min(4, len(changes)))]:
            start = moment - timedelta(minutes=random.randrange(600))
            end = start + timedelta(minutes=2400)
            assert minutes_of(open_spans(provider, start, end)) == open_minutes(provider, start, end), (name, moment)
            checked += 1
    assert checked > 180


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def open_hours(provider: Provider, day: date) -> float:
    start, end = day_bounds(provider, day)
    return sum((closes - opens).total_seconds() for opens, closes in open_spans(provider, start, end)) / 3600


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        # Clocks go from 02:00 to 03:00, and from 02:00 back to 01:00.
        ("America/Chicago", date(2026, 3, 8), 3),
        ("America/Chicago", date(2026, 11, 1), 5),
        # Half an hour, at 02:00.
        ("Australia/Lord_Howe", date(2026, 10, 4), 3.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 4.5),
        # No changes, and an offset of 5:45.
        ("Asia/Kathmandu", date(2026, 3, 29), 4),
        ("Pacific/Apia", date(2026, 4, 5), 4),
        # Clocks go from midnight to 01:00: the day begins at 01:00.
        ("Africa/Cairo", date(2026, 4, 24), 3),
    ],
)
def test_a_skipped_hour_is_not_open_and_a_repeated_one_is_open_twice(zone: str, day: date, hours: float) -> None:
    provider = build_provider(hours=parse_hours({}, {day.isoformat(): [["00:00", "04:00"]]}), time_zone=zone)
    assert open_hours(provider, day) == hours


def test_the_date_that_apia_skipped_has_no_open_time() -> None:
    provider = build_provider(hours=parse_hours({}, {"2011-12-30": [["00:00", "24:00"]]}), time_zone="Pacific/Apia")
    assert open_spans(provider, at("2011-12-28T00:00"), at("2012-01-02T00:00")) == []


def test_a_repeated_hour_is_offered_twice() -> None:
    provider = build_provider(hours=parse_hours({}, {"2026-11-01": [["01:00", "02:00"]]}), time_zone="America/Chicago")
    starts = offered_starts(
        provider,
        duration_minutes=60,
        start=at("2026-11-01T00:00"),
        end=at("2026-11-02T00:00"),
        claimed_cells=frozenset(),
        now=at("2026-10-01T00:00"),
    )
    # 01:00 CDT to 02:00 CST is two hours, so an hour fits from 06:00 to 07:00 UTC.
    assert starts == [at("2026-11-01T06:00") + timedelta(minutes=15 * number) for number in range(5)]


def test_an_appointment_may_go_on_over_midnight_where_both_days_are_open() -> None:
    hours = parse_hours({"mon": [["20:00", "24:00"]], "tue": [["00:00", "02:00"]]}, {})
    provider = build_provider(hours=hours, time_zone="Europe/Paris")
    check_start(
        provider,
        duration_minutes=360,
        starts_at=at("2026-06-01T20:00", "Europe/Paris"),
        now=at("2026-05-01T00:00"),
    )


def is_offered(provider: Provider, minutes: int, instant: datetime, claimed: set[int], now: datetime) -> bool:
    try:
        check_start(provider, duration_minutes=minutes, starts_at=instant, now=now)
    except UnprocessableError:
        return False
    before, after = provider.buffer_before_minutes, provider.buffer_after_minutes
    return claimed.isdisjoint(blocked_cells(instant, minutes, before, after))


def test_offered_starts_are_those_that_check_start_accepts_and_whose_cells_are_free() -> None:
    random = Random(2)  # noqa: S311
    offered = 0
    for _ in range(60):
        provider = build_provider(
            hours=parse_hours(ROUND_THE_CLOCK, {"2026-03-29": [["01:00", "08:00"]]}),
            time_zone=random.choice(["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"]),
            minimum_notice_minutes=random.choice([0, 7, 600]),
            horizon_days=random.choice([1, 2, 60]),
            buffer_before_minutes=random.choice([0, 5, 30]),
            buffer_after_minutes=random.choice([0, 15, 40]),
        )
        minutes = random.choice([15, 50, 60, 240])
        start = at("2026-03-28T00:00") + timedelta(minutes=random.randrange(1440))
        parts_of_a_second = [timedelta(microseconds=random.choice([0, 1, 999_999])) for _ in range(2)]
        end = start + timedelta(minutes=random.randrange(1, 2880)) + parts_of_a_second[0]
        now = start - timedelta(minutes=random.randrange(-60, 2880)) + parts_of_a_second[1]
        first = int(start.timestamp()) // 900
        claimed = {first + random.randrange(-8, 200) for _ in range(random.choice([0, 3, 12]))}
        instants = [start + number * MINUTE for number in range(-((start - end) // MINUTE))]
        found = offered_starts(provider, duration_minutes=minutes, start=start, end=end, claimed_cells=claimed, now=now)
        assert found == [instant for instant in instants if is_offered(provider, minutes, instant, claimed, now)]
        offered += len(found)
    assert offered > 500


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("2026-06-01T09:07", "not_aligned"),
        ("2026-06-01T09:00:00.5", "not_aligned"),
        ("2026-06-01T09:45", "too_soon"),
        ("2026-06-12T09:00", "too_far"),
        ("2026-06-06T09:00", "outside_working_hours"),
        ("2026-06-02T16:15", "outside_working_hours"),
        ("2026-06-02T08:45", "outside_working_hours"),
    ],
)
def test_a_refused_start_names_the_field_and_the_reason(starts_at: str, code: str) -> None:
    provider = build_provider(hours=parse_hours(OFFICE_HOURS, {}), minimum_notice_minutes=60, horizon_days=10)
    with pytest.raises(UnprocessableError) as caught:
        check_start(provider, duration_minutes=60, starts_at=at(starts_at), now=at("2026-06-01T09:00"))
    assert [(error.field, error.code) for error in caught.value.errors] == [("starts_at", code)]


@pytest.mark.parametrize(
    ("notice", "starts_at", "reason"),
    [
        (60, "2026-06-01T09:45", "This provider takes requests up to 1 hour before the start."),
        (60, "2026-06-01T08:45", "This time is over. Choose a later one."),
        # It takes requests at any time, but not for what is over.
        (0, "2026-06-01T08:45", "This time is over. Choose a later one."),
    ],
)
def test_a_start_that_is_over_is_not_told_of_the_notice(notice: int, starts_at: str, reason: str) -> None:
    provider = build_provider(hours=parse_hours(OFFICE_HOURS, {}), minimum_notice_minutes=notice)
    with pytest.raises(UnprocessableError) as caught:
        check_start(provider, duration_minutes=60, starts_at=at(starts_at), now=at("2026-06-01T09:00"))
    assert [(error.code, str(error.message)) for error in caught.value.errors] == [("too_soon", reason)]


@pytest.mark.parametrize("starts_at", ["2026-06-01T10:00", "2026-06-11T09:00", "2026-06-02T16:00"])
def test_notice_horizon_and_closing_time_are_inclusive(starts_at: str) -> None:
    provider = build_provider(hours=parse_hours(OFFICE_HOURS, {}), minimum_notice_minutes=60, horizon_days=10)
    check_start(provider, duration_minutes=60, starts_at=at(starts_at), now=at("2026-06-01T09:00"))


def test_a_start_without_offset_is_invalid() -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_start(
            build_provider(),
            duration_minutes=60,
            starts_at=datetime(2026, 6, 1, 9),  # noqa: DTZ001  (the point)
            now=at("2026-06-01T00:00"),
        )
    assert not isinstance(caught.value, UnprocessableError)
    assert [error.field for error in caught.value.errors] == ["starts_at"]


@pytest.mark.parametrize(("active", "accepting"), [(False, True), (True, False)])
def test_what_is_inactive_or_paused_cannot_be_booked(active: bool, accepting: bool) -> None:
    offer = Offer(build_service(active=active), build_provider(accepting_bookings=accepting))
    with pytest.raises(ConflictError) as caught:
        check_bookable(offer)
    assert caught.value.code == "not_bookable"
    check_bookable(Offer(build_service(), build_provider()))
