"""The catalog's tables on one side, its domain objects on the other: how each is made from the other."""

import zlib
from typing import Any

from catalog.domain import (
    PROFILE_DEFAULTS,
    FormerTaxRate,
    Point,
    Provider,
    RatingSummary,
    Service,
    area_key,
    city_key,
    geohash,
    parse_hours,
)
from kernel.clock import from_rfc3339, to_rfc3339
from kernel.money import Money
from kernel.storage import Row

# All providers that take bookings are read from these partitions, of which each takes a share of the writes.
ACCEPTING_KEYS = ("0", "1", "2", "3")


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
        cancellation_grace_minutes=row.get(
            "cancellation_grace_minutes", PROFILE_DEFAULTS["cancellation_grace_minutes"]
        ),
        tax_rate_basis_points=row["tax_rate_basis_points"],
        former_tax_rates=tuple(
            FormerTaxRate(from_rfc3339(until), basis_points) for until, basis_points in row.get("former_tax_rates", ())
        ),
        tax_number=row["tax_number"],
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
        instant=row.get("instant", False),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def provider_attributes(provider: Provider) -> dict[str, Any]:
    """The attributes of `ProviderItem` that store the provider; None where one must be absent."""
    accepting = provider.accepting_bookings
    shard = zlib.crc32(provider.provider_id.encode()) % len(ACCEPTING_KEYS)
    return {
        "owner_id": provider.owner_id,
        "version": provider.version,
        "name": provider.name,
        "description": provider.description,
        "city": provider.city,
        "country": provider.country,
        **_coordinates(provider.location),
        "geohash": geohash(provider.location),
        "time_zone": provider.time_zone,
        "weekly_hours": provider.hours.weekly_plan(),
        "hours_exceptions": provider.hours.exception_plan(),
        "minimum_notice_minutes": provider.minimum_notice_minutes,
        "horizon_days": provider.horizon_days,
        "buffer_before_minutes": provider.buffer_before_minutes,
        "buffer_after_minutes": provider.buffer_after_minutes,
        "free_cancellation_hours": provider.free_cancellation_hours,
        "late_cancellation_percent": provider.late_cancellation_percent,
        "cancellation_grace_minutes": provider.cancellation_grace_minutes,
        "tax_rate_basis_points": provider.tax_rate_basis_points,
        "former_tax_rates": [[to_rfc3339(rate.until), rate.basis_points] for rate in provider.former_tax_rates] or None,
        "tax_number": provider.tax_number,
        "accepting_bookings": accepting,
        "service_ids": list(provider.service_ids),
        "categories": list(provider.categories),
        "rating_sum": provider.rating.sum,
        "rating_count": provider.rating.count,
        "rating_average": provider.rating.average,
        "created_at": provider.created_at,
        "updated_at": provider.updated_at,
        "listed_city": city_key(provider.country, provider.city) if accepting else None,
        "accepting_key": ACCEPTING_KEYS[shard] if accepting else None,
    }


def service_attributes(service: Service, provider: Provider) -> dict[str, Any]:
    """The attributes of `ServiceItem` that store the service and the copies of its provider's attributes."""
    return {
        "provider_id": service.provider_id,
        "version": service.version,
        "name": service.name,
        "description": service.description,
        "category": service.category,
        "price_amount": service.price.amount,
        "price_currency": service.price.currency,
        "duration_minutes": service.duration_minutes,
        "active": service.active,
        "instant": service.instant or None,
        "created_at": service.created_at,
        "updated_at": service.updated_at,
        "provider_name": provider.name,
        "city": provider.city,
        "country": provider.country,
        **_coordinates(provider.location),
        "rating_count": provider.rating.count,
        "rating_average": provider.rating.average,
        **_listing(service, provider),
    }


def _coordinates(location: Point) -> dict[str, str]:
    # Text, because DynamoDB's numbers are decimal and Python's are not.
    return {"latitude": f"{location.latitude:.5f}", "longitude": f"{location.longitude:.5f}"}


def _listing(service: Service, provider: Provider) -> dict[str, str | None]:
    """The keys under which search finds the service; absent, and so not in any index, unless it can be booked."""
    listed = service.active and provider.accepting_bookings
    city = area_key(service.category, city_key(provider.country, provider.city))
    area = area_key(service.category, geohash(provider.location))
    return {
        "listed_category": service.category if listed else None,
        "listed_city": city if listed else None,
        "listed_area": area if listed else None,
    }
