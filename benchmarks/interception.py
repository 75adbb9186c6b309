"""Looks over the shoulder of the application's transport, in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

from benchmarks.capacity import Item, TableSchema, write_units
from benchmarks.raw_dynamodb import RawDynamoDB
from kernel.storage import shared_transport

# A condition check writes nothing, but is charged like a write that changes nothing.
_WRITE_ACTIONS = ("Put", "Update", "Delete", "ConditionCheck")


@contextmanager
def withheld(operation: str, *, answer: bytes = b"{}") -> Iterator[list[bytes]]:
    """The bodies of all requests for this operation within the block; they are not sent, but answered so."""
    bodies: list[bytes] = []
    exchange = shared_transport().exchange

    def withhold(requested: str, body: bytes) -> tuple[int, bytes]:
        if requested != operation:
            return exchange(requested, body)
        bodies.append(body)
        return 200, answer

    with mock.patch.object(shared_transport(), "exchange", withhold):
        yield bodies


@dataclass(slots=True)
class Call:
    """One round trip: what the cloud charged for its writes, and what the items say it must charge."""

    operation: str
    charged_write_units: float = 0
    computed_write_units: int = 0


@dataclass(slots=True)
class Recorder:
    """Counts the application's round trips and their write capacity."""

    raw: RawDynamoDB
    calls: list[Call] = field(default_factory=list)
    _schemas: dict[str, TableSchema] = field(default_factory=dict)

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """The calls made within the block."""
        self.calls = []
        with mock.patch.object(shared_transport(), "send", partial(self._send, shared_transport().send)):
            yield self.calls

    def _send(self, send: Callable[..., dict[str, Any]], operation: str, request: dict[str, Any]) -> dict[str, Any]:
        call = Call(operation)
        self.calls.append(call)
        targets = [(table, self._key(table, values)) for table, values in _written(operation, request)]
        before = [self._stored(*target) for target in targets]
        # What a refused write costs is not reported.
        answer = send(operation, request | {"ReturnConsumedCapacity": "INDEXES"})
        if targets:
            consumed = answer["ConsumedCapacity"]
            charges = consumed if isinstance(consumed, list) else [consumed]
            call.charged_write_units = sum(charge["CapacityUnits"] for charge in charges)
            for (table, key), stored_before in zip(targets, before, strict=True):
                call.computed_write_units += write_units(
                    self._schema(table),
                    stored_before,
                    self._stored(table, key),
                    transactional=operation == "TransactWriteItems",
                )
        return answer

    def _schema(self, table: str) -> TableSchema:
        if table not in self._schemas:
            self._schemas[table] = TableSchema.of(self.raw.call("DescribeTable", TableName=table)["Table"])
        return self._schemas[table]

    def _key(self, table: str, values: Item) -> Item:
        return {name: values[name] for name in self._schema(table).key}

    def _stored(self, table: str, key: Item) -> Item | None:
        return self.raw.call("GetItem", TableName=table, Key=key, ConsistentRead=True).get("Item")


def _written(operation: str, request: dict[str, Any]) -> Iterator[tuple[str, Item]]:
    """The table and the key (or the whole item, which holds it) of each item that a request writes or checks."""
    if operation == "TransactWriteItems":
        for action in request["TransactItems"]:
            for kind in _WRITE_ACTIONS:
                if kind in action:
                    yield action[kind]["TableName"], action[kind].get("Key") or action[kind]["Item"]
    elif operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield request["TableName"], request.get("Key") or request["Item"]
