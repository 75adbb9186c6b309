"""DynamoDB in memory: the operations and the expressions that `kernel.storage` sends."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from kernel.storage import physical_name

Item = dict[str, Any]
Evaluate = Callable[[Item, Mapping[str, str], Mapping[str, Any]], Any]

# Those with a stream.
BOOKINGS, PROVIDERS, REVIEWS = (physical_name(f"{name}-table") for name in ("bookings", "providers", "reviews"))
KEYS = {
    BOOKINGS: ("bookingId",),
    PROVIDERS: ("providerId",),
    REVIEWS: ("reviewId",),
    physical_name("services-table"): ("serviceId",),
    physical_name("deliveries-table"): ("deliveryId",),
    physical_name("notifications-table"): ("recipientId", "notificationId"),
    physical_name("counters-table"): ("counterKey",),
    physical_name("booking-details-table"): ("bookingId",),
}
# The order of the one kind of index that is asked, the outboxes'; the table's key makes it a total one.
_PUBLISHED_AGAIN_AT = "announceAt"
_COMPARISONS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TOKEN = re.compile(r"<=|>=|<>|[=<>(),]|[#:]?\w+")


class FakeDynamoDB:
    """Takes the place of `dispatch`. Changes are noted in the table's stream, if it has one, as old and new images.

    A stored item is never changed, only replaced.
    """

    def __init__(self) -> None:
        self.items: dict[str, dict[frozenset[tuple[str, str]], Item]] = {name: {} for name in KEYS}
        self.streams: dict[str, list[tuple[Item | None, Item | None]]] = {BOOKINGS: [], PROVIDERS: [], REVIEWS: []}

    def dispatch(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Answer one request as DynamoDB does; raises `ClientError` for a condition that does not hold."""
        if operation == "TransactWriteItems":
            return self._transact(kwargs["TransactItems"])
        if operation == "BatchGetItem":
            return self._batch_get(kwargs["RequestItems"])
        if operation == "GetItem":
            item = self._find(kwargs["TableName"], kwargs["Key"])
            return {"Item": item} if item else {}
        if operation == "Query":
            return self._query(kwargs)
        kind = operation.removesuffix("Item")
        if not self._holds(kind, kwargs):
            response: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, **self._stored(kind, kwargs)}
            raise ClientError(response, operation)
        return {"Attributes": self._apply(kind, kwargs)}

    def rows(self, table: str) -> list[Item]:
        """All items of a table, by its name without the stage."""
        return list(self.items[physical_name(table)].values())

    def _transact(self, actions: list[dict[str, Any]]) -> dict[str, Any]:
        parts = [next(iter(action.items())) for action in actions]
        reasons = [
            {"Code": "None"}
            if self._holds(kind, kwargs)
            else {"Code": "ConditionalCheckFailed", **self._stored(kind, kwargs)}
            for kind, kwargs in parts
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(response, "TransactWriteItems")
        for kind, kwargs in parts:
            self._apply(kind, kwargs)
        return {}

    def _batch_get(self, requests: Mapping[str, Any]) -> dict[str, Any]:
        found = {table: [self._find(table, key) for key in request["Keys"]] for table, request in requests.items()}
        return {"Responses": {table: [item for item in items if item] for table, items in found.items()}}

    def _query(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        if kwargs["TableName"] not in self.items:
            # The outbox of a table in which nothing happens here.
            return {"Items": []}
        condition = _condition(kwargs["KeyConditionExpression"])
        found = [item for item in self.items[kwargs["TableName"]].values() if _evaluate(condition, item, kwargs)]
        order = (_PUBLISHED_AGAIN_AT, *KEYS[kwargs["TableName"]])

        def place(item: Item) -> list[str]:
            return [item[name]["S"] for name in order]

        found.sort(key=place)
        if start := kwargs.get("ExclusiveStartKey"):
            found = [item for item in found if place(item) > place(start)]
        page = found[: kwargs["Limit"]]
        more = {"LastEvaluatedKey": {name: page[-1][name] for name in order}} if len(page) < len(found) else {}
        return {"Items": page, **more}

    def _find(self, table: str, key: Item) -> Item | None:
        return self.items.get(table, {}).get(_identity(key))

    def _key(self, kwargs: dict[str, Any]) -> Item:
        key: Item = kwargs.get("Key") or {name: kwargs["Item"][name] for name in KEYS[kwargs["TableName"]]}
        return key

    def _holds(self, kind: str, kwargs: dict[str, Any]) -> bool:
        expression = kwargs.get("ConditionExpression")
        item = self._find(kwargs["TableName"], self._key(kwargs)) or {}
        return expression is None or bool(_evaluate(_condition(expression), item, kwargs))

    def _stored(self, kind: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        item = self._find(kwargs["TableName"], self._key(kwargs))
        return {"Item": item} if item else {}

    def _apply(self, kind: str, kwargs: dict[str, Any]) -> Item:
        table, key = kwargs["TableName"], self._key(kwargs)
        old = self._find(table, key)
        new = dict(kwargs["Item"]) if kind == "Put" else {**key, **(old or {})}
        if kind == "Update":
            _update(new, kwargs)
        if kind != "ConditionCheck":
            self.items[table][_identity(key)] = new
            if table in self.streams:
                self.streams[table].append((old, new))
        return new


def _identity(key: Item) -> frozenset[tuple[str, str]]:
    return frozenset((name, value["S"]) for name, value in key.items())


def _plain(value: Any) -> Any:
    if value is None:
        return None
    ((kind, content),) = value.items()
    return float(content) if kind == "N" else content


# --- Expressions -----------------------------------------------------------------------------------------------------


def _evaluate(condition: Evaluate, item: Item, kwargs: dict[str, Any]) -> Any:
    return condition(item, kwargs.get("ExpressionAttributeNames", {}), kwargs.get("ExpressionAttributeValues", {}))


class _Tokens:
    """Tokens of an expression, with a look at the next."""

    def __init__(self, expression: str) -> None:
        self._tokens: Iterator[str] = iter(_TOKEN.findall(expression))
        self.next = next(self._tokens, "")

    def take(self) -> str:
        token, self.next = self.next, next(self._tokens, "")
        return token


@cache
def _condition(expression: str) -> Evaluate:
    return _any_of(_Tokens(expression))


def _any_of(tokens: _Tokens) -> Evaluate:
    parts = [_all_of(tokens)]
    while tokens.next == "OR":
        tokens.take()
        parts.append(_all_of(tokens))
    return lambda *context: any(part(*context) for part in parts)


def _all_of(tokens: _Tokens) -> Evaluate:
    parts = [_single(tokens)]
    while tokens.next == "AND":
        tokens.take()
        parts.append(_single(tokens))
    return lambda *context: all(part(*context) for part in parts)


def _single(tokens: _Tokens) -> Evaluate:
    if tokens.next == "(":
        tokens.take()
        inner = _any_of(tokens)
        assert tokens.take() == ")"
        return inner
    if tokens.next in ("attribute_exists", "attribute_not_exists"):
        is_wanted = tokens.take() == "attribute_exists"
        assert tokens.take() == "("
        operand = _operand(tokens.take())
        assert tokens.take() == ")"
        return lambda *context: (operand(*context) is not None) is is_wanted
    left, comparison, right = _operand(tokens.take()), tokens.take(), _operand(tokens.take())
    compare = _COMPARISONS[comparison]

    def compared(*context: Any) -> bool:
        found = left(*context)
        return found is not None and bool(compare(found, right(*context)))

    return compared


def _operand(token: str) -> Evaluate:
    if token.startswith(":"):
        return lambda item, names, values: _plain(values[token])
    return lambda item, names, values: _plain(item.get(names[token]))


def _update(item: Item, kwargs: dict[str, Any]) -> None:
    names, values = kwargs["ExpressionAttributeNames"], kwargs.get("ExpressionAttributeValues", {})
    tokens = _Tokens(kwargs["UpdateExpression"])
    clause = ""
    while tokens.next:
        if tokens.next in ("SET", "REMOVE", "ADD", ","):
            token = tokens.take()
            clause = clause if token == "," else token
            continue
        name = names[tokens.take()]
        if clause == "REMOVE":
            item.pop(name, None)
        elif clause == "SET":
            assert tokens.take() == "="
            item[name] = values[tokens.take()]
        else:
            item[name] = {"N": str(int(_plain(item.get(name, {"N": "0"})) + _plain(values[tokens.take()])))}
