"""Pages of lists: one Query each, continued by a signed cursor."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pynamodb.expressions.condition import Condition

from kernel import storage
from kernel.cursors import decode_cursor, encode_cursor
from kernel.values import dataclass

# So many items are read for a page of which a filter drops some, with the same one Query.
_READ_FOR_FILTERED = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """One page of a list, and the cursor of the next (None: there is no more).

    A page can have fewer results than asked for, even none, and yet a next one.
    """

    results: Sequence[T]
    next_cursor: str | None = None


def read_page(
    item_class: type[storage.Item],
    hash_key: str,
    build: Callable[[storage.Row], T],
    *,
    index: str,
    scope: tuple[Any, ...],
    limit: int,
    cursor: str | None,
    forward: bool = True,
    range_condition: Condition | None = None,
    filter_condition: Condition | None = None,
) -> ListPage[T]:
    """One page of one partition of an index, in the order of the range key: one Query.

    `build` makes a result of a row. `scope` names the list, who asks and every filter: a cursor belongs to one.
    With a `filter_condition`, 200 items are read for a page, so that seldom one is not full. Raises `InvalidInputError`
    naming `cursor`.
    """
    page = storage.query_rows(
        item_class,
        hash_key,
        index=index,
        range_condition=range_condition,
        filter_condition=filter_condition,
        limit=limit if filter_condition is None else max(limit, _READ_FOR_FILTERED),
        most=limit,
        start_key=decode_cursor(cursor, scope=scope),
        forward=forward,
    )
    next_cursor = encode_cursor(page.next_key, scope=scope) if page.next_key else None
    return ListPage([build(row) for row in page.rows], next_cursor)
