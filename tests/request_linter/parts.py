"""What the requests have in common: tables, keys, items, expressions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.request_linter.expressions import Parser
from tests.request_linter.findings import (
    MAX_EXPRESSION_BYTES,
    MAX_ITEM_BYTES,
    MAX_OPERATORS,
    MAX_PARTITION_KEY_BYTES,
    MAX_PLACEHOLDER_BYTES,
    MAX_SORT_KEY_BYTES,
    MAX_SUBSTITUTIONS_BYTES,
    Finding,
)
from tests.request_linter.nodes import Node, SyntaxFaultError
from tests.request_linter.tables import Index, TableSchema
from tests.request_linter.values import check_key_value, check_name, check_value, item_size, value_size

_EXPRESSIONS = (
    "KeyConditionExpression",
    "FilterExpression",
    "ConditionExpression",
    "UpdateExpression",
    "ProjectionExpression",
)
_LEGACY = (
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
)
_PLACEHOLDER = {"Names": re.compile("#[A-Za-z0-9_]+"), "Values": re.compile(":[A-Za-z0-9_]+")}


class RequestParts:
    """The findings about one request so far, and the checks of its parts."""

    def __init__(self, operation: str, request: Mapping[str, Any], tables: Mapping[str, TableSchema]) -> None:
        self._operation, self._request, self._tables = operation, request, tables
        self.findings: list[Finding] = []

    def _add(self, rule: str, message: str, severity: str = "refused") -> None:
        self.findings.append(Finding(rule, message, severity))

    def _count(self, rule: str, items: Sequence[Any], most: int) -> None:
        if not 1 <= len(items) <= most:
            self._add(rule, f"{len(items)} of 1 to {most}")

    def _table(self, request: Mapping[str, Any]) -> TableSchema | None:
        name = str(request.get("TableName", ""))
        # A table may be named by its ARN.
        table = self._tables.get(name.rpartition(":table/")[2])
        if table is None:
            self._add("unknown-table", name)
        return table

    def _index(self, table: TableSchema | None) -> Index | None:
        name = self._request.get("IndexName")
        if name is None or table is None:
            return None
        index = table.indexes.get(name)
        if index is None:
            self._add("unknown-index", f"{table.name} does not have the index {name}")
        elif index.is_global and self._request.get("ConsistentRead"):
            self._add("consistent-index", "consistent reads are not supported on global secondary indexes")
        return index

    def _key(self, table: TableSchema, key: Mapping[str, Any]) -> None:
        if set(key) != set(table.keys):
            self._add("key-schema", f"{table.name}: the key has {sorted(key)}, not {sorted(table.keys)}")
        limits = (MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES)
        for name, limit in zip(table.keys, limits, strict=False):
            if name in key:
                self.findings += check_value(name, key[name])
                self.findings += check_key_value(f"{table.name}.{name}", key[name], table.types[name], limit)

    def _item(self, table: TableSchema, item: Mapping[str, Any]) -> None:
        self._key(table, {name: item[name] for name in table.keys if name in item})
        for name, value in item.items():
            self.findings += check_name(table.name, name)
            self.findings += check_value(f"{table.name}.{name}", value)
        self._index_keys(table, item)
        if not any(finding.rule == "value-form" for finding in self.findings):
            size = item_size(item)
            if size > MAX_ITEM_BYTES:
                self._add("item-size", f"{table.name}: {size} bytes, {MAX_ITEM_BYTES} at most")
            if table.ttl is not None and table.ttl in item:
                self._ttl(table, item[table.ttl])

    def _ttl(self, table: TableSchema, value: Mapping[str, Any]) -> None:
        if "N" not in value:
            self._add("ttl", f"{table.name}.{table.ttl}: only numbers expire", "cut")
        elif Decimal(value["N"]) > 100_000_000_000:
            self._add("ttl", f"{table.name}.{table.ttl}: milliseconds, where seconds count", "cut")

    def _index_keys(self, table: TableSchema, attributes: Mapping[str, Any]) -> None:
        for index_name, index in table.indexes.items():
            limits = (MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES)
            for name, limit in zip(index.keys, limits, strict=False):
                if name in attributes and name not in table.keys:
                    where = f"{table.name}.{name} ({index_name})"
                    self.findings += check_key_value(where, attributes[name], table.types[name], limit)

    def _write(self, kind: str, write: Mapping[str, Any]) -> TableSchema | None:
        table = self._table(write)
        nodes = self._expressions(write, table)
        if kind == "ConditionCheck" and "ConditionExpression" not in write:
            self._add("transaction-form", "a ConditionCheck has a ConditionExpression")
        if table is None:
            return None
        if kind == "Put":
            self._item(table, write.get("Item", {}))
            return table
        self._key(table, write.get("Key", {}))
        self._changes(table, nodes.get("UpdateExpression") or (), write.get("ExpressionAttributeValues", {}))
        return table

    def _changes(self, table: TableSchema, actions: Iterable[Node], values: Mapping[str, Any]) -> None:
        """What an update sets, removes, adds and deletes."""
        changed: dict[str, Any] = {}
        for action in actions:
            head, *rest = action.args[0].args
            if head in table.keys:
                self._add("update-of-key", f"cannot update {head}: it is part of the key")
            value = action.args[1] if len(action.args) > 1 else None
            if isinstance(value, Node) and value.kind == "function" and value.text == "if_not_exists":
                value = value.args[1]
            if not rest and isinstance(value, Node) and value.kind == "value":
                changed[str(head)] = values.get(value.text)
            if action.kind == "ADD" and rest:
                self._add("nested-add", f"ADD supports top-level attributes, says the documentation: {head}", "unsure")
        self._index_keys(table, {name: value for name, value in changed.items() if value})
        if table.ttl is not None and changed.get(table.ttl):
            self._ttl(table, changed[table.ttl])

    def _expressions(self, request: Mapping[str, Any], table: TableSchema | None) -> dict[str, Any]:
        """Everything about the request's expressions; their nodes by the parameter's name."""
        names = request.get("ExpressionAttributeNames") or {}
        values = request.get("ExpressionAttributeValues") or {}
        present = [name for name in _EXPRESSIONS if name in request]
        self._substitutions(request, names, values, is_used=bool(present))
        if present and any(name in request for name in _LEGACY):
            self._add("legacy", "expressions and parameters of the old kind in one request")
        used: set[str] = set()
        nodes: dict[str, Any] = {}
        for name in present:
            try:
                parser = Parser(request[name], names, values)
                parse = {"UpdateExpression": parser.update, "ProjectionExpression": parser.projection}
                nodes[name] = parse.get(name, parser.condition)()
            except SyntaxFaultError as fault:
                self._add("syntax", f"{name}: {fault} in {request[name]!r}")
                used |= {*names, *values}
                continue
            used |= parser.used
            self.findings += _expression_findings(name, request[name], parser, table)
        for key in [*names, *values]:
            if key not in used and present:
                self._add("unused-substitutions", f"{key} is used in no expression")
        return nodes

    def _substitutions(
        self, request: Mapping[str, Any], names: Mapping[str, str], values: Mapping[str, Any], *, is_used: bool
    ) -> None:
        for kind, given in (("Names", names), ("Values", values)):
            parameter = f"ExpressionAttribute{kind}"
            if parameter in request and not given:
                self._add("empty-substitutions", f"{parameter} must not be empty")
            elif given and not is_used:
                self._add("unused-substitutions", f"{parameter} can only be specified when using expressions")
            for key in given:
                if not _PLACEHOLDER[kind].fullmatch(key) or len(key.encode()) > MAX_PLACEHOLDER_BYTES:
                    self._add("placeholder", f"{key!r} in {parameter}")
        for key, value in values.items():
            self.findings += check_value(f"value {key}", value)
        size = sum(len(key) + len(name.encode()) for key, name in names.items())
        size += sum(len(key) + value_size(value) for key, value in values.items() if len(value) == 1)
        if size > MAX_SUBSTITUTIONS_BYTES:
            self._add("substitutions-size", f"{size} bytes, {MAX_SUBSTITUTIONS_BYTES} at most")


def _expression_findings(name: str, text: str, parser: Parser, table: TableSchema | None) -> Iterator[Finding]:
    if len(text.encode()) > MAX_EXPRESSION_BYTES:
        yield Finding("expression-size", f"{name}: {len(text.encode())} bytes, {MAX_EXPRESSION_BYTES} at most")
    for rule, message in dict.fromkeys(parser.faults):
        yield Finding(rule, f"{name}: {message} in {text[:200]!r}")
    if parser.operators > MAX_OPERATORS:
        yield Finding("operators", f"{name}: {parser.operators}, {MAX_OPERATORS} at most")
    for path in parser.paths:
        if table and len(path) > 1 and path[0] in table.types:
            yield Finding("key-path", f"{name}: {path[0]} is a key, and no document")
