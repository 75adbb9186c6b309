"""Services near a point: geohash cells are read whole, the nearest first.

No index sorts by distance from a point that the request names, so the cells that can hold the page's rows are read and
sorted here. Sorted by distance, reading stops as soon as no unread cell can hold anything nearer.
"""

import heapq
from collections.abc import Callable, Sequence

from catalog.domain import AreaCell, area_key
from catalog.queries.search.pages import Position
from catalog.queries.search.partitions import Index, read_whole_partitions
from kernel.storage import Row


class GatheredRows:
    """Iterates over `(position, row)` in the order of `rank`, a number and an id, from after a position on.

    With `by_distance` the rank's number is the distance in metres, and cells are read only as they are needed.
    """

    def __init__(
        self,
        index: Index,
        cells: Sequence[AreaCell],
        categories: Sequence[str],
        *,
        low: int,
        high: int,
        rank: Callable[[Row], int],
        by_distance: bool,
        after: Position | None,
    ) -> None:
        self._index = index
        self._categories = categories
        self._low = low
        self._high = high
        self._rank = rank
        self._by_distance = by_distance
        self._after = (after[0], after[1]) if after is not None else None
        # A metre to spare on both sides of a cell: ranks are rounded to metres.
        self._unread = [
            cell for cell in cells if not by_distance or after is None or cell.farthest_meters + 1 >= after[0]
        ]
        self._found: list[tuple[int, str, Row]] = []
        self._known_ids: set[str] = set()

    def __iter__(self) -> "GatheredRows":
        return self

    def __next__(self) -> tuple[Position, Row]:
        while self._unread and not self._is_next_certain():
            self._read_cells()
        if not self._found:
            raise StopIteration
        rank, row_id, row = heapq.heappop(self._found)
        return [rank, row_id], row

    @property
    def has_more(self) -> bool:
        """Whether rows may follow; unread cells may turn out to be empty."""
        return bool(self._found or self._unread)

    def _is_next_certain(self) -> bool:
        return self._by_distance and bool(self._found) and self._found[0][0] < self._unread[0].nearest_meters - 1

    def _read_cells(self) -> None:
        # Sorted otherwise than by distance, a row of any cell may come first: all are read together.
        count = 1 if self._by_distance else len(self._unread)
        cells, self._unread = self._unread[:count], self._unread[count:]
        keys = [area_key(category, cell.geohash) for cell in cells for category in self._categories]
        for row in read_whole_partitions(self._index, keys, low=self._low, high=self._high):
            ranked = (self._rank(row), row["service_id"])
            is_behind = self._after is None or ranked > self._after
            # While an index catches up with a provider that moved, a service can be in two cells.
            if is_behind and row["service_id"] not in self._known_ids:
                self._known_ids.add(row["service_id"])
                heapq.heappush(self._found, (*ranked, row))
