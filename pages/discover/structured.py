"""A provider as search engines read it: schema.org in JSON-LD. Pure."""

from collections.abc import Sequence
from typing import Any

from catalog.domain import Provider, Service

# By category; whatever has no kind of its own is a local business.
_KINDS = {
    "electrical": "Electrician",
    "heating": "HVACBusiness",
    "locksmith": "Locksmith",
    "moving": "MovingCompany",
    "painting": "HousePainter",
    "plumbing": "Plumber",
    "roofing": "RoofingContractor",
}
_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def describe_provider(provider: Provider, services: Sequence[Service], *, url: str) -> dict[str, Any]:
    """The provider with its hours, what it offers, and its rating once there is one."""
    kind = next((_KINDS[slug] for slug in provider.categories if slug in _KINDS), "HomeAndConstructionBusiness")
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": url,
        "url": url,
        "name": provider.name,
        "areaServed": {"@type": "City", "name": provider.city},
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": _DAYS[day],
                "opens": opens,
                # A day that ends at midnight; search engines know no 24 o'clock, and 00:00 as its beginning.
                "closes": "23:59" if closes == "24:00" else closes,
            }
            for day, spans in provider.hours.weekly_plan().items()
            for opens, closes in spans
        ],
        "makesOffer": [
            {
                "@type": "Offer",
                "price": str(service.price.decimal),
                "priceCurrency": service.price.currency,
                "itemOffered": {"@type": "Service", "name": service.name, "description": service.description},
            }
            for service in services
        ],
    }
    if provider.description:
        described["description"] = provider.description
    if provider.rating.count:
        described["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": provider.rating.average / 100,
            "reviewCount": provider.rating.count,
        }
    return described
