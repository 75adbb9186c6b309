"""What the API of bookings takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from rest_framework import serializers

from bookings.domain import ADDRESS, NOTES, Action, Status
from kernel.web.money import MoneySchema
from kernel.web.rest import PageQuery
from kernel.web.rest_fields import IdField, InstantField, TextField


class BookingRequest(serializers.Serializer[Any]):
    """A new booking."""

    service_id = IdField()
    starts_at = InstantField(help_text="One of the starts that the provider's availability lists.")
    address = TextField(ADDRESS, help_text="Where the job is, in one line.")
    notes = TextField(NOTES, default="", help_text="What the provider should know.")


class StatusChange(serializers.Serializer[Any]):
    """The status to bring a booking to."""

    status = serializers.ChoiceField(choices=list(Status))


class Nothing(serializers.Serializer[Any]):
    """A body without fields."""


class Reschedule(serializers.Serializer[Any]):
    """The new start of a booking."""

    starts_at = InstantField()


class BookingsQuery(PageQuery):
    """The filters of the list of bookings."""

    status = serializers.ChoiceField(choices=list(Status), default=None)
    order = serializers.ChoiceField(choices=["asc", "desc"], default="desc", help_text="By start; latest first.")
    customer_id = IdField(default=None, help_text="Admins only: whose bookings.")
    provider_id = IdField(default=None, help_text="Admins only: whose bookings.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword of Python, so that it cannot be declared as an attribute.
        return {
            **super().get_fields(),
            "from": InstantField(default=None, help_text="Only bookings that start then or later."),
            "to": InstantField(default=None, help_text="Only bookings that start before."),
        }


# --- Responses -------------------------------------------------------------------------------------------------------


class BookingSummarySchema(serializers.Serializer[Any]):
    """A booking in a list."""

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=list(Status))
    version = serializers.IntegerField()
    service_id = serializers.CharField()
    service_name = serializers.CharField()
    provider_id = serializers.CharField()
    provider_name = serializers.CharField()
    customer_id = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    time_zone = serializers.CharField(help_text="The provider's, by its IANA name.")
    price = MoneySchema()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When a pending request lapses.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=list(Action)), help_text="What the caller may do now."
    )


class CancellationSchema(serializers.Serializer[Any]):
    """The terms under which the customer can cancel."""

    free_until = serializers.DateTimeField()
    late_fee = MoneySchema()


class HistoryEntrySchema(serializers.Serializer[Any]):
    """One change of a booking."""

    action = serializers.ChoiceField(choices=list(Action))
    at = serializers.DateTimeField()
    by = serializers.CharField(help_text="The role of who did it.")
    from_status = serializers.ChoiceField(choices=list(Status), allow_null=True)
    to_status = serializers.ChoiceField(choices=list(Status))


class BookingSchema(BookingSummarySchema):
    """A whole booking."""

    cancellation = CancellationSchema()
    cancellation_fee = MoneySchema(allow_null=True, help_text="What a late cancellation cost.")
    history = HistoryEntrySchema(many=True)
    address = serializers.CharField(allow_null=True, help_text="Null where it is hidden from the caller.")
    notes = serializers.CharField(allow_null=True, help_text="Null where they are hidden from the caller.")


class BookingListSchema(serializers.Serializer[Any]):
    """One page of bookings."""

    results = BookingSummarySchema(many=True)
    next = serializers.URLField(allow_null=True)


class InvoiceSchema(serializers.Serializer[Any]):
    """The invoice of a paid booking."""

    number = serializers.CharField(help_text="Counts the provider's invoices, without gaps.")
    booking_id = serializers.CharField()
    provider_id = serializers.CharField()
    provider_name = serializers.CharField()
    customer_id = serializers.CharField()
    service_name = serializers.CharField()
    issued_at = serializers.DateTimeField()
    net = MoneySchema()
    tax = MoneySchema(help_text="Contained in the total.")
    tax_rate_basis_points = serializers.IntegerField(help_text="Hundredths of a percent.")
    total = MoneySchema()
    pdf_url = serializers.CharField(help_text="Gives the PDF to anyone who knows it, until it expires.")
    pdf_url_expires_at = serializers.DateTimeField()
