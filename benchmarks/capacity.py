"""Write capacity, computed from the items: what AWS charges by the rules it documents.

An item's size is the sum of its attributes' names and values. A write costs a unit for each started KB of the larger of
the old and the new item, twice that inside a transaction. Each index that holds the item, or held it, costs units of
its own by the size of the projected entry, never doubled.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]

_CONTAINER_OVERHEAD = 3
_MEMBER_OVERHEAD = 1


@dataclass(frozen=True, slots=True)
class TableSchema:
    """What the price of a write depends on: the table's key and, by name, its indexes."""

    key: tuple[str, ...]
    indexes: Mapping[str, "IndexSchema"]

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> "TableSchema":
        """From the `Table` member of a DescribeTable answer."""
        key = tuple(part["AttributeName"] for part in description["KeySchema"])
        indexes = {
            index["IndexName"]: IndexSchema.of(index, key) for index in description.get("GlobalSecondaryIndexes", [])
        }
        return cls(key, indexes)


@dataclass(frozen=True, slots=True)
class IndexSchema:
    """An index: its key, and the attributes that its entries carry (None: all)."""

    key: tuple[str, ...]
    attributes: frozenset[str] | None

    @classmethod
    def of(cls, description: Mapping[str, Any], table_key: tuple[str, ...]) -> "IndexSchema":
        """From one of DescribeTable's `GlobalSecondaryIndexes`."""
        key = tuple(part["AttributeName"] for part in description["KeySchema"])
        projection = description["Projection"]
        if projection["ProjectionType"] == "ALL":
            return cls(key, None)
        return cls(key, frozenset((*table_key, *key, *projection.get("NonKeyAttributes", ()))))

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of the item; None if it leaves the item out."""
        if item is None or not all(name in item for name in self.key):
            return None
        return item if self.attributes is None else {name: item[name] for name in self.attributes if name in item}

    def write_units(self, old: Item | None, new: Item | None) -> int:
        """An entry whose key changes is deleted and put: two writes."""
        before, after = self.entry(old), self.entry(new)
        if before == after:
            return 0
        if before is not None and after is not None and any(before[name] != after[name] for name in self.key):
            return _units(before) + _units(after)
        return max(_units(before), _units(after))


def write_units(schema: TableSchema, old: Item | None, new: Item | None, *, transactional: bool) -> int:
    """The units of turning `old` into `new` (None: no item), in the table and in all its indexes."""
    base = max(_units(old), _units(new)) * (2 if transactional else 1)
    return base + sum(index.write_units(old, new) for index in schema.indexes.values())


def item_size(item: Item) -> int:
    """The size of an item in bytes."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _units(item: Item | None) -> int:
    return 0 if item is None else math.ceil(item_size(item) / 1024)


def _value_size(typed_value: Mapping[str, Any]) -> int:
    ((kind, value),) = typed_value.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return _number_size(value)
    if kind == "SS":
        return sum(len(member.encode()) for member in value)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return _CONTAINER_OVERHEAD + item_size(value) + _MEMBER_OVERHEAD * len(value)
    if kind == "L":
        return _CONTAINER_OVERHEAD + sum(_MEMBER_OVERHEAD + _value_size(member) for member in value)
    raise ValueError(f"no attribute of type {kind} is in use")


def _number_size(text: str) -> int:
    """One byte, one per pair of digits, and one for a minus sign.

    Pairs are counted from the decimal point; those of zeros at both ends are left out.
    """
    whole, _, fraction = text.lstrip("-").partition(".")
    digits = "0" * (len(whole) % 2) + whole + fraction + "0" * (len(fraction) % 2)
    pairs = bytes(int(digits[position : position + 2]) for position in range(0, len(digits), 2))
    return 1 + len(pairs.strip(b"\0")) + text.startswith("-")
