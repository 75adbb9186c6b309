"""Named reads of the catalog."""

from catalog.queries.availability import get_availability, get_times_to_move_to, list_upcoming_starts
from catalog.queries.cities import (
    City,
    cities_read,
    find_city_middle,
    iterate_listed_providers,
    iterate_unmended_ratings,
    list_cities,
)
from catalog.queries.drafts import get_drafted_trades
from catalog.queries.favourites import favourite_ids, favourites_read, list_favourites
from catalog.queries.offers import NotOfferedError, forget_offers, get_offer, get_public_offer, offer_read
from catalog.queries.own_time import get_own_time, list_own_times, own_times_read
from catalog.queries.providers import (
    ProviderContact,
    contact_read,
    get_own_provider,
    get_own_service,
    get_provider,
    get_public_provider,
    get_service,
    list_provider_services,
    list_public_providers,
    provider_read,
    public_provider_read,
    service_reads,
)
from catalog.queries.search import GLANCE, NextFree, list_next_free, search_providers, search_services

__all__ = [
    "GLANCE",
    "City",
    "NextFree",
    "NotOfferedError",
    "ProviderContact",
    "cities_read",
    "contact_read",
    "favourite_ids",
    "favourites_read",
    "find_city_middle",
    "forget_offers",
    "get_availability",
    "get_drafted_trades",
    "get_offer",
    "get_own_provider",
    "get_own_service",
    "get_own_time",
    "get_provider",
    "get_public_offer",
    "get_public_provider",
    "get_service",
    "get_times_to_move_to",
    "iterate_listed_providers",
    "iterate_unmended_ratings",
    "list_cities",
    "list_favourites",
    "list_next_free",
    "list_own_times",
    "list_provider_services",
    "list_public_providers",
    "list_upcoming_starts",
    "offer_read",
    "own_times_read",
    "provider_read",
    "public_provider_read",
    "search_providers",
    "search_services",
    "service_reads",
]
