"""The bookings table, the details kept beside it, the keys of its indexes, and the invoices."""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from kernel.listing import ListedItem
from kernel.outbox import OutboxItem
from kernel.storage import CompactJSONAttribute, InstantAttribute, Item, physical_name

# What a list of bookings shows: all but the history and the terms.
LIST_ATTRIBUTES = (
    "status",
    "version",
    "serviceId",
    "serviceName",
    "providerName",
    "endsAt",
    "timeZone",
    "priceAmount",
    "priceCurrency",
    "expiresAt",
    "customerMoves",
    "proposal",
    "createdAt",
    "updatedAt",
)


class ProviderBookingsIndex(GlobalSecondaryIndex["BookingItem"]):
    """A provider's bookings by start."""

    class Meta:
        index_name = "providerBookings-index"
        projection = IncludeProjection(["customerId", *LIST_ATTRIBUTES])

    provider_id = UnicodeAttribute(hash_key=True, attr_name="providerId")
    starts_at = InstantAttribute(range_key=True, attr_name="startsAt")


class CustomerBookingsIndex(GlobalSecondaryIndex["BookingItem"]):
    """A customer's bookings by start."""

    class Meta:
        index_name = "customerBookings-index"
        projection = IncludeProjection(["providerId", *LIST_ATTRIBUTES])

    customer_id = UnicodeAttribute(hash_key=True, attr_name="customerId")
    starts_at = InstantAttribute(range_key=True, attr_name="startsAt")


class ProviderStatusIndex(GlobalSecondaryIndex["BookingItem"]):
    """What waits for a provider's answer, requests and customers' proposals, by start: what is answered leaves it."""

    class Meta:
        index_name = "providerStatus-index"
        projection = IncludeProjection(["providerId", "customerId", *LIST_ATTRIBUTES])

    provider_status_key = UnicodeAttribute(hash_key=True, attr_name="providerStatusKey")
    starts_at = InstantAttribute(range_key=True, attr_name="startsAt")


class StatusIndex(GlobalSecondaryIndex["BookingItem"]):
    """Bookings in one status by the instant at which that status wants attention, for jobs.

    The key `status#day#shard` (the UTC day of `due_at`) keeps any one partition to a small share of all writes.
    """

    class Meta:
        index_name = "status-index"
        projection = KeysOnlyProjection()

    status_key = UnicodeAttribute(hash_key=True, attr_name="statusKey")
    due_at = InstantAttribute(range_key=True, attr_name="dueAt")


class BookingItem(OutboxItem, ListedItem):
    """A booking without personal data: this item's images travel through the stream."""

    class Meta:
        table_name = physical_name("bookings-table")

    booking_id = UnicodeAttribute(hash_key=True, attr_name="bookingId")
    status = UnicodeAttribute()
    service_id = UnicodeAttribute(attr_name="serviceId")
    service_name = UnicodeAttribute(attr_name="serviceName")
    provider_id = UnicodeAttribute(attr_name="providerId")
    provider_name = UnicodeAttribute(attr_name="providerName")
    # Absent on what a provider booked for a caller, and so is the key of the customer's list.
    customer_id = UnicodeAttribute(attr_name="customerId", null=True)
    starts_at = InstantAttribute(attr_name="startsAt")
    ends_at = InstantAttribute(attr_name="endsAt")
    time_zone = UnicodeAttribute(attr_name="timeZone")
    # Frozen when the booking was made.
    price_amount = NumberAttribute(attr_name="priceAmount")
    price_currency = UnicodeAttribute(attr_name="priceCurrency")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    buffer_before_minutes = NumberAttribute(attr_name="bufferBeforeMinutes")
    buffer_after_minutes = NumberAttribute(attr_name="bufferAfterMinutes")
    free_cancellation_hours = NumberAttribute(attr_name="freeCancellationHours")
    late_cancellation_percent = NumberAttribute(attr_name="lateCancellationPercent")
    # Absent on bookings from before there was a grace: they have none.
    cancellation_grace_minutes = NumberAttribute(attr_name="cancellationGraceMinutes", null=True)
    # Only while pending: when the request lapses unless the provider confirms it.
    expires_at = InstantAttribute(attr_name="expiresAt", null=True)
    # Only once the customer moved it after it was confirmed.
    customer_moves = NumberAttribute(attr_name="customerMoves", null=True)
    # Only while another start is proposed: {"starts_at", "by", "lapses_at"}.
    proposal = JSONAttribute(null=True)
    # Only once moved late by the customer.
    free_cancellation_ended_at = InstantAttribute(attr_name="freeCancellationEndedAt", null=True)
    # Only when cancelled late: what the frozen terms ask for, in minor units of the price's currency.
    cancellation_fee_amount = NumberAttribute(attr_name="cancellationFeeAmount", null=True)
    # Only when it was noted with the payment.
    payment_method = UnicodeAttribute(attr_name="paymentMethod", null=True)
    # Only where the service asked something; the answers are with the details.
    questions_version = UnicodeAttribute(attr_name="questionsVersion", null=True)
    # Oldest first: [[id, action, second since 1970, role, status it led to, person], …], the person where it is another
    # than the last one of that role. Older items: [{"id", "action", "at", "by", "role", "from", "to", "version"}, …].
    history = CompactJSONAttribute()
    created_at = InstantAttribute(attr_name="createdAt")
    updated_at = InstantAttribute(attr_name="updatedAt")
    # Only while pending, or while the customer proposes another start. Older bookings have one in every status.
    provider_status_key = UnicodeAttribute(attr_name="providerStatusKey", null=True)
    status_key = UnicodeAttribute(attr_name="statusKey")
    due_at = InstantAttribute(attr_name="dueAt")

    provider_bookings_index = ProviderBookingsIndex()
    customer_bookings_index = CustomerBookingsIndex()
    provider_status_index = ProviderStatusIndex()
    status_index = StatusIndex()


