"""DynamoDB through PynamoDB models: what the apps need of it, and what PynamoDB leaves open.

- All tables share one client (PynamoDB makes one per model: 12 models cost 1.3 s and 108 MB).
- Reads answer plain rows (`dict` of attribute name → value), one round trip each, or a `Page` with its next key.
- Writes are `Write` values that one app can hand to another; `transact` sends them as one TransactWriteItems and
  says by name which conditions failed.
- Contention and throttling are retried briefly with jitter; then, or when DynamoDB does not answer, `BusyError`.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from pynamodb.attributes import Attribute, MapAttribute
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.connection.table import TableConnection
from pynamodb.constants import STRING
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from marketplace.kernel.aws import dynamodb_client
from marketplace.kernel.clock import from_rfc3339, to_rfc3339
from marketplace.kernel.errors import BusyError

Row = dict[str, Any]

MAX_TRANSACTION_ITEMS = 100
MAX_BATCH_KEYS = 100

# Codes of a refusal that says nothing about the data: the same request may succeed a moment later.
_PASSING_CODES = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
    }
)
_MAX_ATTEMPTS = 6
_RETRY_WINDOW_SECONDS = 3.0


class InstantAttribute(Attribute[datetime]):
    """An instant, stored as RFC 3339 in UTC to the second, which sorts as text."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return to_rfc3339(value)

    def deserialize(self, value: str) -> datetime:
        return from_rfc3339(value)


class _SharedConnection(Connection):
    """PynamoDB's connection on the client that the whole process shares."""

    @property
    def client(self) -> Any:
        return dynamodb_client()


@cache
def connection() -> Connection:
    """The connection of all tables."""
    return _SharedConnection(region=settings.AWS_REGION, host=settings.AWS_ENDPOINT_URL)


def physical_name(table_name: str) -> str:
    """The table's name in this stage."""
    return f"{settings.RESOURCE_PREFIX}{table_name}"


class Table(Model):
    """Base of all models: PynamoDB declares keys, attributes and indexes, this reads and writes them.

    A subclass declares `class Meta: table_name = physical_name("…")`.
    """

    _readers: ClassVar[Mapping[str, tuple[str, Callable[[Any], Any]]] | None] = None

    @classmethod
    def _get_connection(cls) -> TableConnection:
        if cls._connection is None:
            schema = cls._get_schema()
            shared = connection()
            shared.add_meta_table(
                MetaTable(
                    {
                        "TableName": cls.Meta.table_name,
                        "KeySchema": schema["key_schema"],
                        "AttributeDefinitions": schema["attribute_definitions"],
                        "GlobalSecondaryIndexes": [
                            {"IndexName": index["index_name"], "KeySchema": index["key_schema"]}
                            for index in schema["global_secondary_indexes"]
                        ],
                        "LocalSecondaryIndexes": [],
                    }
                )
            )
            table = TableConnection(cls.Meta.table_name)
            table.connection = shared
            cls._connection = table
        return cls._connection

    @classmethod
    def read_row(cls, item: Mapping[str, Any]) -> Row:
        """The row of one item as DynamoDB sent it, by Python attribute names.

        Attributes that the model does not declare keep their stored name; a declared one that is absent is left out.
        """
        if cls._readers is None:
            cls._readers = {
                attribute.attr_name: (name, _value_reader(attribute)) for name, attribute in cls.get_attributes().items()
            }
        readers = cls._readers
        row: Row = {}
        for stored_name, typed_value in item.items():
            reader = readers.get(stored_name)
            if reader is None:
                row[stored_name] = _plain(typed_value)
            else:
                name, read = reader
                row[name] = read(typed_value)
        return row


def _plain(typed_value: Mapping[str, Any]) -> Any:
    """The Python value of a DynamoDB attribute value: numbers as int where they are whole."""
    ((kind, value),) = typed_value.items()
    if kind in ("S", "BOOL", "SS"):
        return value
    if kind == "N":
        return _number(value)
    if kind == "M":
        return {name: _plain(member) for name, member in value.items()}
    if kind == "L":
        return [_plain(member) for member in value]
    if kind == "NULL":
        return None
    raise TypeError(f"no attribute of type {kind} is in use")


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _value_reader(attribute: Attribute[Any]) -> Callable[[Any], Any]:
    if isinstance(attribute, InstantAttribute):
        return lambda typed_value: from_rfc3339(typed_value["S"])
    if isinstance(attribute, MapAttribute) or attribute.attr_type in ("S", "N", "BOOL", "L", "M", "NULL"):
        return _plain
    return lambda typed_value: attribute.deserialize(typed_value[attribute.attr_type])


