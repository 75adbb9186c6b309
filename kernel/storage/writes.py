"""Conditional writes: one item, or all of a transaction."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action, Update

from kernel.storage.items import Item, Row
from kernel.storage.reads import key_of
from kernel.storage.requests import dispatch, error_code
from kernel.values import dataclass

MAX_TRANSACTION_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Write:
    """One action of a transaction. `name` tells it apart when its condition fails."""

    name: str
    operation: str
    kwargs: dict[str, Any] = field(repr=False)
    table: type[Item]


def put(name: str, item: Item, *, condition: Condition | None = None) -> Write:
    """Put the whole item, if the condition on the item now stored holds."""
    return write_of(name, "Put", type(item), {"Item": item.to_item()} | expressions(condition))


def update(
    name: str,
    table: type[Item],
    hash_key: str,
    range_key: str | None = None,
    *,
    actions: Sequence[Action],
    condition: Condition | None = None,
) -> Write:
    """Change these attributes of one item, if the condition holds."""
    key = {"Key": key_of(table, hash_key, range_key)}
    return write_of(name, "Update", table, key | expressions(condition, actions))


def delete(
    name: str, table: type[Item], hash_key: str, range_key: str | None = None, *, condition: Condition | None = None
) -> Write:
    """Delete one item, if the condition holds."""
    return write_of(name, "Delete", table, {"Key": key_of(table, hash_key, range_key)} | expressions(condition))


def check(name: str, table: type[Item], hash_key: str, range_key: str | None = None, *, condition: Condition) -> Write:
    """Change nothing, but let the transaction fail unless the condition holds."""
    return write_of(name, "ConditionCheck", table, {"Key": key_of(table, hash_key, range_key)} | expressions(condition))


def write_of(name: str, operation: str, table: type[Item], members: dict[str, Any]) -> Write:
    """The write of these members of the request; when its condition fails, the answer has what is stored."""
    common = {"TableName": table.Meta.table_name, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    return Write(name, operation, common | members, table)


def expressions(condition: Condition | None, actions: Sequence[Action] = ()) -> dict[str, Any]:
    """The members of a request that say under which condition it changes what."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    kwargs: dict[str, Any] = {}
    if condition is not None:
        kwargs["ConditionExpression"] = condition.serialize(names, values)
    if actions:
        kwargs["UpdateExpression"] = Update(*actions).serialize(names, values)
    if names:
        kwargs["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    if values:
        kwargs["ExpressionAttributeValues"] = values
    return kwargs


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

    Raises `ConditionFailedError`, or `BusyError` when DynamoDB does not take it in time. The transport repeats a call
    whose answer was lost, so a condition can fail because the first try succeeded: compare the stored row.
    """
    kwargs = dict(action.kwargs)
    if action.operation == "Update":
        kwargs["ReturnValues"] = "ALL_NEW"
    try:
        answer = dispatch(f"{action.operation}Item", kwargs)
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        raise ConditionFailedError({action.name: _failed_row(action, error.response.get("Item"))}) from error
    return action.table.read_row(answer["Attributes"]) if "Attributes" in answer else None


def transact(writes: Sequence[Write]) -> None:
    """All writes or none: one TransactWriteItems. Raises `ConditionFailedError`, or `BusyError` when DynamoDB does not
    take it in time.

    Every repetition carries the same token, so a lost answer neither fails nor writes twice.
    """
    if len(writes) > MAX_TRANSACTION_ITEMS:
        raise ValueError(f"one transaction takes {MAX_TRANSACTION_ITEMS} items, not {len(writes)}")
    try:
        dispatch(
            "TransactWriteItems",
            {
                "TransactItems": [{action.operation: action.kwargs} for action in writes],
                "ClientRequestToken": secrets.token_hex(16),
            },
        )
    except ClientError as error:
        if error_code(error) != "TransactionCanceledException":
            raise
        reasons = error.response.get("CancellationReasons", [])
        failed = {
            action.name: _failed_row(action, reason.get("Item"))
            for action, reason in zip(writes, reasons, strict=True)
            if reason["Code"] == "ConditionalCheckFailed"
        }
        if not failed:
            raise
        raise ConditionFailedError(failed) from error


def _failed_row(action: Write, item: Any) -> Row | None:
    return action.table.read_row(item) if item else None
