"""Search of providers."""

from catalog.domain import ListedProvider, ProviderSearch, city_key
from catalog.models import ProviderItem
from catalog.queries.search.pages import fill_page, least_rank
from catalog.queries.search.partitions import Index, OrderedRows
from catalog.records import ACCEPTING_KEYS, LISTED_PROVIDERS
from kernel.cursors import decode_cursor, encode_cursor
from kernel.lists import ListPage

_CITY_BY_RATING = Index(
    ProviderItem, "location-index", "listed_city", "rating_rank", id_key="provider_id", descending=True
)
_ALL_BY_RATING = Index(
    ProviderItem, "availability-index", "accepting_key", "rating_rank", id_key="provider_id", descending=True
)


def search_providers(search: ProviderSearch, *, limit: int, cursor: str | None = None) -> ListPage[ListedProvider]:
    """One page of the providers that take bookings, the best rated first.

    Raises `InvalidInputError` for a cursor of another search.
    """
    scope = ("providers", search)
    after = decode_cursor(cursor, scope=scope)
    if search.city is not None and search.country is not None:
        index, keys = _CITY_BY_RATING, [city_key(search.country, search.city)]
    else:
        index, keys = _ALL_BY_RATING, list(ACCEPTING_KEYS)
    least = search.min_rating or 0
    rows = OrderedRows(index, keys, low=least_rank(least), after=after, rows_wanted=limit + 1)
    page, position = fill_page(rows, limit, after=after, accepts=lambda row: row["rating_average"] >= least)
    results = [LISTED_PROVIDERS.read(row) for row in page]
    return ListPage(results, None if position is None else encode_cursor(position, scope=scope))
