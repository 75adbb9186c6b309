"""Use cases of the catalog that write, and the writes that it hands to bookings and reviews."""

from catalog.services.offerings import add_service, change_service, deactivate_service
from catalog.services.offers import offer_unchanged_write
from catalog.services.places import refresh_cities
from catalog.services.profiles import SavedProfile, change_profile, put_profile, replace_hours
from catalog.services.ratings import rating_writes

__all__ = [
    "SavedProfile",
    "add_service",
    "change_profile",
    "change_service",
    "deactivate_service",
    "offer_unchanged_write",
    "put_profile",
    "rating_writes",
    "refresh_cities",
    "replace_hours",
]
