"""Reads: by key, many keys at once, and one page of one partition. One round trip each."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, overload

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from kernel.storage.items import Item, Row
from kernel.storage.requests import dispatch, pause_or_give_up
from kernel.values import dataclass

MAX_BATCH_KEYS = 100
# The longest that DynamoDB takes of a key.
_MAX_HASH_BYTES, _MAX_RANGE_BYTES = 2048, 1024

T = TypeVar("T")
U = TypeVar("U")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a Query: its rows, and the key to start the next page after (None: there is no more)."""

    rows: list[Row]
    next_key: dict[str, Any] | None


def get_row(table: type[Item], hash_key: str, range_key: str | None = None, *, consistent: bool = True) -> Row | None:
    """The row with that key, or None. One GetItem, strongly consistent unless told otherwise."""
    if not can_be_key(hash_key, range_key):
        return None
    request = {
        "TableName": table.Meta.table_name,
        "Key": key_of(table, hash_key, range_key),
        "ConsistentRead": consistent,
    }
    item = dispatch("GetItem", request).get("Item")
    return table.read_row(item) if item else None


Key = tuple[type[Item], str] | tuple[type[Item], str, str]


def get_rows(keys: Sequence[Key], *, consistent: bool = True) -> list[Row | None]:
    """The rows with these keys, in their order, None where there is none: one BatchGetItem for up to 100 keys.

    Keys that DynamoDB leaves unprocessed under load are asked for again.
    """
    if not keys:
        return []
    if len(keys) > MAX_BATCH_KEYS:
        raise ValueError(f"one BatchGetItem takes {MAX_BATCH_KEYS} keys, not {len(keys)}")
    tables = {table.Meta.table_name: table for table, *_ in keys}
    requests: dict[str, Any] = {}
    positions: dict[tuple[str, ...], int] = {}
    for position, (table, *values) in enumerate(keys):
        identity = (table.Meta.table_name, *values)
        if identity not in positions and can_be_key(*values):
            key = key_of(table, *values)
            request = requests.setdefault(table.Meta.table_name, {"Keys": [], "ConsistentRead": consistent})
            request["Keys"].append(key)
            positions[identity] = position
    found: dict[tuple[str, ...], Row] = {}
    started = time.monotonic()
    attempt = 0
    while requests:
        answer = dispatch("BatchGetItem", {"RequestItems": requests})
        for table_name, items in answer["Responses"].items():
            table = tables[table_name]
            names = key_names(table)
            for item in items:
                identity = (table_name, *(item[name]["S"] for name in names))
                # Items of one table can be of several classes.
                found[identity] = keys[positions[identity]][0].read_row(item)
        requests = answer.get("UnprocessedKeys") or {}
        attempt += 1
        if requests:
            pause_or_give_up(attempt, started)
    return [found.get((table.Meta.table_name, *values)) for table, *values in keys]


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Items to be read by key, and what is made of their rows: the counterpart of `Write`.

    An app hands its reads to others as it hands out writes: `read` and `read_all` fetch the items of several apps with
    one call. `build` takes the rows in the order of the keys, None where there is no item, and may raise the
    `DomainError` that says what is missing.
    """

    keys: tuple[Key, ...]
    build: Callable[[Sequence[Row | None]], T]

    def then(self, make: Callable[[T], U]) -> "Read[U]":
        """The same items, read for what `make` makes of this read's value."""
        return Read(self.keys, lambda rows: make(self.build(rows)))


def item_read(key: Key, build: Callable[[Row], T]) -> Read[T | None]:
    """The read of one item: what `build` makes of its row, None if there is no item."""
    return Read((key,), lambda rows: None if rows[0] is None else build(rows[0]))


@overload
def joined(first: Read[A], second: Read[B], /) -> Read[tuple[A, B]]: ...
@overload
def joined(first: Read[A], second: Read[B], third: Read[C], /) -> Read[tuple[A, B, C]]: ...
@overload
def joined(first: Read[A], second: Read[B], third: Read[C], fourth: Read[D], /) -> Read[tuple[A, B, C, D]]: ...
@overload
def joined(*reads: Read[T]) -> Read[tuple[T, ...]]: ...
def joined(*reads: Read[Any]) -> Read[Any]:
    """One read of all items of several, whose value is the tuple of their values, built in this order."""

    def build(rows: Sequence[Row | None]) -> tuple[Any, ...]:
        values, position = [], 0
        for each in reads:
            values.append(each.build(rows[position : position + len(each.keys)]))
            position += len(each.keys)
        return tuple(values)

    return Read(tuple(key for each in reads for key in each.keys), build)


def read(wanted: Read[T], *, consistent: bool = True) -> T:
    """The read's value: one GetItem for one key, one BatchGetItem for up to 100."""
    if len(wanted.keys) == 1:
        return wanted.build([get_row(*wanted.keys[0], consistent=consistent)])
    return wanted.build(get_rows(wanted.keys, consistent=consistent))


@overload
def read_all(first: Read[A], second: Read[B], /) -> tuple[A, B]: ...
@overload
def read_all(first: Read[A], second: Read[B], third: Read[C], /) -> tuple[A, B, C]: ...
@overload
def read_all(first: Read[A], second: Read[B], third: Read[C], fourth: Read[D], /) -> tuple[A, B, C, D]: ...
@overload
def read_all(*reads: Read[T]) -> tuple[T, ...]: ...
def read_all(*reads: Read[Any]) -> Any:
    """The values of several reads with one BatchGetItem; the first read's `DomainError` comes first."""
    return read(joined(*reads))


