"""The ways into a table: its own key, and each of its indexes."""

from collections.abc import Mapping
from functools import cache
from inspect import getmembers
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.indexes import AllProjection, IncludeProjection, Index

from kernel.storage import Item, Row
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """One key that Queries can use. All names are names of the item class's attributes, not stored names.

    `index` is None for the table's own key, `range_name` for a key without a range part, and `carried` for a key whose
    rows have every attribute.
    """

    index: str | None
    hash_name: str
    range_name: str | None
    carried: frozenset[str] | None


@cache
def accesses(item_class: type[Item]) -> tuple[Access, ...]:
    """The table's own key first, then its indexes by name."""
    attributes = item_class.get_attributes()
    by_stored_name = {attribute.attr_name: name for name, attribute in attributes.items()}
    table = _access(None, attributes, by_stored_name, None)
    found = [table]
    for _, index in getmembers(item_class, lambda member: isinstance(member, Index)):
        projection = index.Meta.projection
        carried: set[str] | None = None
        if not isinstance(projection, AllProjection):
            stored_names = projection.non_key_attributes if isinstance(projection, IncludeProjection) else ()
            keys = _access(None, index.Meta.attributes, by_stored_name, None)
            carried = {by_stored_name[stored_name] for stored_name in stored_names or ()} | {
                name for access in (table, keys) for name in (access.hash_name, access.range_name) if name
            }
        found.append(_access(index.Meta.index_name, index.Meta.attributes, by_stored_name, carried))
    return tuple(found)


def _access(
    index: str | None,
    attributes: Mapping[str, Attribute[Any]],
    by_stored_name: Mapping[str, str],
    carried: set[str] | None,
) -> Access:
    hash_name = next(attribute.attr_name for attribute in attributes.values() if attribute.is_hash_key)
    range_name = next((attribute.attr_name for attribute in attributes.values() if attribute.is_range_key), None)
    return Access(
        index,
        by_stored_name[hash_name],
        by_stored_name[range_name] if range_name else None,
        None if carried is None else frozenset(carried),
    )


def key_of_row(item_class: type[Item], access: Access, row: Row) -> dict[str, Any]:
    """Where a Query by this key stands at the row, as DynamoDB takes it (`ExclusiveStartKey`)."""
    attributes = item_class.get_attributes()
    table = accesses(item_class)[0]
    names = (table.hash_name, table.range_name, access.hash_name, access.range_name)
    return {
        attributes[name].attr_name: {attributes[name].attr_type: attributes[name].serialize(row[name])}
        for name in dict.fromkeys(names)
        if name
    }
