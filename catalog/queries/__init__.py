"""Named reads of the catalog."""

from catalog.queries.offers import forget_offers, get_offer
from catalog.queries.providers import get_provider, list_provider_services

__all__ = ["forget_offers", "get_offer", "get_provider", "list_provider_services"]
