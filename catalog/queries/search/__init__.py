"""Search: every combination of filters is answered by Queries of one index, never by a scan.

`docs/access-patterns.md` lists the combinations with their index, partitions and costs.
"""

from catalog.queries.search.next_free import NextFree, list_next_free
from catalog.queries.search.providers import search_providers
from catalog.queries.search.services import GLANCE, search_services

__all__ = ["GLANCE", "NextFree", "list_next_free", "search_providers", "search_services"]