# --- Reads -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a Query: its rows, and the key to start the next page after (None: there is no more)."""

    rows: list[Row]
    next_key: dict[str, Any] | None


def get_row(
    table: type[Table], hash_key: str, range_key: str | None = None, *, consistent: bool = True
) -> Row | None:
    """The row with that key, or None. One GetItem, strongly consistent unless told otherwise."""
    kwargs = table._get_connection().get_operation_kwargs(hash_key, range_key, consistent_read=consistent)
    item = _dispatch("GetItem", kwargs).get("Item")
    return table.read_row(item) if item else None


Key = tuple[type[Table], str] | tuple[type[Table], str, str]


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
        names = _key_names(table)
        identity = (table.Meta.table_name, *values)
        if identity not in positions:
            key = {name: {"S": value} for name, value in zip(names, values, strict=True)}
            request = requests.setdefault(table.Meta.table_name, {"Keys": [], "ConsistentRead": consistent})
            request["Keys"].append(key)
            positions[identity] = position
    found: dict[tuple[str, ...], Row] = {}
    started = time.monotonic()
    attempt = 0
    while requests:
        answer = _dispatch("BatchGetItem", {"RequestItems": requests})
        for table_name, items in answer["Responses"].items():
            table = tables[table_name]
            names = _key_names(table)
            for item in items:
                found[(table_name, *(item[name]["S"] for name in names))] = table.read_row(item)
        requests = answer.get("UnprocessedKeys") or {}
        attempt += 1
        if requests:
            _pause_or_give_up(attempt, started)
    return [found.get((table.Meta.table_name, *values)) for table, *values in keys]


def query_rows(
    table: type[Table],
    hash_key: str,
    *,
    index: str | None = None,
    range_condition: Condition | None = None,
    filter_condition: Condition | None = None,
    limit: int,
    start_key: dict[str, Any] | None = None,
    forward: bool = True,
    consistent: bool = False,
) -> Page:
    """One page of one partition, in the order of the range key: one Query.

    `limit` counts the items read, before `filter_condition` drops any.
    """
    try:
        answer = table._get_connection().query(
            hash_key,
            range_key_condition=range_condition,
            filter_condition=filter_condition,
            index_name=index,
            limit=limit,
            exclusive_start_key=start_key,
            scan_index_forward=forward,
            consistent_read=consistent,
        )
    except Exception as error:
        cause = getattr(error, "cause", None) or error.__cause__
        if isinstance(cause, BotoCoreError) or (isinstance(cause, ClientError) and _code(cause) in _PASSING_CODES):
            raise BusyError from error
        raise
    return Page([table.read_row(item) for item in answer["Items"]], answer.get("LastEvaluatedKey"))


@cache
def _key_names(table: type[Table]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in table._get_schema()["key_schema"])


# --- Writes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """One action of a transaction. `name` tells it apart when its condition fails."""

    name: str
    operation: str
    kwargs: dict[str, Any] = field(repr=False)
    table: type[Table]


def put(name: str, item: Table, *, condition: Condition | None = None) -> Write:
    """Put the whole item, if the condition on the item now stored holds."""
    kwargs = item.get_save_kwargs_from_instance(condition=condition, return_values_on_condition_failure="ALL_OLD")
    return Write(name, "Put", kwargs, type(item))


def update(
    name: str,
    table: type[Table],
    hash_key: str,
    range_key: str | None = None,
    *,
    actions: Sequence[Action],
    condition: Condition | None = None,
) -> Write:
    """Change these attributes of one item, if the condition holds."""
    return Write(name, "Update", _kwargs(table, hash_key, range_key, condition, actions=actions), table)


def delete(
    name: str, table: type[Table], hash_key: str, range_key: str | None = None, *, condition: Condition | None = None
) -> Write:
    """Delete one item, if the condition holds."""
    return Write(name, "Delete", _kwargs(table, hash_key, range_key, condition), table)


