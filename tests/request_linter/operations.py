"""One request of each operation."""

from collections.abc import Mapping
from typing import Any

from tests.request_linter.findings import (
    MAX_BATCH_GET_KEYS,
    MAX_BATCH_WRITES,
    MAX_TOKEN,
    MAX_TRANSACTION_BYTES,
    MAX_TRANSACTION_ITEMS,
    Finding,
)
from tests.request_linter.model import check_model
from tests.request_linter.queries import QueryParts
from tests.request_linter.tables import TableSchema
from tests.request_linter.values import item_size, value_size


def lint(operation: str, request: Mapping[str, Any], tables: Mapping[str, TableSchema]) -> list[Finding]:
    """What AWS would refuse about the request ("Query"), given the tables by their names; nothing if all is well."""
    return _Linter(operation, request, tables).run()


class _Linter(QueryParts):
    def run(self) -> list[Finding]:
        self.findings += check_model(self._operation, self._request)
        checks = {
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "DeleteItem": self._delete,
            "GetItem": self._get,
            "PutItem": self._put,
            "Query": self.query,
            "Scan": self._scan,
            "TransactGetItems": self._transact_get,
            "TransactWriteItems": self._transact_write,
            "UpdateItem": self._update,
        }
        check = checks.get(self._operation)
        if check is not None:
            check()
        return self.findings

    def _get(self) -> None:
        table = self._table(self._request)
        if table:
            self._key(table, self._request.get("Key", {}))
        self._expressions(self._request, table)

    def _put(self) -> None:
        self._write("Put", self._request)
        self._return_values({"NONE", "ALL_OLD"})

    def _delete(self) -> None:
        self._write("Delete", self._request)
        self._return_values({"NONE", "ALL_OLD"})

    def _update(self) -> None:
        self._write("Update", self._request)

    def _transact_write(self) -> None:
        actions = self._request.get("TransactItems", [])
        self._count("transaction-size", actions, MAX_TRANSACTION_ITEMS)
        token = self._request.get("ClientRequestToken")
        if token is not None and not 1 <= len(token) <= MAX_TOKEN:
            self._add("token", f"{len(token)} characters, {MAX_TOKEN} at most")
        seen: set[tuple[Any, ...]] = set()
        total = 0
        for action in actions:
            if len(action) != 1:
                self._add(
                    "transaction-form", "each item of a transaction has one of Put, Update, Delete, ConditionCheck"
                )
                continue
            ((kind, write),) = action.items()
            table = self._write(kind, write)
            subject = write.get("Item") or write.get("Key") or {}
            # Of items that are only looked at, AWS counts what is stored: not to be seen here.
            total += item_size(write["Item"]) if "Item" in write else _size_of_values(write)
            if table and all(name in subject for name in table.keys):
                identity = (table.name, *(str(subject[name]) for name in table.keys))
                if identity in seen:
                    self._add("same-item-twice", f"a transaction cannot include two operations on {identity}")
                seen.add(identity)
        if total > MAX_TRANSACTION_BYTES:
            self._add("transaction-bytes", f"{total} bytes, {MAX_TRANSACTION_BYTES} at most")

    def _transact_get(self) -> None:
        gets = [action.get("Get", {}) for action in self._request.get("TransactItems", [])]
        self._count("transaction-size", gets, MAX_TRANSACTION_ITEMS)
        seen: set[str] = set()
        for get in gets:
            table = self._table(get)
            if table:
                self._key(table, get.get("Key", {}))
            self._expressions(get, table)
            identity = f"{get.get('TableName')} {sorted(get.get('Key', {}).items())}"
            if identity in seen:
                self._add("same-item-twice", identity)
            seen.add(identity)

    def _batch_get(self) -> None:
        requests = self._request.get("RequestItems", {})
        keys = [(name, key) for name, request in requests.items() for key in request.get("Keys", ())]
        self._count("batch-size", keys, MAX_BATCH_GET_KEYS)
        for name, request in requests.items():
            table = self._table({"TableName": name})
            if not request.get("Keys"):
                self._add("batch-size", f"{name}: no keys")
            for key in request.get("Keys", ()):
                if table:
                    self._key(table, key)
            self._expressions(request, table)
        if len({f"{name} {sorted(key.items())}" for name, key in keys}) != len(keys):
            self._add("duplicate-keys", "provided list of item keys contains duplicates")

    def _batch_write(self) -> None:
        requests = self._request.get("RequestItems", {})
        writes = [(name, write) for name, all_ in requests.items() for write in all_]
        self._count("batch-size", writes, MAX_BATCH_WRITES)
        seen: set[str] = set()
        for name, write in writes:
            table = self._table({"TableName": name})
            item = write.get("PutRequest", {}).get("Item")
            key = write.get("DeleteRequest", {}).get("Key")
            if table and item is not None:
                self._item(table, item)
                key = {part: item.get(part) for part in table.keys}
            elif table and key is not None:
                self._key(table, key)
            identity = f"{name} {sorted((key or {}).items())}"
            if identity in seen:
                self._add("duplicate-keys", identity)
            seen.add(identity)

    def _scan(self) -> None:
        table = self._table(self._request)
        self._index(table)
        self._expressions(self._request, table)

    def _return_values(self, allowed: set[str]) -> None:
        wanted = self._request.get("ReturnValues", "NONE")
        if wanted not in allowed:
            self._add("return-values", f"{self._operation} does not return {wanted}")


def _size_of_values(write: Mapping[str, Any]) -> int:
    return sum(value_size(value) for value in (write.get("ExpressionAttributeValues") or {}).values())
