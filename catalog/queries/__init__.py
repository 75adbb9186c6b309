"""Named reads of the catalog."""

from catalog.queries.offers import get_offer

__all__ = ["get_offer"]
