"""Pages of search results: rows in order are filtered until the page is full or has cost enough."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from catalog.domain import UNRATED_RANK
from kernel.storage import Row

# What resumes an order after a row; JSON, so that a cursor can carry it.
Position = list[Any]


class Rows(Protocol):
    """Rows in the order of the list, each with its position."""

    def __iter__(self) -> Iterator[tuple[Position, Row]]: ...

    def __next__(self) -> tuple[Position, Row]: ...

    @property
    def has_more(self) -> bool:
        """Whether rows may follow those that were iterated over."""


def fill_page(
    rows: Rows,
    limit: int,
    *,
    after: Position | None,
    accepts: Callable[[Row], bool],
    select: Callable[[list[Row]], list[Row]] | None = None,
    batch_size: int = 25,
    max_batches: int = 4,
) -> tuple[list[Row], Position | None]:
    """Up to `limit` of the rows after a position that pass, and the position to go on from (None: there is no more).

    `accepts` judges a row by itself. `select`, which may read, keeps some of a batch of rows that were accepted, in
    their order; it is asked at most `max_batches` times.
    """
    page: list[Row] = []
    position = after
    batches = 0
    while len(page) < limit:
        batch: list[tuple[Position, Row]] = []
        wanted = batch_size if select else limit - len(page)
        for position, row in rows:
            if accepts(row):
                batch.append((position, row))
                if len(batch) == wanted:
                    break
        chosen = select([row for _, row in batch]) if select and batch else [row for _, row in batch]
        room = limit - len(page)
        page += chosen[:room]
        if len(chosen) > room:
            return page, _position_of(batch, page[-1])
        batches += 1
        if len(batch) < wanted or (select and batches == max_batches):
            break
    return page, position if rows.has_more else None


def _position_of(batch: list[tuple[Position, Row]], wanted: Row) -> Position:
    return next(position for position, row in batch if row is wanted)


def least_rank(min_rating: int) -> int:
    """The rank that everyone has at least whose mean rating, in hundredths, is at least that."""
    # A rank lies between the mean and that of the unrated, and is rounded down.
    return max(min(min_rating, UNRATED_RANK) - 1, 0)
