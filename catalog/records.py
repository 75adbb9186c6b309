"""How the catalog's items store its domain objects."""

import zlib
from collections.abc import Iterable
from typing import Any

from catalog.domain import (
    PROFILE_DEFAULTS,
    FormerTaxRate,
    ListedProvider,
    ListedService,
    MeanRating,
    OwnTime,
    OwnTimeKind,
    Point,
    Provider,
    Question,
    QuestionKind,
    RatingSummary,
    Service,
    area_key,
    city_key,
    geohash,
    parse_hours,
    roughly,
)
from catalog.models import ProviderItem, ServiceItem
from kernel.clock import from_rfc3339, to_rfc3339
from kernel.listing import list_key
from kernel.money import Money
from kernel.storage import Row, RowMapping, Stored
from photos.domain import Photo, cover, photo_value, photo_values, read_photo, read_photos

# All providers that take bookings are read from these partitions, of which each takes a share of the writes.
ACCEPTING_KEYS = ("0", "1", "2", "3")


def point_of(row: Row) -> Point:
    """Where the provider of a row of either table is."""
    return Point(float(row["latitude"]), float(row["longitude"]))


def rough_point_of(row: Row) -> Point:
    """Roughly where it is: what strangers may be told distances from."""
    return roughly(point_of(row))


def _coordinates(location: Point) -> dict[str, str]:
    # Text, because DynamoDB's numbers are decimal and Python's are not.
    return {"latitude": f"{location.latitude:.5f}", "longitude": f"{location.longitude:.5f}"}


def _provider_keys(provider: Provider) -> dict[str, str | None]:
    """The keys under which search finds the provider; absent, and so not in any index, while it takes no bookings."""
    accepting = provider.takes_bookings
    shard = zlib.crc32(provider.provider_id.encode()) % len(ACCEPTING_KEYS)
    return {
        "geohash": geohash(provider.location),
        "listed_city": city_key(provider.country, provider.city) if accepting else None,
        "accepting_key": ACCEPTING_KEYS[shard] if accepting else None,
        "list_key": list_key(provider.provider_id),
    }


def _numbers(row: Row) -> tuple[tuple[int, ...], ...]:
    """How many ratings have how many stars; nothing in rows from before that was kept."""
    return (tuple(row["rating_numbers"]),) if row.get("rating_numbers") else ()


_RATING = Stored(
    lambda row: RatingSummary(row["rating_sum"], row["rating_count"], *_numbers(row)),
    lambda rating: {
        "rating_sum": rating.sum,
        "rating_count": rating.count,
        "rating_numbers": list(rating.numbers),
        "rating_average": rating.average,
        "rating_rank": rating.rank,
    },
)
_GRACE = Stored(
    lambda row: row.get("cancellation_grace_minutes", PROFILE_DEFAULTS["cancellation_grace_minutes"]),
    lambda minutes: {"cancellation_grace_minutes": minutes},
)
_PHONE = Stored(lambda row: row.get("phone", ""), lambda phone: {"phone": phone or None})
_TRADES = Stored(lambda row: tuple(row.get("trades") or ()), lambda trades: {"trades": list(trades) or None})


def travel_radius_km(row: Row) -> int:
    """How far the provider of a row of either table drives."""
    return int(row.get("travel_radius_km") or PROFILE_DEFAULTS["travel_radius_km"])


_TRAVEL_RADIUS = Stored(travel_radius_km, lambda radius: {"travel_radius_km": radius})
_FORMER_TAX_RATES = Stored(
    lambda row: tuple(
        FormerTaxRate(from_rfc3339(until), basis_points) for until, basis_points in row.get("former_tax_rates", ())
    ),
    lambda rates: {"former_tax_rates": [[to_rfc3339(rate.until), rate.basis_points] for rate in rates] or None},
)
# Absent for none.
PHOTOS = Stored(lambda row: read_photos(row.get("photos")), lambda photos: {"photos": photo_values(photos)})
_COVER = Stored(lambda row: cover(read_photos(row.get("photos"))), lambda photo: {})
_COPIED_COVER = Stored(
    lambda row: read_photo(row["photo"]) if "photo" in row else None,
    lambda photo: {"photo": cover_value(photo)},
)
PROVIDERS = RowMapping(
    ProviderItem,
    Provider,
    stored={
        "location": Stored(point_of, _coordinates),
        "hours": Stored(
            lambda row: parse_hours(row["weekly_hours"], row["hours_exceptions"]),
            lambda hours: {"weekly_hours": hours.weekly_plan(), "hours_exceptions": hours.exception_plan()},
        ),
        "cancellation_grace_minutes": _GRACE,
        "former_tax_rates": _FORMER_TAX_RATES,
        "phone": _PHONE,
        "trades": _TRADES,
        "travel_radius_km": _TRAVEL_RADIUS,
        "rating": _RATING,
        "photos": PHOTOS,
    },
    derived=_provider_keys,
)
LISTED_PROVIDERS = RowMapping(ProviderItem, ListedProvider, stored={"rating": _RATING, "photo": _COVER})

