"""Keeps the list of cities."""

from collections import Counter
from datetime import datetime

from catalog.models import CITIES_KEY, CitiesItem, ProviderItem
from catalog.records import ACCEPTING_KEYS
from kernel import storage

# More would neither fit into a page nor help to choose.
MAX_CITIES = 500


def refresh_cities(now: datetime) -> int:
    """Count the providers of each city anew; how many cities there are. Queries of one index, and one put.

    To be run again at any time: what it stores follows from what there is alone.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for accepting_key in ACCEPTING_KEYS:
        start_key = None
        while True:
            page = storage.query_rows(
                ProviderItem, accepting_key, index="availability-index", limit=1000, start_key=start_key
            )
            counts.update((row["city"], row["country"]) for row in page.rows)
            start_key = page.next_key
            if start_key is None:
                break
    cities = [[city, country, count] for (city, country), count in counts.most_common(MAX_CITIES)]
    storage.write(storage.put("cities", CitiesItem(CITIES_KEY, cities=cities, updated_at=now)))
    return len(counts)
