"""One page of a list, forward or back, from one or several partitions, without counting what lies around it."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kernel.cursors import decode_cursor, encode_cursor
from kernel.dynamo_admin.access import key_of_row
from kernel.dynamo_admin.plans import MAX_ITERATED_ITEMS, NoIndexError, Plan

if TYPE_CHECKING:
    from kernel.dynamo_admin.models import DynamoModel

# What one Query reads where a predicate may drop most of it.
_SELECTIVE_LIMIT = 200
# Queries that one page of a list may cost beyond one for each partition.
_SPARE_QUERIES = 1

# Where a lane stands: before everything (None), behind everything (False), or behind the item with this key.
_Position = dict[str, Any] | bool | None


class _OutOfQueriesError(Exception):
    """What comes next lies behind Queries that may not be spent any more."""


class _Allowance:
    """The Queries that may still be spent."""

    def __init__(self, queries: int) -> None:
        self._left = queries

    def spend(self) -> None:
        """Raises `_OutOfQueriesError`."""
        if self._left <= 0:
            raise _OutOfQueriesError
        self._left -= 1


class _Lane:
    """Reads one partition in one direction, and knows where it stands."""

    def __init__(
        self, plan: Plan, partition: str, position: _Position, *, forward: bool, limit: int, allowance: _Allowance
    ) -> None:
        self._plan, self._partition, self._forward, self._limit = plan, partition, forward, limit
        self._allowance = allowance
        self._has_more = position is not False
        self._resume: dict[str, Any] | None = position if isinstance(position, dict) else None
        self._waiting: deque[DynamoModel] = deque()
        # Behind the last object taken; and the first one taken.
        self.position: _Position = position
        self._first: dict[str, Any] | None = None

    def head(self) -> "DynamoModel | None":
        """The next object of this lane; None at its end. Raises `_OutOfQueriesError`."""
        while not self._waiting and self._has_more:
            self._allowance.spend()
            found, self._resume = self._plan.fetch(
                self._partition, start_key=self._resume, forward=self._forward, limit=self._limit
            )
            self._has_more = self._resume is not None
            self._waiting.extend(instance for instance in found if self._plan.matches(instance))
            if not self._waiting:
                self.position = self._resume if self._has_more else False
        return self._waiting[0] if self._waiting else None

    def take(self) -> "DynamoModel":
        """Remove and return the object that `head` showed."""
        instance = self._waiting.popleft()
        key = self._key(instance)
        self._first = self._first or key
        if self._waiting:
            self.position = key
        else:
            self.position = self._resume if self._has_more else False
        return instance

    def turning_point(self) -> _Position:
        """Where a lane of the other direction begins, to show what lies before this page."""
        if self._first is not None:
            return self._first
        if self._waiting:
            return self._key(self._waiting[0])
        return self._resume if self._has_more else None

    def _key(self, instance: "DynamoModel") -> dict[str, Any]:
        access = self._plan.access
        if access is None:
            raise NoIndexError("there are no lanes without an index")
        return key_of_row(self._plan.item_class, access, instance.row)


def _next_lane(plan: Plan, lanes: Sequence[_Lane], *, forward: bool) -> _Lane | None:
    """The lane whose head comes first in the order of the range key; of equal ones always the same."""
    heads = [(lane.head(), number, lane) for number, lane in enumerate(lanes)]
    if len(lanes) == 1:
        return lanes[0] if heads[0][0] is not None else None
    name = plan.ordered_by

    def place(found: tuple[Any, int, _Lane]) -> tuple[Any, int]:
        return (getattr(found[0], name) if name else 0), found[1]

    live = [found for found in heads if found[0] is not None]
    if not live:
        return None
    return (min if forward else max)(live, key=place)[2]


class Page(list["DynamoModel"]):
    """The objects of one page. `next` and `previous` are cursors of its neighbours, None where there are none.

    `is_partial` says that the page stopped before it was full, because what it looks for is rare; `next` then looks on.
    """

    def __init__(self, plan: Plan, *, size: int, cursor: str = "") -> None:
        """Raises `InvalidInputError` for a cursor of another list."""
        super().__init__()
        self.plan = plan
        self.next: str | None = None
        self.previous: str | None = None
        self.is_partial = False
        if plan.is_empty or not plan.is_readable:
            return
        if plan.keys is not None:
            self.extend(iterate(plan))
            return
        place = decode_cursor(cursor, scope=plan.scope())
        self._fill(size, place)
        self[:] = plan.complete(self)

    def _fill(self, size: int, place: Any) -> None:
        plan = self.plan
        is_back, positions = place or (False, [None] * len(plan.partitions))
        forward = plan.forward != is_back
        limit = _SELECTIVE_LIMIT if plan.is_selective else size + 1
        allowance = _Allowance(len(plan.partitions) + _SPARE_QUERIES)
        lanes = [
            _Lane(plan, partition, position, forward=forward, limit=limit, allowance=allowance)
            for partition, position in zip(plan.partitions, positions, strict=True)
        ]
        has_more = True
        try:
            while (lane := _next_lane(plan, lanes, forward=forward)) is not None and len(self) < size:
                self.append(lane.take())
            has_more = lane is not None
        except _OutOfQueriesError:
            self.is_partial = len(self) < size
        if is_back and not has_more and len(self) < size:
            # The beginning is reached: show the first page whole.
            self.clear()
            self._fill(size, None)
            return
        onward = self._cursor(not is_back, [lane.position for lane in lanes]) if has_more else None
        back = self._cursor(is_back, [lane.turning_point() for lane in lanes])
        if is_back:
            self.reverse()
            self.previous, self.next = onward, back
        else:
            self.next, self.previous = onward, (back if place else None)

    def _cursor(self, is_onward: bool, positions: list[_Position]) -> str:  # noqa: FBT001
        return encode_cursor([not is_onward, positions], scope=self.plan.scope())


def iterate(plan: Plan) -> Iterator["DynamoModel"]:
    """Every result, page after page. Raises `NoIndexError` where no index leads to them, or they are too many."""
    if plan.is_empty:
        return
    if plan.keys is not None:
        yield from (instance for instance in plan.by_keys(plan.keys) if plan.matches(instance))
        return
    if plan.access is None:
        raise NoIndexError(f"no index of {plan.model._meta.label} answers this query; choose a filter first")
    allowance = _Allowance(MAX_ITERATED_ITEMS // _SELECTIVE_LIMIT + len(plan.partitions))
    lanes = [
        _Lane(plan, partition, None, forward=plan.forward, limit=_SELECTIVE_LIMIT, allowance=allowance)
        for partition in plan.partitions
    ]
    batch: list[DynamoModel] = []
    try:
        while (lane := _next_lane(plan, lanes, forward=plan.forward)) is not None:
            batch.append(lane.take())
            if len(batch) == _SELECTIVE_LIMIT // 2:
                yield from plan.complete(batch)
                batch.clear()
    except _OutOfQueriesError:
        raise NoIndexError(f"too many items of {plan.model._meta.label}; choose a narrower filter") from None
    yield from plan.complete(batch)
