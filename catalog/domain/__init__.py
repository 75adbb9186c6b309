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
<<<<<<< HEAD
from catalog.domain.ownership import check_may_manage, check_may_moderate
=======
from catalog.domain.own_time import (
    MAX_OWN_DAYS,
    MAX_OWN_TIMES,
    OwnTime,
    OwnTimeKind,
    own_positions,
    own_span,
    own_time_not_found,
    parts_by_day,
    parts_text,
    read_parts,
)
from catalog.domain.ownership import check_may_manage
from catalog.domain.questions import (
    ANSWER,
    CHOICE,
    MAX_CHOICES,
    MAX_QUESTIONS,
    NO,
    QUESTION,
    YES,
    Answer,
    Question,
    QuestionKind,
    checked_answers,
    question_errors,
    questions_version,
)
>>>>>>> main
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
    "ANSWER",
    "CATEGORIES",
    "CELLS_PER_DAY",
    "CELL_MINUTES",
    "CHOICE",
    "MAX_BLOCKED_CELLS",
    "MAX_CHOICES",
    "MAX_FAVOURITES",
    "MAX_FORMER_TAX_RATES",
    "MAX_OWN_DAYS",
    "MAX_OWN_TIMES",
    "MAX_QUESTIONS",
    "MAX_SERVICES",
    "NO",
    "NO_HOURS",
    "PROFILE",
    "PROFILE_DEFAULTS",
    "QUESTION",
    "SERVICE_DEFAULTS",
    "UNRATED_RANK",
    "WEEKDAYS",
    "YES",
    "Answer",
    "Appointment",
    "AreaCell",
    "Availability",
    "Category",
    "FormerTaxRate",
    "ListedProvider",
    "ListedService",
    "MeanRating",
    "Offer",
    "OwnTime",
    "OwnTimeKind",
    "Point",
    "ProfileValues",
    "Provider",
    "ProviderSearch",
    "Question",
    "QuestionKind",
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
<<<<<<< HEAD
    "checked_moderation_reason",
=======
    "checked_answers",
>>>>>>> main
    "checked_values",
    "city_key",
    "covering_cells",
    "day_bounds",
    "distance_meters",
    "geohash",
    "offered_starts",
    "open_spans",
    "own_positions",
    "own_span",
    "own_time_not_found",
    "parse_hours",
    "parts_by_day",
    "parts_text",
    "question_errors",
    "questions_version",
    "read_parts",
    "search_words",
]
