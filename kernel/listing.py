"""The list of all items of a table, the newest first: for the admin, which shows what no party's own list shows.

The index carries keys alone, and its keys never change: it costs one small write with each new item.
"""

import zlib

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from kernel.storage import InstantAttribute, Item

# Each partition takes a share of the writes.
LIST_KEYS = ("0", "1", "2", "3")


class ListIndex(GlobalSecondaryIndex["ListedItem"]):
    """All items of the table by when they were created."""

    class Meta:
        index_name = "list-index"
        projection = KeysOnlyProjection()

    list_key = UnicodeAttribute(hash_key=True, attr_name="listKey")
    created_at = InstantAttribute(range_key=True, attr_name="createdAt")


class ListedItem(Item):
    """Base of the items of a table that is listed as a whole."""

    # Absent on items from before there was a list.
    list_key = UnicodeAttribute(attr_name="listKey", null=True)
    created_at = InstantAttribute(attr_name="createdAt")

    list_index = ListIndex()


def list_key(subject_id: str) -> str:
    """The partition in which the item with that hash key is listed."""
    return LIST_KEYS[zlib.crc32(subject_id.encode()) % len(LIST_KEYS)]
