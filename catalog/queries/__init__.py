"""Named reads of the catalog."""

from catalog.queries.availability import Availability, get_availability
from catalog.queries.offers import forget_offers, get_offer
from catalog.queries.providers import get_provider, list_provider_services
from catalog.queries.search import SearchPage, search_providers, search_services

__all__ = [
    "Availability",
    "SearchPage",
    "forget_offers",
    "get_availability",
    "get_offer",
    "get_provider",
    "list_provider_services",
    "search_providers",
    "search_services",
]
