from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.domain import (
    CATEGORIES,
    MAX_BLOCKED_CELLS,
    Point,
    ProviderSearch,
    RatingSummary,
    ServiceSearch,
    Sort,
    blocked_cells,
    cell_position,
    check_may_manage,
    checked_values,
)
from catalog.domain.cells import cell_start, first_cell
from catalog.domain.rules import BUFFER_MINUTES, DURATION_MINUTES, ProfileValues, ServiceValues
from kernel.actors import Actor, Role
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import provider_id_for
from kernel.money import Money


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "A"}, "name"),
        ({"name": "A" * 81}, "name"),
        ({"name": "Maple\nPlumbing"}, "name"),
        ({"name": "Maple\x00Plumbing"}, "name"),
        ({"description": "x" * 2001}, "description"),
        ({"description": "bell\x07"}, "description"),
        ({"city": ""}, "city"),
        ({"city": "\u200b\u2060"}, "city"),
        ({"name": "gpj\u202eexe"}, "name"),
        ({"tax_number": "\u2800"}, "tax_number"),
        ({"country": "USA"}, "country"),
        ({"country": "UK"}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"country": "XX"}, "country"),
        ({"country": "EU"}, "country"),
        ({"country": "us"}, "country"),
        ({"latitude": 90.1}, "latitude"),
        ({"longitude": -180.1}, "longitude"),
        ({"latitude": float("nan")}, "latitude"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "localtime"}, "time_zone"),
        ({"time_zone": "EST"}, "time_zone"),
        ({"minimum_notice_minutes": -1}, "minimum_notice_minutes"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizon_days": 366}, "horizon_days"),
        ({"buffer_before_minutes": 121}, "buffer_before_minutes"),
        ({"late_cancellation_percent": 101}, "late_cancellation_percent"),
        ({"tax_rate_basis_points": 5001}, "tax_rate_basis_points"),
        ({"tax_number": "9" * 41}, "tax_number"),
        ({"category": "witchcraft"}, "category"),
        ({"duration_minutes": 14}, "duration_minutes"),
        ({"duration_minutes": 481}, "duration_minutes"),
        ({"price": Money(-1, "USD")}, "price.amount"),
        ({"price": Money(1, "XXX")}, "price.currency"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(values: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked_values(values)
    assert [error.field for error in caught.value.errors] == [field]


def test_allowed_values_are_kept_in_one_spelling() -> None:
    values = ProfileValues(
        name=" Socie\u0301te\u0301 Ge\u0301ne\u0301rale d'E\u0301lectricite\u0301 ",
        description="First line\r\nSecond line",
        country="FR",
        time_zone="Europe/Paris",
        latitude=-90,
        longitude=180,
        accepting_bookings=False,
    )
    kept = checked_values(values)
    assert kept["name"] == "Soci\u00e9t\u00e9 G\u00e9n\u00e9rale d'\u00c9lectricit\u00e9"
    assert kept["description"] == "First line\nSecond line"
    assert {**kept, "name": "", "description": ""} == {**values, "name": "", "description": ""}
    checked_values(ServiceValues(category="electrical", price=Money(0, "JPY")))


def test_a_code_in_everyday_use_is_refused_with_the_one_that_is_meant() -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked_values(ProfileValues(country="UK"))
    assert "GB" in str(caught.value.errors[0].message)


def test_the_longest_appointment_fits_into_the_cells_that_a_booking_may_block() -> None:
    longest = blocked_cells(
        datetime(2026, 6, 1, tzinfo=UTC), DURATION_MINUTES.most, BUFFER_MINUTES.most, BUFFER_MINUTES.most
    )
    assert len(longest) == MAX_BLOCKED_CELLS


def test_blocked_time_is_rounded_out_to_cells() -> None:
    cells = blocked_cells(datetime(2026, 6, 1, 12, tzinfo=UTC), 50, 5, 10)
    assert [cell_start(cell).strftime("%H:%M") for cell in cells] == ["11:45", "12:00", "12:15", "12:30", "12:45"]


def test_a_cell_knows_its_day() -> None:
    cells = blocked_cells(datetime(2026, 6, 1, 23, 45, tzinfo=UTC), 30)
    assert [(str(day), index) for day, index in map(cell_position, cells)] == [("2026-06-01", 95), ("2026-06-02", 0)]
    assert first_cell(cell_position(cells[1])[0]) == cells[1]


def test_the_mean_rating_is_rounded_to_hundredths() -> None:
    rating = RatingSummary()
    assert rating.average == 0
    for stars in (5, 5, 4):
        rating = rating.with_rating(stars)
    assert (rating.sum, rating.count, rating.average, rating.numbers) == (14, 3, 467, (0, 0, 0, 1, 2))
    assert rating.adds_up
    assert not RatingSummary(14, 3).adds_up


def test_twelve_categories_have_distinct_slugs() -> None:
    assert len({category.slug for category in CATEGORIES}) == len(CATEGORIES) == 12


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"city": "Austin"}, "country"),
        ({"country": "US"}, "city"),
        ({"city": "Austin", "country": "US", "near": Point(0, 0)}, "city"),
        ({"radius_km": 5}, "near"),
        ({"sort": Sort.DISTANCE}, "sort"),
        ({"price_min": 2, "price_max": 1}, "price_max"),
    ],
)
def test_filters_that_do_not_go_together_are_named(filters: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ServiceSearch(**filters)
    assert [error.field for error in caught.value.errors] == [field]


def test_a_city_of_providers_needs_its_country() -> None:
    with pytest.raises(InvalidInputError):
        ProviderSearch(city="Austin")


def test_the_nearest_or_else_the_best_rated_come_first() -> None:
    assert ServiceSearch().order is Sort.RATING
    assert ServiceSearch(near=Point(0, 0)).order is Sort.DISTANCE
    assert ServiceSearch(near=Point(0, 0), sort=Sort.PRICE).order is Sort.PRICE


@pytest.mark.parametrize(
    ("role", "owns", "error"),
    [
        (Role.PROVIDER, True, None),
        (Role.PROVIDER, False, NotFoundError),
        (Role.ADMIN, False, None),
        (Role.CUSTOMER, True, ForbiddenError),
    ],
)
def test_who_may_manage_a_provider(role: Role, owns: bool, error: type[Exception] | None) -> None:
    provider_id = provider_id_for("someone" if owns else "someone else")
    actor = Actor("someone", role)
    if error is None:
        check_may_manage(actor, provider_id)
    else:
        with pytest.raises(error):
            check_may_manage(actor, provider_id)
