"""The tables of notifications: what was sent to whom, what the bell shows, who wants what, whom not to write to."""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from kernel.leases import LeasedItem
from kernel.storage import InstantAttribute, Item, physical_name

# Sorts after all notes, which are numbered: a list that starts with the newest note meets the bell first.
BELL_ID = "~bell"


class DeliveryItem(LeasedItem):
    """One event for one recipient over one channel. `delivery_id` is `<event id>#<recipient id>#<channel>`."""

    class Meta:
        table_name = physical_name("deliveries-table")

    delivery_id = UnicodeAttribute(hash_key=True, attr_name="deliveryId")
    # As it travels (ids and public facts): all that sending needs to know beside the present state.
    event = JSONAttribute()
    recipient_id = UnicodeAttribute(attr_name="recipientId")
    recipient_role = UnicodeAttribute(attr_name="recipientRole")
    channel = UnicodeAttribute()
    status = UnicodeAttribute()
    attempts = NumberAttribute()
    # Only when sent: the id that SES gave it.
    message_id = UnicodeAttribute(attr_name="messageId", null=True)
    created_at = InstantAttribute(attr_name="createdAt")
    updated_at = InstantAttribute(attr_name="updatedAt")
    expires_at = NumberAttribute(attr_name="expiresAt")


class NoteItem(Item):
    """An entry of someone's list in the app. `notification_id` is its number in that list, with leading zeros."""

    class Meta:
        table_name = physical_name("notifications-table")

    recipient_id = UnicodeAttribute(hash_key=True, attr_name="recipientId")
    notification_id = UnicodeAttribute(range_key=True, attr_name="notificationId")
    type = UnicodeAttribute()
    recipient_role = UnicodeAttribute(attr_name="recipientRole")
    # Absent on an item that was written before notes could be about other things than bookings.
    subject_kind = UnicodeAttribute(attr_name="subjectKind", null=True)
    subject_id = UnicodeAttribute(attr_name="subjectId", null=True)
    values = JSONAttribute(null=True)
    # Such an item has these instead. They can go 90 days after the last one was written.
    booking_id = UnicodeAttribute(attr_name="bookingId", null=True)
    service_name = UnicodeAttribute(attr_name="serviceName", null=True)
    provider_name = UnicodeAttribute(attr_name="providerName", null=True)
    starts_at = InstantAttribute(attr_name="startsAt", null=True)
    time_zone = UnicodeAttribute(attr_name="timeZone", null=True)
    occurred_at = InstantAttribute(attr_name="occurredAt")
    expires_at = NumberAttribute(attr_name="expiresAt")


class BellItem(Item):
    """Beside someone's notes, what a glance needs: how many there ever were, how many were read, and what moved.

    A list of notes reads it as one of them: its attributes are single words, so that their stored names are the same.
    """

    class Meta:
        table_name = physical_name("notifications-table")

    recipient_id = UnicodeAttribute(hash_key=True, attr_name="recipientId")
    notification_id = UnicodeAttribute(range_key=True, attr_name="notificationId")
    # The number of the newest note.
    sequence = NumberAttribute(null=True)
    # The number of the newest note that was read: all before it are read, too.
    seen = NumberAttribute(null=True)
    # Rises with every event that concerns the recipient, also with those that make no note.
    activity = NumberAttribute(null=True)


class PreferencesItem(Item):
    """The optional kinds of email that someone switched off; without an item, none."""

    class Meta:
        table_name = physical_name("notification-preferences-table")

    recipient_id = UnicodeAttribute(hash_key=True, attr_name="recipientId")
    muted = UnicodeSetAttribute(null=True)


class SuppressionItem(Item):
    """An address that bounced for good or complained: `address_hash` is the SHA-256 of the canonical address."""

    class Meta:
        table_name = physical_name("email-suppressions-table")

    address_hash = UnicodeAttribute(hash_key=True, attr_name="addressHash")
    reason = UnicodeAttribute()
    suppressed_at = InstantAttribute(attr_name="suppressedAt")


class ReportsItem(Item):
    """How many reports SES sent: one item of the counters table, with an attribute for each kind, such as `Bounce`."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    last_at = InstantAttribute(attr_name="lastAt", null=True)
