"""Rows of the catalog's tables read as domain objects."""

from catalog.domain import Point, Provider, RatingSummary, Service, parse_hours
from marketplace.kernel.money import Money
from marketplace.kernel.storage import Row


def read_provider(row: Row) -> Provider:
    """The provider that a row of `ProviderItem` describes."""
    return Provider(
        provider_id=row["provider_id"],
        owner_id=row["owner_id"],
        version=row["version"],
        name=row["name"],
        description=row["description"],
        city=row["city"],
        country=row["country"],
        location=Point(float(row["latitude"]), float(row["longitude"])),
        time_zone=row["time_zone"],
        hours=parse_hours(row["weekly_hours"], row["hours_exceptions"]),
        minimum_notice_minutes=row["minimum_notice_minutes"],
        horizon_days=row["horizon_days"],
        buffer_before_minutes=row["buffer_before_minutes"],
        buffer_after_minutes=row["buffer_after_minutes"],
        free_cancellation_hours=row["free_cancellation_hours"],
        late_cancellation_percent=row["late_cancellation_percent"],
        accepting_bookings=row["accepting_bookings"],
        service_ids=tuple(row["service_ids"]),
        categories=tuple(row["categories"]),
        rating=RatingSummary(row["rating_sum"], row["rating_count"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def read_service(row: Row) -> Service:
    """The service that a row of `ServiceItem` describes; the copies of the provider's attributes are left out."""
    return Service(
        service_id=row["service_id"],
        provider_id=row["provider_id"],
        version=row["version"],
        name=row["name"],
        description=row["description"],
        category=row["category"],
        price=Money(row["price_amount"], row["price_currency"]),
        duration_minutes=row["duration_minutes"],
        active=row["active"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
