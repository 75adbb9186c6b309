"""Search of services."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from catalog.domain import (
    CATEGORIES,
    ListedService,
    Point,
    ServiceSearch,
    Sort,
    area_key,
    category_slugs,
    city_key,
    covering_cells,
    distance_meters,
    search_words,
    singulars,
)
from catalog.models import ServiceItem
from catalog.queries.search.free import select_free
from catalog.queries.search.nearby import GatheredRows
from catalog.queries.search.pages import Position, Rows, fill_page, least_rank
from catalog.queries.search.partitions import HIGHEST, MAX_FURTHER_QUERIES, Index, OrderedRows
from catalog.records import LISTED_SERVICES, rough_point_of, travel_radius_km
from kernel.cursors import decode_cursor, encode_cursor
from kernel.errors import UnprocessableError
from kernel.lists import ListPage
from kernel.sentences import sentence
from kernel.storage import Row
from kernel.values import dataclass

# The most partitions that one page may ask for: enough for 25 km without a category up to 70 degrees of latitude.
MAX_PARTITIONS = 250


@dataclass(frozen=True, slots=True)
class Effort:
    """How many Queries a search may cost: one of each partition, and so many more."""

    partitions: int = MAX_PARTITIONS
    further_queries: int = MAX_FURTHER_QUERIES


_WHOLE = Effort()
# For a search that nobody has asked for yet.
GLANCE = Effort(partitions=40, further_queries=3)

_CATEGORY_NAMES = {category.slug: category.name for category in CATEGORIES}


def search_services(
    search: ServiceSearch, *, limit: int, cursor: str | None = None, effort: Effort = _WHOLE, now: datetime
) -> ListPage[ListedService]:
    """One page of the services that can be booked and satisfy the filters.

    With less `effort` a page is the sooner not full, and has a next one. Raises `InvalidInputError` for a cursor of
    another search, and `UnprocessableError` (`too_broad`) when a circle touches too many cells to be searched at once.
    """
    if search.words == ():
        # Nothing but punctuation or emoji was searched for: no service has that.
        return ListPage([], None)
    scope = ("services", search)
    after = decode_cursor(cursor, scope=scope)
    select = partial(select_free, day=search.free_on, now=now) if search.free_on else None
    rows = _rows(search, limit, after, effort)
    page, position = fill_page(rows, limit, after=after, accepts=_filter(search), select=select)
    results = [LISTED_SERVICES.read(row, distance_meters=_distance(search.near, row)) for row in page]
    return ListPage(results, None if position is None else encode_cursor(position, scope=scope))


def _rows(search: ServiceSearch, limit: int, after: Position | None, effort: Effort) -> Rows:
    """The rows to filter, in the order of the search: from the index that holds the fewest others."""
    categories = (search.category,) if search.category else category_slugs()
    rows_wanted = limit + 1 if _is_served_by_index(search) else 4 * (limit + 1)
    if search.near is not None:
        return _rows_nearby(search, search.near, categories, rows_wanted, after, effort)
    if search.city is not None and search.country is not None:
        place = city_key(search.country, search.city)
        keys = [area_key(category, place) for category in categories]
        names = ("cityPrice-index", "cityRating-index", "listed_city")
    else:
        keys = list(categories)
        names = ("category-index", "categoryRating-index", "listed_category")
    price_index, rating_index, hash_key = names
    if search.order is Sort.RATING:
        index = Index(ServiceItem, rating_index, hash_key, "rating_rank", "service_id", descending=True)
        low, high = least_rank(search.min_rating or 0), HIGHEST
    else:
        index = _by_price(price_index, hash_key, search)
        low, high = _price_range(search)
    further = effort.further_queries
    return OrderedRows(index, keys, low=low, high=high, after=after, rows_wanted=rows_wanted, further_queries=further)


def _by_price(name: str, hash_key: str, search: ServiceSearch) -> Index:
    descending = search.order is Sort.PRICE_DESCENDING
    return Index(ServiceItem, name, hash_key, "price_amount", "service_id", descending=descending)


def _rows_nearby(
    search: ServiceSearch,
    centre: Point,
    categories: tuple[str, ...],
    rows_wanted: int,
    after: Position | None,
    effort: Effort,
) -> Rows:
    cells = covering_cells(centre, search.radius_meters)
    if len(cells) * len(categories) > effort.partitions:
        raise UnprocessableError.of("radius_km", sentence("Choose a trade, or search a smaller circle."), "too_broad")
    low, high = _price_range(search)
    index = _by_price("area-index", "listed_area", search)
    if search.order in (Sort.PRICE, Sort.PRICE_DESCENDING):
        keys = [area_key(category, cell.geohash) for cell in cells for category in categories]
        further = effort.further_queries
        return OrderedRows(
            index, keys, low=low, high=high, after=after, rows_wanted=rows_wanted, further_queries=further
        )
    by_distance = search.order is Sort.DISTANCE

    def rank(row: Row) -> int:
        return round(distance_meters(centre, rough_point_of(row))) if by_distance else -int(row["rating_rank"])

    return GatheredRows(
        index,
        cells,
        categories,
        low=low,
        high=high,
        rank=rank,
        by_distance=by_distance,
        after=after,
    )


def _price_range(search: ServiceSearch) -> tuple[int, int]:
    return search.price_min or 0, HIGHEST if search.price_max is None else search.price_max


def _is_served_by_index(search: ServiceSearch) -> bool:
    """Whether every row that is read satisfies the search."""
    by_rating = search.order is Sort.RATING
    filtered = (
        search.near is not None,
        search.currency is not None,
        search.free_on is not None,
        search.words is not None,
        by_rating and (search.price_min is not None or search.price_max is not None),
        search.min_rating is not None,
    )
    return not any(filtered)


def _filter(search: ServiceSearch) -> Callable[[Row], bool]:
    low, high = _price_range(search)
    words = None if search.words is None else [(word, singulars(word)) for word in search.words]

    def accepts(row: Row) -> bool:
        return (
            low <= row["price_amount"] <= high
            and search.currency in (None, row["price_currency"])
            and row["rating_average"] >= (search.min_rating or 0)
            and (search.near is None or distance_meters(search.near, rough_point_of(row)) <= _reach(search, row))
            and (words is None or _has_words(row, words))
        )

    return accepts


def _reach(search: ServiceSearch, row: Row) -> float:
    """How far from the point, in metres, the row's provider may be: as far as is searched, and as it drives."""
    return min(search.radius_meters, 1000 * travel_radius_km(row))


def _has_words(row: Row, words: Sequence[tuple[str, set[str]]]) -> bool:
    """Whether the row has each of the words, given with what it may be the plural of."""
    text = " ".join((row["name"], row["provider_name"], _CATEGORY_NAMES[row["category"]], row["description"]))
    present = search_words(text)
    return all(
        any(word.startswith(wanted) for word in present) or not singular.isdisjoint(present)
        for wanted, singular in words
    )


def _distance(centre: Point | None, row: Row) -> float | None:
    return None if centre is None else distance_meters(centre, rough_point_of(row))
