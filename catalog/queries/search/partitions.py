"""Rows of one or more partitions of an index, in one order, from a position on.

The order is (value of the range key, partition, DynamoDB's own order). DynamoDB does not say how it orders rows of an
equal value, but it keeps to it, so three things resume the order exactly, however many partitions and equal values
there are: the value, the partition and the key of the last row seen.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from catalog.queries.search.pages import Position
from kernel import storage
from kernel.storage import Item, Row
from kernel.values import dataclass

# Above every price and rating.
HIGHEST = 10**12
# How many more Queries one page may cost after the first of each partition.
MAX_FURTHER_QUERIES = 16
_MAX_ROWS_PER_QUERY = 100


@dataclass(frozen=True, slots=True)
class Index:
    """An index by Python attribute names: its partition key, and the whole number that orders a partition."""

    table: type[Item]
    name: str
    hash_key: str
    range_key: str
    id_key: str
    descending: bool = False

    def stored_name(self, name: str) -> str:
        return self.table.get_attributes()[name].attr_name


@dataclass(slots=True)
class _Partition:
    """The part of a partition that is still to come: `rows` were read already, `start_key` continues after them."""

    index: Index
    key: str
    low: int
    high: int
    start_key: dict[str, Any] | None
    rows_per_query: int
    rows: deque[Row] = field(default_factory=deque)
    is_exhausted: bool = False

    def read_on(self) -> None:
        """One Query for the rows that come next."""
        page = storage.query_rows(
            self.index.table,
            self.key,
            index=self.index.name,
            range_condition=self.index.table.get_attributes()[self.index.range_key].between(self.low, self.high),
            limit=self.rows_per_query,
            start_key=self.start_key,
            forward=not self.index.descending,
        )
        self.rows.extend(page.rows)
        self.start_key = page.next_key
        self.is_exhausted = page.next_key is None


class OrderedRows:
    """Iterates over `(position, row)`; ends early, with `has_more`, when the page has cost enough."""

    def __init__(
        self,
        index: Index,
        keys: Iterable[str],
        *,
        low: int = 0,
        high: int = HIGHEST,
        after: Position | None = None,
        rows_wanted: int,
        further_queries: int = MAX_FURTHER_QUERIES,
    ) -> None:
        ordered = sorted(keys)
        # Rows of several partitions mix in no known way: each may have to give more than its share.
        share = rows_wanted if len(ordered) == 1 else max(8, 2 * rows_wanted // len(ordered))
        rows_per_query = min(share, _MAX_ROWS_PER_QUERY)
        partitions = [_remaining(index, key, low, high, after, rows_per_query) for key in ordered]
        self._partitions = [partition for partition in partitions if partition.low <= partition.high]
        self._index = index
        self._sign = -1 if index.descending else 1
        self._queries_left = further_queries
        self._heads: list[tuple[int, str, _Partition]] = []
        self._is_started = False
        self._is_cut_short = False

    def __iter__(self) -> "OrderedRows":
        return self

    def __next__(self) -> tuple[Position, Row]:
        if not self._is_started:
            self._start()
        if self._is_cut_short or not self._heads:
            raise StopIteration
        value, key, partition = self._heads[0]
        if not partition.rows:
            # The order of everything behind this partition's next row depends on that row.
            if not self._read_on(partition):
                raise StopIteration
            return next(self)
        row = partition.rows.popleft()
        if partition.rows:
            heapq.heapreplace(self._heads, self._head(partition))
        elif partition.is_exhausted:
            heapq.heappop(self._heads)
        return [self._sign * value, key, row[self._index.id_key]], row

    @property
    def has_more(self) -> bool:
        """Whether rows may follow: some are read already, or some partition was not read to its end."""
        return any(partition.rows or not partition.is_exhausted for partition in self._partitions)

    def _start(self) -> None:
        self._is_started = True
        storage.at_once([partition.read_on for partition in self._partitions])
        self._heads = [self._head(partition) for partition in self._partitions if partition.rows]
        heapq.heapify(self._heads)

    def _head(self, partition: _Partition) -> tuple[int, str, _Partition]:
        return self._sign * partition.rows[0][self._index.range_key], partition.key, partition

    def _read_on(self, partition: _Partition) -> bool:
        if self._queries_left == 0:
            self._is_cut_short = True
            return False
        self._queries_left -= 1
        partition.read_on()
        if partition.rows:
            heapq.heapreplace(self._heads, self._head(partition))
        elif partition.is_exhausted:
            heapq.heappop(self._heads)
        return True


def _remaining(index: Index, key: str, low: int, high: int, after: Position | None, rows_per_query: int) -> _Partition:
    """What a partition has behind a position. Values are whole numbers, so "above 7" is "from 8 on"."""
    start_key = None
    if after is not None:
        value, last_key, last_id = after
        # Of the rows with the position's value, partitions sorted before the position's own have shown all.
        step = 1 if key < last_key else 0
        if index.descending:
            high = value - step
        else:
            low = value + step
        if key == last_key:
            start_key = {
                index.stored_name(index.hash_key): {"S": key},
                index.stored_name(index.range_key): {"N": str(value)},
                index.stored_name(index.id_key): {"S": last_id},
            }
    return _Partition(index, key, low, high, start_key, rows_per_query)


def read_whole_partitions(index: Index, keys: Sequence[str], *, low: int, high: int) -> list[Row]:
    """All rows of the partitions, in no order: one Query per megabyte."""
    partitions = [_Partition(index, key, low, high, None, 1000) for key in keys]
    unfinished = partitions
    while unfinished:
        storage.at_once([partition.read_on for partition in unfinished])
        unfinished = [partition for partition in unfinished if not partition.is_exhausted]
    return [row for partition in partitions for row in partition.rows]