_PRICE = Stored(
    lambda row: Money(row["price_amount"], row["price_currency"]),
    lambda price: {"price_amount": price.amount, "price_currency": price.currency},
)
_QUESTIONS = Stored(
    lambda row: tuple(
        Question(each["text"], QuestionKind(each["kind"]), tuple(each["choices"]), each["required"])
        for each in row.get("questions") or ()
    ),
    lambda questions: {"questions": [each.values() for each in questions] or None},
)
SERVICES = RowMapping(
    ServiceItem,
    Service,
    stored={
        "price": _PRICE,
        "instant": Stored(lambda row: row.get("instant", False), lambda instant: {"instant": instant or None}),
        "photos": PHOTOS,
        "questions": _QUESTIONS,
    },
)
LISTED_SERVICES = RowMapping(
    ServiceItem,
    ListedService,
    stored={
        "price": _PRICE,
        "rating": Stored(
            lambda row: MeanRating(row["rating_average"], row["rating_count"]),
            lambda rating: {"rating_average": rating.average, "rating_count": rating.count},
        ),
        "photo": _COPIED_COVER,
        "provider_verified": Stored(
            lambda row: row.get("provider_verified", False), lambda verified: {"provider_verified": verified or None}
        ),
    },
    given={"distance_meters"},
)


def cover_value(photo: Photo | None) -> dict[str, Any] | None:
    """The copy that a service has of its provider's first photo; None without any."""
    return photo_value(photo) if photo else None


def read_own_times(row: Row) -> tuple[OwnTime, ...]:
    """The provider's own times in a row of `OwnTimesItem`, by start."""
    own_times = (
        OwnTime(own_time_id, version, OwnTimeKind(kind), from_rfc3339(start), from_rfc3339(end), zone, is_whole_days)
        for own_time_id, version, kind, start, end, zone, is_whole_days in row["own_times"]
    )
    return tuple(sorted(own_times, key=lambda each: (each.starts_at, each.own_time_id)))


def own_times_value(own_times: Iterable[OwnTime]) -> list[Any]:
    """The own times as `OwnTimesItem` stores them."""
    return [
        [
            each.own_time_id,
            each.version,
            each.kind,
            to_rfc3339(each.starts_at),
            to_rfc3339(each.ends_at),
            each.time_zone,
            each.is_whole_days,
        ]
        for each in own_times
    ]


def service_attributes(service: Service, provider: Provider) -> dict[str, Any]:
    """The attributes of `ServiceItem` that store the service and the copies of its provider's attributes."""
    listed = service.active and provider.takes_bookings
    city = area_key(service.category, city_key(provider.country, provider.city))
    area = area_key(service.category, geohash(provider.location))
    return {
        **SERVICES.attributes(service),
        "list_key": list_key(service.service_id),
        "photo": cover_value(cover(provider.photos)),
        "provider_name": provider.name,
        "provider_verified": True if provider.verified_at else None,
        "city": provider.city,
        "country": provider.country,
        **_coordinates(provider.location),
        "travel_radius_km": provider.travel_radius_km,
        "rating_count": provider.rating.count,
        "rating_average": provider.rating.average,
        "rating_rank": provider.rating.rank,
        # The keys under which search finds the service; absent, and so not in any index, unless it can be booked.
        "listed_category": service.category if listed else None,
        "listed_city": city if listed else None,
        "listed_area": area if listed else None,
    }
