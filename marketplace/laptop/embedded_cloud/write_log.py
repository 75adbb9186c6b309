"""The write log of the embedded cloud: what changed since the last snapshot, written down before anybody is told of it.

Lines hold states, not requests: an item as it is after a write, a user as she is after signing up. So they may be
applied any number of times, and to a snapshot that has them already. A line is one `write` without `fsync`: it outlives
the process, not the machine.

Each snapshot begins a segment of the log of its own, and names it: what comes before is in the snapshot.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ministack.core import persistence
from ministack.services import cognito, dynamodb, s3

_SERVICES = {"cognito": cognito, "dynamodb": dynamodb, "s3": s3}
# What a table has beside its description; the counts are made anew.
_NOT_DESCRIPTION = frozenset({"items", "ItemCount", "TableSizeBytes", dynamodb._INDEX_MEMBERS})
# The stores of DynamoDB's that are more than a copy of data.
_DYNAMODB_STORES = ("tags", "ttl_settings", "pitr_settings")

# What is logged in lines of its own, by the store whose entries have it.
_PARTS = {"tables": "items", "user_pools": "_users"}

State = dict[str, Any]


class WriteLog:
    """The segments beside the snapshot file; begun anew by each snapshot."""

    def __init__(self, snapshot: Path) -> None:
        self._snapshot = snapshot
        self._descriptor = -1
        self.segment = 0
        self._items: list[tuple[dict[str, Any], str, str]] = []
        self._logged: dict[str, str] = {}

    # Reading.

    def replay(self, first: int, states: Mapping[str, State]) -> None:
        """Apply what the segments from `first` on say to the states of the services, by MiniStack's names."""
        for number in self._segments():
            self.segment = max(self.segment, number)
            if number >= first:
                # The last line may have been cut off by the end of the process: nobody was told of it.
                lines = self._path(number).read_bytes().split(b"\n")[:-1]
                for line in lines:
                    _apply(json.loads(line, object_hook=persistence._json_object_hook), states)
        for table in states["dynamodb"]["tables"]._data.values():
            table["ItemCount"] = sum(len(rows) for rows in table["items"].values())
            table["TableSizeBytes"] = table["ItemCount"] * 200

    def _segments(self) -> list[int]:
        paths = self._snapshot.parent.glob(f"{self._snapshot.stem}.*.log")
        return sorted(int(path.suffixes[-2][1:]) for path in paths)

    def _path(self, number: int) -> Path:
        return self._snapshot.with_name(f"{self._snapshot.stem}.{number}.log")

    # Writing.

    def begin_segment(self) -> int:
        """Go on in a new segment, and return its number: a snapshot of this moment has all that is in those before."""
        if self._descriptor < 0:
            self._listen()
        else:
            os.close(self._descriptor)
        self.segment += 1
        self._descriptor = os.open(self._path(self.segment), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._items.clear()
        self._logged = {json.dumps(path): _dumped(value) for path, value in _sections(_SERVICES)}
        return self.segment

    def drop_before(self, number: int) -> None:
        """Delete the segments that a stored snapshot has made superfluous."""
        for each in self._segments():
            if each < number:
                self._path(each).unlink()

    def record(self, service: str | None) -> None:
        """Write down what changed since the last call: items of tables, and all else of `service`, if one is named."""
        lines: list[str] = []
        if service is not None or any(_table_path(table) not in self._logged for table, *_ in self._items):
            # Tables that CloudFormation made come before their items.
            lines += self._changed_sections(service or "dynamodb")
        items, self._items = self._items, []
        for table, partition, sort in items:
            value = table["items"].get(partition, {}).get(sort)
            lines.append(_dumped([["item", *_table_key(table), partition, sort], value]))
        if lines:
            os.write(self._descriptor, "".join(f"{line}\n" for line in lines).encode())

    def _changed_sections(self, service: str) -> Iterator[str]:
        found = {json.dumps(path): _dumped(value) for path, value in _sections({service: _SERVICES[service]})}
        gone = {path for path in self._logged if json.loads(path)[0] == service} - found.keys()
        # A pool's users before the pool.
        for path in sorted(gone, key=len, reverse=True):
            del self._logged[path]
            yield f"[{path}, null]"
        for path, value in found.items():
            if self._logged.get(path) != value:
                self._logged[path] = value
                yield f"[{path}, {value}]"

    def _listen(self) -> None:
        """Note which item each write of MiniStack's changes: all of them pass through two functions."""
        set_item, remove_item = dynamodb._set_item, dynamodb._remove_item

        def noted_set(table: dict[str, Any], partition: str, sort: str, item: Any) -> Any:
            self._items.append((table, partition, sort))
            return set_item(table, partition, sort, item)

        def noted_remove(table: dict[str, Any], partition: str, sort: str) -> Any:
            self._items.append((table, partition, sort))
            return remove_item(table, partition, sort)

        dynamodb._set_item, dynamodb._remove_item = noted_set, noted_remove


def _sections(services: Mapping[str, Any]) -> Iterator[tuple[list[Any], Any]]:
    """All that the services keep but items of tables and bodies of objects, in small parts with a path to each."""
    for name, module in services.items():
        if name == "dynamodb":
            for key, table in dynamodb._tables._data.items():
                yield [name, "tables", key], {k: v for k, v in table.items() if k not in _NOT_DESCRIPTION}
            stores = {store: getattr(dynamodb, f"_{store}") for store in _DYNAMODB_STORES}
        else:
            stores = module.get_state()
        for store, content in stores.items():
            entries = getattr(content, "_data", content)
            if not isinstance(entries, dict):
                yield [name, store], content
                continue
            for key, value in entries.items():
                if store == "user_pools":
                    yield [name, store, key], {k: v for k, v in value.items() if k != "_users"}
                    yield from (([name, store, key, user], found) for user, found in value["_users"].items())
                else:
                    yield [name, store, key], value


def _apply(line: list[Any], states: Mapping[str, State]) -> None:
    (service, *path), value = line
    if service == "item":
        _apply_item(path, value, states["dynamodb"]["tables"]._data)
        return
    store, *keys = path
    if not keys:
        states[service][store] = value
        return
    content = states[service][store]
    entries: Any = getattr(content, "_data", content)
    key, *user = _as_key(keys)
    if user:
        entries, key = entries[key]["_users"], user[0]
    elif store in _PARTS and value is not None:
        # What is logged in lines of its own stays.
        part = _PARTS[store]
        value = {**value, part: entries.get(key, {}).get(part, {})}
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = value


def _apply_item(path: list[Any], value: Any, tables: dict[Any, Any]) -> None:
    *table_key, partition, sort = path
    table = tables.get(tuple(table_key))
    if table is None:
        # Deleted since.
        return
    rows = table["items"].setdefault(partition, {})
    if value is None:
        rows.pop(sort, None)
    else:
        rows[sort] = value
    if not rows:
        del table["items"][partition]


def _as_key(key: Any) -> Any:
    """JSON has no tuples."""
    return tuple(_as_key(part) for part in key) if isinstance(key, list) else key


def _table_key(table: Mapping[str, Any]) -> list[str]:
    # arn:aws:dynamodb:REGION:ACCOUNT:table/NAME
    _, _, _, region, account, _ = table["TableArn"].split(":", 5)
    return [account, region, table["TableName"]]


def _table_path(table: Mapping[str, Any]) -> str:
    return json.dumps(["dynamodb", "tables", _table_key(table)])


def _dumped(value: Any) -> str:
    return json.dumps(value, default=persistence._json_default)
