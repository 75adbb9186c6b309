"""Use cases of the catalog that write, and the writes that it hands to bookings and reviews."""

from catalog.services.cities import count_city
from catalog.services.favourites import drop_favourite, keep_favourite
from catalog.services.moderation import reinstate_provider, suspend_provider, verify_provider
from catalog.services.offerings import add_service, change_service, deactivate_service, move_service_up
from catalog.services.offers import hours_unchanged_write, offer_unchanged_write
from catalog.services.own_time import (
    OwnTimeValues,
    TimeIsBookedError,
    block_time,
    change_own_time,
    forget_own_times_write,
    free_own_time,
)
from catalog.services.photos import (
    MAX_PROVIDER_PHOTOS,
    MAX_SERVICE_PHOTOS,
    claim_photo,
    keep_outcome,
    list_photos,
    order_photos,
    remove_all_photos,
    remove_photo,
)
from catalog.services.profiles import (
    SavedProfile,
    change_profile,
    draft_trades,
    forget_draft_write,
    put_profile,
    replace_hours,
)
from catalog.services.ratings import copy_rating, mend_rating, rating_write

__all__ = [
    "MAX_PROVIDER_PHOTOS",
    "MAX_SERVICE_PHOTOS",
    "OwnTimeValues",
    "SavedProfile",
    "TimeIsBookedError",
    "add_service",
    "block_time",
    "change_own_time",
    "change_profile",
    "change_service",
    "claim_photo",
    "copy_rating",
    "count_city",
    "deactivate_service",
    "draft_trades",
    "drop_favourite",
    "forget_draft_write",
    "forget_own_times_write",
    "free_own_time",
    "hours_unchanged_write",
    "keep_favourite",
    "keep_outcome",
    "list_photos",
    "mend_rating",
    "move_service_up",
    "offer_unchanged_write",
    "order_photos",
    "put_profile",
    "rating_write",
    "reinstate_provider",
    "remove_all_photos",
    "remove_photo",
    "replace_hours",
    "suspend_provider",
    "verify_provider",
]
