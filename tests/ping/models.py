"""The pings, with an outbox."""

from pynamodb.attributes import UnicodeAttribute

from kernel.outbox import OutboxItem
from kernel.storage import InstantAttribute, physical_name


class PingItem(OutboxItem):
    """One person pinged."""

    class Meta:
        table_name = physical_name("pings-table")

    ping_id = UnicodeAttribute(hash_key=True, attr_name="pingId")
    person_id = UnicodeAttribute(attr_name="personId")
    created_at = InstantAttribute(attr_name="createdAt")
