"""Backfills: attributes and lists that are kept for reads, made anew for items that were stored before they were kept.

An app names its own in `backfills.BACKFILLS`; `manage.py backfill` runs them. Each may be repeated, broken off and run
while the site is in use: an item is changed only if it is still as it was read, else it is read again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kernel import storage
from kernel.storage import Item, Row
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one item: `renew` takes its key, and answers whether anything was another before."""

    key: str
    renew: Callable[[str], bool]

    def run(self) -> bool:
        return self.renew(self.key)


@dataclass(frozen=True, slots=True)
class Backfill:
    """One kind of items. `steps` yields what is to be done for each; a step may fail by itself."""

    name: str
    help: str
    steps: Callable[[], Iterator[Step]]


def for_each_row(item_class: type[Item], renew: Callable[[str], bool]) -> Iterator[Step]:
    """A step for each item of a table without a range key: `renew` takes the key."""
    (key,) = storage.key_names(item_class)
    names = {attribute.attr_name: name for name, attribute in item_class.get_attributes().items()}
    for row in storage.every_row(item_class):
        yield Step(row[names[key]], renew)


def renew(
    item_class: type[Item], key: str, derive: Callable[[Row], Mapping[str, Any]], *, unless_changed: Sequence[str]
) -> bool:
    """Give the item the attributes that `derive` makes of its row (None: absent); whether it had others.

    It is read again if one of the attributes `unless_changed` was written meanwhile. Raises `BusyError`.
    """

    def attempt() -> bool:
        row = storage.get_row(item_class, key)
        if row is None:
            return False
        wanted = derive(row)
        actions = storage.changes(item_class, {name: row.get(name) for name in wanted}, wanted)
        if not actions:
            return False
        first, *others = (getattr(item_class, name) == row[name] for name in unless_changed)
        condition = first
        for other in others:
            condition &= other
        storage.write(storage.update("item", item_class, key, actions=actions, condition=condition))
        return True

    return storage.retrying(attempt)


def outbox_backfill(row: Row) -> dict[str, Any]:
    """The outbox of an item from before its table had one: all that happened to it was handled then."""
    if "handled_version" in row or "outbox_key" in row:
        return {}
    return {"handled_version": row["version"]}