def check(
    name: str, table: type[Table], hash_key: str, range_key: str | None = None, *, condition: Condition
) -> Write:
    """Change nothing, but let the transaction fail unless the condition holds."""
    return Write(name, "ConditionCheck", _kwargs(table, hash_key, range_key, condition), table)


def _kwargs(
    table: type[Table],
    hash_key: str,
    range_key: str | None,
    condition: Condition | None,
    *,
    actions: Sequence[Action] | None = None,
) -> dict[str, Any]:
    return table._get_connection().get_operation_kwargs(
        hash_key,
        range_key,
        actions=actions,
        condition=condition,
        return_values_on_condition_failure="ALL_OLD",
    )


class ConditionFailedError(Exception):
    """One or more conditions did not hold, and nothing was written.

    `failed` has, by the name of each `Write` whose condition failed, the row that is stored (None: there is none).
    It is for the service that wrote to turn into the `DomainError` that its caller understands.
    """

    def __init__(self, failed: Mapping[str, Row | None]) -> None:
        super().__init__(", ".join(failed))
        self.failed = failed


def write(action: Write) -> Row | None:
    """One conditional write: PutItem, UpdateItem or DeleteItem. Returns the new row of an update.

    Raises `ConditionFailedError`, or `BusyError` when DynamoDB does not take it in time. The SDK repeats a call whose
    answer was lost, so a condition can fail because the first try succeeded: compare the stored row.
    """
    kwargs = dict(action.kwargs)
    if action.operation == "Update":
        kwargs["ReturnValues"] = "ALL_NEW"
    try:
        answer = _dispatch(f"{action.operation}Item", kwargs)
    except ClientError as error:
        if _code(error) != "ConditionalCheckFailedException":
            raise
        raise ConditionFailedError({action.name: _failed_row(action, _original(error).response.get("Item"))}) from error
    return action.table.read_row(answer["Attributes"]) if "Attributes" in answer else None


def transact(writes: Sequence[Write]) -> None:
    """All writes or none: one TransactWriteItems. Raises as `write` does.

    A repeated call of the SDK carries the same token, so a lost answer neither fails nor writes twice.
    """
    if len(writes) > MAX_TRANSACTION_ITEMS:
        raise ValueError(f"one transaction takes {MAX_TRANSACTION_ITEMS} items, not {len(writes)}")
    try:
        _dispatch("TransactWriteItems", {"TransactItems": [{action.operation: action.kwargs} for action in writes]})
    except ClientError as error:
        if _code(error) != "TransactionCanceledException":
            raise
        reasons = _original(error).response.get("CancellationReasons", [])
        failed = {
            action.name: _failed_row(action, reason.get("Item"))
            for action, reason in zip(writes, reasons, strict=True)
            if reason["Code"] == "ConditionalCheckFailed"
        }
        if not failed:
            raise
        raise ConditionFailedError(failed) from error


def _failed_row(action: Write, item: Mapping[str, Any] | None) -> Row | None:
    return action.table.read_row(item) if item else None


def _dispatch(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Send one request; repeat it while DynamoDB says that only the moment was wrong."""
    started = time.monotonic()
    attempt = 0
    while True:
        try:
            return connection().dispatch(operation, kwargs)
        except ClientError as error:
            if not _is_passing(error):
                raise
        except BotoCoreError as error:
            raise BusyError from error
        attempt += 1
        _pause_or_give_up(attempt, started)


def _pause_or_give_up(attempt: int, started: float) -> None:
    pause = random.uniform(0, min(0.02 * 2**attempt, 0.5))  # noqa: S311  (jitter)
    if attempt >= _MAX_ATTEMPTS or time.monotonic() + pause - started > _RETRY_WINDOW_SECONDS:
        raise BusyError
    time.sleep(pause)


def _is_passing(error: ClientError) -> bool:
    if _code(error) != "TransactionCanceledException":
        return _code(error) in _PASSING_CODES
    codes = {reason["Code"] for reason in _original(error).response.get("CancellationReasons", [])}
    # Also beside a failed condition: while another write holds the idempotency record, a taken slot may be one's own.
    return not codes.isdisjoint(_PASSING_CODES)


def _original(error: ClientError) -> ClientError:
    """botocore's own error: PynamoDB's copy of it leaves out the stored item."""
    return error.__cause__ if isinstance(error.__cause__, ClientError) else error


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