def query_rows(
    table: type[Item],
    hash_key: str,
    *,
    index: str | None = None,
    range_condition: Condition | None = None,
    filter_condition: Condition | None = None,
    limit: int,
    most: int | None = None,
    start_key: dict[str, Any] | None = None,
    forward: bool = True,
    consistent: bool = False,
) -> Page:
    """One page of one partition, in the order of the range key: one Query.

    `limit` counts the items read, before `filter_condition` drops any; `most` those that are left, and the next page
    begins after the last of them.
    """
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    key_condition: Condition = Path([_hash_key_name(table, index)]) == hash_key
    if range_condition is not None:
        key_condition &= range_condition
    kwargs: dict[str, Any] = {
        "TableName": table.Meta.table_name,
        "KeyConditionExpression": key_condition.serialize(names, values),
        "Limit": limit,
        "ScanIndexForward": forward,
    }
    if filter_condition is not None:
        kwargs["FilterExpression"] = filter_condition.serialize(names, values)
    if index is not None:
        kwargs["IndexName"] = index
    if start_key is not None:
        kwargs["ExclusiveStartKey"] = start_key
    if consistent:
        kwargs["ConsistentRead"] = True
    kwargs["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    kwargs["ExpressionAttributeValues"] = values
    answer = dispatch("Query", kwargs)
    items, next_key = answer["Items"], answer.get("LastEvaluatedKey")
    if most is not None and len(items) > most:
        items = items[:most]
        next_key = {name: items[-1][name] for name in (*key_names(table), *_index_key_names(table, index))}
    return Page([table.read_row(item) for item in items], next_key)


def all_rows(
    table: type[Item],
    hash_key: str,
    *,
    index: str | None = None,
    range_condition: Condition | None = None,
    filter_condition: Condition | None = None,
) -> Iterator[Row]:
    """All rows of one partition, or of a part, page after page: for commands, jobs and exports, not for pages that
    people wait for.
    """
    start_key: dict[str, Any] | None = None
    while True:
        page = query_rows(
            table,
            hash_key,
            index=index,
            range_condition=range_condition,
            filter_condition=filter_condition,
            limit=MAX_BATCH_KEYS,
            start_key=start_key,
        )
        yield from page.rows
        if page.next_key is None:
            return
        start_key = page.next_key


def every_row(table: type[Item]) -> Iterator[Row]:
    """All rows of a table, in no order: a Scan, which is for an operator's commands alone."""
    request: dict[str, Any] = {"TableName": table.Meta.table_name, "Limit": MAX_BATCH_KEYS, "ConsistentRead": True}
    while True:
        answer = dispatch("Scan", request)
        yield from map(table.read_row, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def current_rows(
    table: type[Item], hash_keys: Sequence[str], *, index: str, range_condition: Condition | None = None
) -> Iterator[Row]:
    """The rows, as they are now, of the items that partitions of an index list: for jobs.

    The index lags behind, so that a row may no longer be what the index says. One Query for each partition and hundred
    items, and one BatchGetItem for each hundred. The table has no range key.
    """
    (key_name,) = key_names(table)
    name = next(name for name, attribute in table.get_attributes().items() if attribute.attr_name == key_name)
    for hash_key in hash_keys:
        start_key = None
        while True:
            page = query_rows(
                table,
                hash_key,
                index=index,
                range_condition=range_condition,
                limit=MAX_BATCH_KEYS,
                start_key=start_key,
            )
            rows = get_rows([(table, found[name]) for found in page.rows])
            yield from (row for row in rows if row is not None)
            start_key = page.next_key
            if start_key is None:
                break


def _hash_key_name(table: type[Item], index: str | None) -> str:
    return key_names(table)[0] if index is None else _index_key_names(table, index)[0]


@cache
def _index_key_names(table: type[Item], index: str | None) -> tuple[str, ...]:
    """The stored names of the index's hash key and range key; none without an index."""
    if index is None:
        return ()
    indexes: Any = table._get_schema()["global_secondary_indexes"]
    return _names(next(found["key_schema"] for found in indexes if found["index_name"] == index))


def can_be_key(hash_key: str, range_key: str | None = None) -> bool:
    """Whether an item can have this key: DynamoDB refuses to be asked for others, which addresses may name."""
    if not 0 < len(hash_key.encode()) <= _MAX_HASH_BYTES:
        return False
    return range_key is None or 0 < len(range_key.encode()) <= _MAX_RANGE_BYTES


def key_of(table: type[Item], hash_key: str, range_key: str | None = None) -> dict[str, Any]:
    """The key as DynamoDB takes it; all keys are texts."""
    values = (hash_key,) if range_key is None else (hash_key, range_key)
    return {name: {"S": value} for name, value in zip(key_names(table), values, strict=True)}


@cache
def key_names(table: type[Item]) -> tuple[str, ...]:
    """The stored names of the hash key and, if there is one, of the range key."""
    return _names(table._get_schema()["key_schema"])


def _names(key_schema: Sequence[Any]) -> tuple[str, ...]:
    # PynamoDB lists them by name.
    return tuple(str(key["AttributeName"]) for key in sorted(key_schema, key=lambda key: key["KeyType"]))
