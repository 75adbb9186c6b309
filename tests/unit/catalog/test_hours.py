from datetime import date
from typing import Any

import pytest

from catalog.domain import parse_hours
from catalog.domain.hours import MAX_EXCEPTIONS
from kernel.errors import InvalidInputError


def test_hours_are_written_as_they_were_read() -> None:
    weekly = {"mon": [["09:00", "12:30"], ["13:00", "24:00"]], "sun": [["00:00", "00:15"]]}
    exceptions = {"2026-12-31": [["09:00", "12:00"]], "2026-12-24": []}
    hours = parse_hours(weekly, exceptions)
    plan = hours.weekly_plan()
    assert plan == {day: weekly.get(day, []) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    assert list(hours.exception_plan().items()) == [("2026-12-24", []), ("2026-12-31", [["09:00", "12:00"]])]
    assert parse_hours(plan, hours.exception_plan()) == hours


def test_an_exception_replaces_the_whole_day() -> None:
    hours = parse_hours({"thu": [["09:00", "17:00"]]}, {"2026-12-24": [["10:00", "11:00"]], "2026-12-31": []})
    assert hours.spans_on(date(2026, 12, 17)) == ((540, 1020),)
    assert hours.spans_on(date(2026, 12, 24)) == ((600, 660),)
    assert hours.spans_on(date(2026, 12, 31)) == ()


def test_spans_are_put_in_order() -> None:
    hours = parse_hours({"mon": [["13:00", "17:00"], ["09:00", "13:00"]]}, {})
    assert hours.weekly_plan()["mon"] == [["09:00", "13:00"], ["13:00", "17:00"]]


@pytest.mark.parametrize(
    ("weekly", "exceptions", "field", "code"),
    [
        ({"monday": []}, {}, "weekly.monday", "unknown"),
        ({"mon": [["9:00", "17:00"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [["09:00", "24:01"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [["24:00", "24:00"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [["17:00", "09:00"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [["09:00", "09:00"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [["09:00", "12:00\n"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [["09:00"]]}, {}, "weekly.mon", "invalid"),
        ({"mon": [[9, 17]]}, {}, "weekly.mon", "invalid"),
        ({"mon": ["09:00", "17:00"]}, {}, "weekly.mon", "invalid"),
        ({"mon": "09:00-17:00"}, {}, "weekly.mon", "invalid"),
        ({"mon": None}, {}, "weekly.mon", "invalid"),
        ({"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}, {}, "weekly.mon", "overlapping"),
        ({"mon": [[f"0{hour}:00", f"0{hour}:30"] for hour in range(7)]}, {}, "weekly.mon", "too_many"),
        ({}, {"20261224": []}, "exceptions.20261224", "invalid"),
        ({}, {"2026-12-24\n": []}, "exceptions.2026-12-24\n", "invalid"),
        ({}, {"2026-02-30": []}, "exceptions.2026-02-30", "no_such_day"),
        ({}, {"2026-W52-4": []}, "exceptions.2026-W52-4", "invalid"),
        ({}, {"2026-12-24": [["x", "y"]]}, "exceptions.2026-12-24", "invalid"),
        ({}, {f"{2027 + n // 28}-02-{1 + n % 28:02}": [] for n in range(MAX_EXCEPTIONS + 1)}, "exceptions", "too_many"),
    ],
)
def test_what_is_wrong_is_named(weekly: Any, exceptions: Any, field: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_hours(weekly, exceptions)
    assert [(error.field, error.code) for error in caught.value.errors] == [(field, code)]


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_hours({"mon": [["x", "y"]], "tue": [["09:00", "08:00"]]}, {"never": []})
    assert [error.field for error in caught.value.errors] == ["weekly.mon", "weekly.tue", "exceptions.never"]