class OpenRequestsItem(Item):
    """The bookings that nobody has agreed to yet, of one customer, or from new accounts at one provider.

    A customer's item has a set of ids for each provider beside: `at_<provider id>`.
    """

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    open = UnicodeSetAttribute(null=True)
    # Of a customer: when they booked in the last day, open or not, and somewhat longer: {"<second since 1970>#…", …}.
    lately = UnicodeSetAttribute(null=True)
    first_request_at = InstantAttribute(attr_name="firstRequestAt", null=True)


class BookingDetailsItem(Item):
    """Where and what: the personal part of a booking, kept out of the stream and erasable by itself."""

    class Meta:
        table_name = physical_name("booking-details-table")

    booking_id = UnicodeAttribute(hash_key=True, attr_name="bookingId")
    address = UnicodeAttribute()
    notes = UnicodeAttribute()
    # Why it was declined, cancelled or completed early, if somebody said so.
    reason = UnicodeAttribute(null=True)
    # Only where a provider booked for somebody without an account: {"name", "phone", "email", "language"}.
    caller = JSONAttribute(null=True)
    # Then, too: the second from which DynamoDB may sweep it.
    purge_at = NumberAttribute(attr_name="purgeAt", null=True)
    # [{"question", "kind", "answer"}, …], in the order in which they were asked.
    answers = JSONAttribute(null=True)
    # Each as `photos.domain.photo_value` writes it, in the order in which they were added.
    photos = JSONAttribute(null=True)


class InvoiceItem(Item):
    """The invoice of a booking, as it was issued: only `stored_at` is written later. No personal data but ids."""

    class Meta:
        table_name = physical_name("invoices-table")

    # The booking's.
    invoice_id = UnicodeAttribute(hash_key=True, attr_name="invoiceId")
    number = NumberAttribute()
    issued_at = InstantAttribute(attr_name="issuedAt")
    provider_id = UnicodeAttribute(attr_name="providerId")
    provider_name = UnicodeAttribute(attr_name="providerName")
    provider_city = UnicodeAttribute(attr_name="providerCity")
    provider_country = UnicodeAttribute(attr_name="providerCountry")
    tax_number = UnicodeAttribute(attr_name="taxNumber")
    customer_id = UnicodeAttribute(attr_name="customerId", null=True)
    service_name = UnicodeAttribute(attr_name="serviceName")
    starts_at = InstantAttribute(attr_name="startsAt")
    ends_at = InstantAttribute(attr_name="endsAt")
    time_zone = UnicodeAttribute(attr_name="timeZone")
    tax_rate_basis_points = NumberAttribute(attr_name="taxRateBasisPoints")
    tax_amount = NumberAttribute(attr_name="taxAmount")
    total_amount = NumberAttribute(attr_name="totalAmount")
    currency = UnicodeAttribute()
    # Since when its PDF is kept.
    stored_at = InstantAttribute(attr_name="storedAt", null=True)


class InvoiceNumbersItem(Item):
    """The number of a provider's last invoice and the sums of all, kept with the invoices under the provider's id."""

    class Meta:
        table_name = physical_name("invoices-table")

    provider_id = UnicodeAttribute(hash_key=True, attr_name="invoiceId")
    last_number = NumberAttribute(attr_name="lastNumber")
    # By the month of the job: [["2026-11", "USD", invoices, tax, total], …], amounts in minor units.
    earnings = JSONAttribute(null=True)
