"""The catalog as the API shows it: plain dictionaries, ready for JSON."""

from collections.abc import Sequence
from typing import Any

from catalog.domain import (
    PROFILE,
    Category,
    ListedProvider,
    ListedService,
    MeanRating,
    Offer,
    OwnTime,
    Provider,
    Question,
    RatingSummary,
    Service,
)
from kernel.web.money import represent_money
from photos.representation import represent_own_photo, represent_photos, represent_public_photo


def represent_category(category: Category) -> dict[str, Any]:
    """A trade."""
    return {"slug": category.slug, "name": category.name}


def _represent_rating(rating: RatingSummary | MeanRating) -> dict[str, Any]:
    return {"average": rating.average / 100 if rating.count else None, "count": rating.count}


def _represent_numbers(rating: RatingSummary) -> dict[str, Any]:
    numbers = {str(stars): number for stars, number in enumerate(rating.numbers, 1)} if rating.adds_up else None
    return {**_represent_rating(rating), "numbers": numbers}


def _represent_service(service: Service) -> dict[str, Any]:
    return {
        "id": service.service_id,
        "provider_id": service.provider_id,
        "name": service.name,
        "description": service.description,
        "category": service.category,
        "price": represent_money(service.price),
        "duration_minutes": service.duration_minutes,
        "photos": represent_photos(service.photos),
    }


def _represent_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What is asked at booking; answers name the ids."""
    return [{"id": question.question_id, **question.values()} for question in questions]


def represent_own_service(service: Service) -> dict[str, Any]:
    """A service for its provider: with what is not public."""
    return {
        **_represent_service(service),
        "photos": [represent_own_photo(photo) for photo in service.photos],
        "active": service.active,
        "instant": service.instant,
        "questions": _represent_questions(service.questions),
        "version": service.version,
        "created_at": service.created_at,
        "updated_at": service.updated_at,
    }


def represent_offer(offer: Offer) -> dict[str, Any]:
    """A service for everyone, with who offers it and on what terms."""
    provider = offer.provider
    return {
        **_represent_service(offer.service),
        "bookable": offer.is_bookable,
        "instant": offer.service.instant,
        "offer_version": offer.terms.version,
        "questions": _represent_questions(offer.service.questions),
        "provider": {
            "id": provider.provider_id,
            "name": provider.name,
            "city": provider.city,
            "country": provider.country,
            "time_zone": provider.time_zone,
            "rating": _represent_rating(provider.rating),
        },
        "cancellation": _represent_terms(provider),
    }


def represent_provider(provider: Provider, services: list[Service]) -> dict[str, Any]:
    """A provider for everyone, with its active services. Neither its owner nor its exact place are public."""
    return {
        "id": provider.provider_id,
        "name": provider.name,
        "description": provider.description,
        "city": provider.city,
        "country": provider.country,
        "time_zone": provider.time_zone,
        "accepting_bookings": provider.accepting_bookings,
        "verified": provider.verified_at is not None,
        "categories": list(provider.categories),
        "trades": list(provider.trades),
        "travel_radius_km": provider.travel_radius_km,
        "rating": _represent_numbers(provider.rating),
        "photos": represent_photos(provider.photos),
        "hours": represent_hours(provider),
        "cancellation": _represent_terms(provider),
        "services": [_represent_service(service) for service in services if service.active],
    }


def represent_own_provider(provider: Provider) -> dict[str, Any]:
    """A provider's profile and booking rules for itself and for admins."""
    return {
        "id": provider.provider_id,
        "version": provider.version,
        **{name: getattr(provider, name) for name in PROFILE if name not in ("latitude", "longitude")},
        "latitude": provider.location.latitude,
        "longitude": provider.location.longitude,
        "categories": list(provider.categories),
        "rating": _represent_numbers(provider.rating),
        "photos": [represent_own_photo(photo) for photo in provider.photos],
        "created_at": provider.created_at,
        "updated_at": provider.updated_at,
    }


def represent_listed_service(service: ListedService) -> dict[str, Any]:
    """A service as search lists it; `distance_km` is null unless the search was near a point."""
    distance = service.distance_meters
    return {
        "id": service.service_id,
        "name": service.name,
        "description": service.description,
        "category": service.category,
        "price": represent_money(service.price),
        "duration_minutes": service.duration_minutes,
        "provider": {
            "id": service.provider_id,
            "name": service.provider_name,
            "city": service.city,
            "country": service.country,
            "rating": _represent_rating(service.rating),
            "photo": represent_public_photo(service.photo) if service.photo else None,
        },
        "distance_km": None if distance is None else round(distance / 1000, 1),
    }


def represent_listed_provider(provider: ListedProvider) -> dict[str, Any]:
    """A provider as search lists it."""
    return {
        "id": provider.provider_id,
        "name": provider.name,
        "description": provider.description,
        "city": provider.city,
        "country": provider.country,
        "time_zone": provider.time_zone,
        "categories": list(provider.categories),
        "rating": _represent_rating(provider.rating),
        "photo": represent_public_photo(provider.photo) if provider.photo else None,
    }


def represent_hours(provider: Provider) -> dict[str, Any]:
    """Working hours in the provider's local wall time."""
    return {
        "time_zone": provider.time_zone,
        "weekly": provider.hours.weekly_plan(),
        "exceptions": provider.hours.exception_plan(),
    }


def represent_own_time(own_time: OwnTime) -> dict[str, Any]:
    """Time that a provider keeps free, for themselves and for admins."""
    return {
        "id": own_time.own_time_id,
        "version": own_time.version,
        "kind": own_time.kind,
        "starts_at": own_time.starts_at,
        "ends_at": own_time.ends_at,
        "time_zone": own_time.time_zone,
        "whole_days": own_time.is_whole_days,
    }


def _represent_terms(provider: Provider) -> dict[str, Any]:
    return {
        "free_until_hours_before": provider.free_cancellation_hours,
        "late_fee_percent": provider.late_cancellation_percent,
        "grace_minutes": provider.cancellation_grace_minutes,
    }
