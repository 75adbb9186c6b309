"""A Query: its keys, its filter, where it starts, what it returns."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.request_linter.findings import MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES
from tests.request_linter.nodes import Node
from tests.request_linter.parts import RequestParts
from tests.request_linter.tables import Index, TableSchema
from tests.request_linter.values import check_key_value, comparable


class QueryParts(RequestParts):
    """The checks of a Query."""

    def query(self) -> None:
        """Check all of the request."""
        request = self._request
        table = self._table(request)
        if "KeyConditionExpression" not in request and "KeyConditions" not in request:
            self._add("key-condition", "either KeyConditions or KeyConditionExpression must be specified")
        index = self._index(table)
        nodes = self._expressions(request, table)
        if table is None:
            return
        keys = index.keys if index else table.keys
        conditions = self._key_conditions(table, keys, nodes.get("KeyConditionExpression"))
        self._filter(table, index, keys, request, nodes.get("FilterExpression"))
        self._start_key(table, keys, conditions)
        self._selection(table, index, nodes.get("ProjectionExpression") or ())

    def _selection(self, table: TableSchema, index: Index | None, projection: Sequence[tuple[str | int, ...]]) -> None:
        """What is to be returned of each item."""
        select = self._request.get("Select")
        has_projection = "ProjectionExpression" in self._request
        if index and index.is_global and index.projection != "ALL":
            if select == "ALL_ATTRIBUTES":
                self._add("select", "ALL_ATTRIBUTES of an index that does not have them all")
            for path in projection:
                if path[0] not in (table.projected(index) or ()):
                    self._add("projection", f"the index does not project {path[0]}")
        if select == "SPECIFIC_ATTRIBUTES" and not has_projection:
            self._add("select", "SPECIFIC_ATTRIBUTES without a ProjectionExpression")
        elif has_projection and select not in (None, "SPECIFIC_ATTRIBUTES"):
            self._add("select", f"{select} with a ProjectionExpression")

    def _key_conditions(self, table: TableSchema, keys: tuple[str, ...], node: Node | None) -> dict[str, Node]:
        """The condition on each key by its name."""
        if node is None:
            return {}
        found: dict[str, Node] = {}
        for part in node.args if node.kind == "and" else (node,):
            inner = part.args if part.kind == "and" else (part,)
            for condition in inner:
                self._key_condition(table, keys, condition, found)
        if keys[0] not in found:
            self._add("key-condition", f"query condition missed key schema element: {keys[0]}")
        elif found[keys[0]].kind != "=":
            self._add("key-condition", f"the partition key {keys[0]} can only be compared with =")
        return found

    def _key_condition(
        self, table: TableSchema, keys: tuple[str, ...], condition: Node, found: dict[str, Node]
    ) -> None:
        is_prefix = condition.kind == "function" and condition.text == "begins_with"
        if condition.kind not in ("=", "<", "<=", ">", ">=", "between") and not is_prefix:
            self._add("key-condition", f"invalid operator: {condition.text or condition.kind}")
            return
        paths = [arg for arg in condition.args if arg.kind == "path"]
        if len(paths) != 1 or any(arg.kind == "function" for arg in condition.args):
            self._add("key-condition", "one key and values, nothing else")
            return
        (path,) = paths
        name = str(path.args[0])
        if len(path.args) > 1 or name not in keys:
            self._add("key-condition", f"{path.args} is no key of what is queried")
            return
        if name in found:
            self._add("key-condition", f"only one condition per key: {name}")
        found[name] = condition
        values = self._request.get("ExpressionAttributeValues", {})
        limit = MAX_PARTITION_KEY_BYTES if name == keys[0] else MAX_SORT_KEY_BYTES
        for arg in condition.args:
            if arg.kind == "value" and arg.text in values:
                self.findings += check_key_value(f"{table.name}.{name}", values[arg.text], table.types[name], limit)

    def _filter(
        self,
        table: TableSchema,
        index: Index | None,
        keys: tuple[str, ...],
        request: Mapping[str, Any],
        node: Node | None,
    ) -> None:
        if node is None:
            return
        heads = {str(each.args[0]) for each in node.walk() if each.kind == "path"}
        for name in sorted(heads & set(keys)):
            self._add("filter-on-key", f"a filter can only contain non-primary key attributes: {name}")
        projected = table.projected(index) if index else None
        if projected is not None and heads - projected:
            self._add("filter-unprojected", f"never in the index: {sorted(heads - projected)}", "cut")

    def _start_key(self, table: TableSchema, keys: tuple[str, ...], conditions: Mapping[str, Node]) -> None:
        start = self._request.get("ExclusiveStartKey")
        if start is None:
            return
        wanted = {*keys, *table.keys}
        if set(start) != wanted:
            self._add("start-key", f"the provided starting key is invalid: {sorted(start)}, not {sorted(wanted)}")
            return
        for name, value in start.items():
            limit = MAX_PARTITION_KEY_BYTES if name in (keys[0], table.keys[0]) else MAX_SORT_KEY_BYTES
            self.findings += check_key_value(f"start key {name}", value, table.types[name], limit)
        values = self._request.get("ExpressionAttributeValues", {})
        for name, condition in conditions.items():
            operands = [values.get(arg.text) for arg in condition.args if arg.kind == "value"]
            if all(operands) and not _holds(condition, start[name], operands):
                self._add("start-key", f"the starting key is outside of the query's conditions: {name}")


def _holds(condition: Node, value: Mapping[str, Any], operands: Sequence[Any]) -> bool:
    actual, *bounds = (comparable(each) for each in (value, *operands))
    if condition.kind == "between":
        return bool(bounds[0] <= actual <= bounds[1])
    if condition.kind == "function":
        return bool(actual.startswith(bounds[0]))
    return bool(
        {
            "=": actual == bounds[0],
            "<": actual < bounds[0],
            "<=": actual <= bounds[0],
            ">": actual > bounds[0],
            ">=": actual >= bounds[0],
        }[condition.kind]
    )
