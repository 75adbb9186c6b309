"""Use cases of the catalog that write."""

from catalog.services.offers import offer_unchanged

__all__ = ["offer_unchanged"]
