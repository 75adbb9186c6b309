"""Looks over the shoulder of the application's DynamoDB client, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from benchmarks.capacity import Item, TableSchema, write_units
from benchmarks.raw_dynamodb import RawDynamoDB
from marketplace.kernel.aws import dynamodb_client

# A condition check writes nothing, but is charged like a write that changes nothing.
_WRITE_ACTIONS = ("Put", "Update", "Delete", "ConditionCheck")


class _Document:
    """The body of an answer as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


@contextmanager
def withheld(operation: str, *, answer: bytes = b"{}") -> Iterator[list[bytes]]:
    """The bodies of all requests for this operation within the block; they are not sent, but answered so."""
    bodies: list[bytes] = []

    def withhold(request: Any, **_: Any) -> AWSResponse | None:
        target = request.headers["X-Amz-Target"]
        if not (target if isinstance(target, str) else target.decode()).endswith(f".{operation}"):
            return None
        bodies.append(request.body)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Document(answer))

    events = dynamodb_client().meta.events
    events.register("before-send.dynamodb", withhold)
    try:
        yield bodies
    finally:
        events.unregister("before-send.dynamodb", withhold)


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
    _targets: list[tuple[str, Item]] = field(default_factory=list)
    _before: list[Item | None] = field(default_factory=list)

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """The calls made within the block."""
        self.calls = []
        events = dynamodb_client().meta.events
        events.register("before-call.dynamodb", self._before_call)
        events.register("after-call.dynamodb", self._after_call)
        try:
            yield self.calls
        finally:
            events.unregister("before-call.dynamodb", self._before_call)
            events.unregister("after-call.dynamodb", self._after_call)

    def _before_call(self, model: OperationModel, params: dict[str, Any], **_: Any) -> None:
        request = orjson.loads(params["body"])
        self._targets = [(table, self._key(table, values)) for table, values in _written(model.name, request)]
        self._before = [self._stored(*target) for target in self._targets]
        params["body"] = orjson.dumps(request | {"ReturnConsumedCapacity": "INDEXES"})

    def _after_call(self, model: OperationModel, parsed: dict[str, Any], **_: Any) -> None:
        call = Call(model.name)
        # What a refused write costs is not reported.
        if self._targets and "Error" not in parsed:
            consumed = parsed.get("ConsumedCapacity", [])
            charges = consumed if isinstance(consumed, list) else [consumed]
            call.charged_write_units = sum(charge["CapacityUnits"] for charge in charges)
            for (table, key), before in zip(self._targets, self._before, strict=True):
                call.computed_write_units += write_units(
                    self._schema(table),
                    before,
                    self._stored(table, key),
                    transactional=model.name == "TransactWriteItems",
                )
        self.calls.append(call)

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
