"""Rules of the catalog: what a provider offers, when it is open, which starts can be booked, where things are.

Pure: no Django, no PynamoDB, no clock.
"""

from catalog.domain.availability import check_bookable, check_start, day_bounds, offered_starts, open_spans
from catalog.domain.categories import CATEGORIES, Category, category_slugs
from catalog.domain.cells import (
    CELL_MINUTES,
    CELLS_PER_DAY,
    MAX_BLOCKED_CELLS,
    blocked_cells,
    cell_position,
    cells_between,
)
from catalog.domain.entities import (
    MAX_FORMER_TAX_RATES,
    UNRATED_RANK,
    Appointment,
    Availability,
    FormerTaxRate,
    ListedProvider,
    ListedService,
    MeanRating,
    Offer,
    Provider,
    RatingSummary,
    Service,
    Terms,
    area_key,
    city_key,
)
from catalog.domain.favourites import MAX_FAVOURITES, check_may_keep
from catalog.domain.folding import search_words
from catalog.domain.geo import AreaCell, Point, covering_cells, distance_meters, geohash
from catalog.domain.hours import NO_HOURS, WEEKDAYS, WorkingHours, parse_hours
from catalog.domain.ownership import check_may_manage, check_may_moderate
from catalog.domain.rules import (
    MAX_SERVICES,
    PROFILE,
    PROFILE_DEFAULTS,
    SERVICE_DEFAULTS,
    ProfileValues,
    ServiceValues,
    checked_moderation_reason,
    checked_values,
)
from catalog.domain.search import ProviderSearch, ServiceSearch, Sort

__all__ = [
    "CATEGORIES",
    "CELLS_PER_DAY",
    "CELL_MINUTES",
    "MAX_BLOCKED_CELLS",
    "MAX_FAVOURITES",
    "MAX_FORMER_TAX_RATES",
    "MAX_SERVICES",
    "NO_HOURS",
    "PROFILE",
    "PROFILE_DEFAULTS",
    "SERVICE_DEFAULTS",
    "UNRATED_RANK",
    "WEEKDAYS",
    "Appointment",
    "AreaCell",
    "Availability",
    "Category",
    "FormerTaxRate",
    "ListedProvider",
    "ListedService",
    "MeanRating",
    "Offer",
    "Point",
    "ProfileValues",
    "Provider",
    "ProviderSearch",
    "RatingSummary",
    "Service",
    "ServiceSearch",
    "ServiceValues",
    "Sort",
    "Terms",
    "WorkingHours",
    "area_key",
    "blocked_cells",
    "category_slugs",
    "cell_position",
    "cells_between",
    "check_bookable",
    "check_may_keep",
    "check_may_manage",
    "check_may_moderate",
    "check_start",
    "checked_moderation_reason",
    "checked_values",
    "city_key",
    "covering_cells",
    "day_bounds",
    "distance_meters",
    "geohash",
    "offered_starts",
    "open_spans",
    "parse_hours",
    "search_words",
]
