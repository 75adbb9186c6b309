"""What the API of bookings takes in, and, for the OpenAPI document alone, what it answers."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.domain import PERSON_NAME, PHONE
from bookings.domain import ADDRESS, MAX_JOB_PHOTOS, NOTES, REASON, Action, PaymentMethod, Status
from bookings.services import Assent
from catalog.domain import ANSWER, Point, QuestionKind
from kernel.actors import Role
from kernel.money import Money
from kernel.web.money import MoneySchema
from kernel.web.rest import PageQuery
from kernel.web.rest_fields import (
    CurrencyField,
    DayOrInstantField,
    IdField,
    InstantField,
    NameField,
    NumberField,
    TextField,
    WholeNumberField,
)
from photos.serializers import OwnPhotoSchema


class PositionBody(serializers.Serializer[Any]):
    """A place in degrees."""

    latitude = NumberField(min_value=-90, max_value=90)
    longitude = NumberField(min_value=-180, max_value=180)

    def to_internal_value(self, data: Any) -> Point:
        return Point(**super().to_internal_value(data))


class _Appointment(serializers.Serializer[Any]):
    """What is booked, and when."""

    service_id = IdField()
    offer_version = NameField(
        max_length=64,
        help_text="That of the service or its availability as they were shown; if the terms have changed since, 409.",
    )
    starts_at = InstantField(help_text="One of the starts that the provider's availability lists.")
    notes = TextField(NOTES, default="", help_text="What the provider should know.")
    answers = serializers.DictField(
        child=TextField(ANSWER),
        default=dict,
        help_text="Those to the service's questions by their ids: a text, one of the choices, `yes` or `no`.",
    )


class BookingRequest(_Appointment):
    """A new booking."""

    address = TextField(ADDRESS, help_text="Where the job is, in one line.")
    uploads = serializers.ListField(
        child=IdField(),
        default=list,
        max_length=MAX_JOB_PHOTOS,
        help_text="Ids of uploads of yours that become photos of the job.",
    )
    position = PositionBody(
        default=None,
        help_text="Where the job is, if you know it: a provider who does not drive there refuses. Not kept.",
    )


class CallerBooking(_Appointment):
    """A new booking for somebody without an account."""

    name = TextField(PERSON_NAME, help_text="Who called.")
    phone = TextField(
        PHONE, help_text="With its country code, or as it is dialled in the provider's country; kept as +12175550123."
    )
    email = serializers.CharField(
        max_length=254, default=None, help_text="Where to write to; without it there are no emails."
    )
    language = serializers.ChoiceField(
        choices=[code for code, _ in settings.LANGUAGES],
        default=settings.LANGUAGE_CODE,
        help_text="Of the emails to them.",
    )
    address = TextField(ADDRESS, default=None, help_text="Where the job is, in one line.")


class _MoneyField(serializers.Serializer[Any]):
    """An amount in minor units of a currency."""

    amount = WholeNumberField(min_value=0)
    currency = CurrencyField()

    def to_internal_value(self, data: Any) -> Money:
        return Money(**super().to_internal_value(data))


class _AssentBody(serializers.Serializer[Any]):
    """What the caller was shown of the booking, and agrees to."""

    offer_version = NameField(
        max_length=64, default=None, help_text="The booking's, as it was shown; if it is another, 409."
    )
    fee = _MoneyField(
        default=None, help_text="What cancelling now costs the caller, as `fee_now` showed it; if it is another, 409."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values: dict[str, Any] = super().to_internal_value(data)
        assent = Assent(values.pop("offer_version"), values.pop("fee"))
        return {**values, "assent": assent}


class StatusChange(_AssentBody):
    """The status to bring a booking to."""

    status = serializers.ChoiceField(choices=list(Status))
    reason = TextField(
        REASON,
        default="",
        help_text="For the other party, when declining, cancelling or completing. "
        "An admin who completes a job before it can have begun must give one.",
    )
    payment_method = serializers.ChoiceField(
        choices=list(PaymentMethod), default=None, help_text="How it was paid, noted with `paid`."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values = super().to_internal_value(data)
        method = values["payment_method"]
        return {
            **values,
            "status": Status(values["status"]),
            "payment_method": PaymentMethod(method) if method else None,
        }


class Cancellation(_AssentBody):
    """What goes with a cancellation."""

    reason = TextField(REASON, default="", help_text="For the other party.")


class Nothing(serializers.Serializer[Any]):
    """A body without fields."""


class Reschedule(_AssentBody):
    """The new start of a booking."""

    starts_at = InstantField()


class MoveProposal(serializers.Serializer[Any]):
    """The start that is proposed."""

    starts_at = InstantField()


class AvailabilityQuery(serializers.Serializer[Any]):
    """What is to be booked or moved, and when."""

    service_id = IdField(default=None, help_text="Required without a `booking_id`.")
    booking_id = IdField(
        default=None,
        help_text="A booking of this provider that is to be moved, instead of a service; for those whose it is.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword of Python, so that it cannot be declared as an attribute.
        return {
            **super().get_fields(),
            "from": DayOrInstantField(
                default=None, help_text="A date where the provider is, or an instant; now unless given."
            ),
            "to": DayOrInstantField(
                default=None, help_text="A date, which is included, or an instant; 14 days later unless given."
            ),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["service_id"] is None and attrs["booking_id"] is None:
            message = "Name the service that is to be booked, or the booking that is to be moved."
            raise serializers.ValidationError({"service_id": [message]}, code="required")
        if attrs["service_id"] is not None and attrs["booking_id"] is not None:
            raise serializers.ValidationError({"service_id": ["Leave it out: the booking has one."]}, code="exclusive")
        return attrs


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


class ProposalSchema(serializers.Serializer[Any]):
    """Another start that one party proposed."""

    starts_at = serializers.DateTimeField()
    by = serializers.ChoiceField(choices=[Role.CUSTOMER, Role.PROVIDER], help_text="Who proposed it.")
    lapses_at = serializers.DateTimeField(help_text="Until when the other party can answer.")


class BookingSummarySchema(serializers.Serializer[Any]):
    """A booking in a list."""

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=list(Status))
    version = serializers.IntegerField()
    service_id = serializers.CharField()
    service_name = serializers.CharField()
    provider_id = serializers.CharField()
    provider_name = serializers.CharField()
    customer_id = serializers.CharField(
        allow_null=True, help_text="Null where the provider booked for somebody without an account."
    )
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    time_zone = serializers.CharField(help_text="The provider's, by its IANA name.")
    price = MoneySchema()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When a pending request lapses.")
    proposal = ProposalSchema(allow_null=True, help_text="Another start that waits for the other party's answer.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=list(Action)), help_text="What the caller may do now."
    )


class CancellationSchema(serializers.Serializer[Any]):
    """The terms under which the customer can cancel."""

    free_until = serializers.DateTimeField()
    late_fee = MoneySchema()
    fee_now = MoneySchema(help_text="What cancelling costs the caller now; 0 if nothing.")


class HistoryEntrySchema(serializers.Serializer[Any]):
    """One change of a booking."""

    action = serializers.ChoiceField(choices=list(Action))
    at = serializers.DateTimeField()
    by = serializers.CharField(help_text="The role of who did it.")
    from_status = serializers.ChoiceField(choices=list(Status), allow_null=True)
    to_status = serializers.ChoiceField(choices=list(Status))


class AnswerSchema(serializers.Serializer[Any]):
    """An answer beside the words of its question, as they were at booking."""

    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(QuestionKind))
    answer = serializers.CharField()


class CallerSchema(serializers.Serializer[Any]):
    """Somebody without an account, for whom the provider booked."""

    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    language = serializers.CharField()


class BookingSchema(BookingSummarySchema):
    """A whole booking."""

    offer_version = serializers.CharField(help_text="Of the terms that were agreed on.")
    cancellation = CancellationSchema()
    cancellation_fee = MoneySchema(allow_null=True, help_text="What a late cancellation cost.")
    payment_method = serializers.ChoiceField(choices=list(PaymentMethod), allow_null=True)
    history = HistoryEntrySchema(many=True)
    address = serializers.CharField(allow_null=True, help_text="Null where it is hidden from the caller.")
    notes = serializers.CharField(allow_null=True, help_text="Null where they are hidden from the caller.")
    answers = AnswerSchema(many=True, allow_null=True, help_text="Null where they are hidden from the caller.")
    caller = CallerSchema(
        allow_null=True, help_text="For whom the provider booked; null for customers' bookings and once erased."
    )
    photos = OwnPhotoSchema(many=True, help_text="Of the job; none where they are hidden from the caller.")
    reason = serializers.CharField(
        allow_null=True, help_text="Why it was declined, cancelled or completed early, if somebody said so."
    )


class InvoiceSchema(serializers.Serializer[Any]):
    """The invoice of a paid booking."""

    number = serializers.CharField(help_text="Counts the provider's invoices, without gaps.")
    booking_id = serializers.CharField()
    provider_id = serializers.CharField()
    provider_name = serializers.CharField()
    customer_id = serializers.CharField(allow_null=True)
    service_name = serializers.CharField()
    issued_at = serializers.DateTimeField()
    net = MoneySchema()
    tax = MoneySchema(help_text="Contained in the total.")
    tax_rate_basis_points = serializers.IntegerField(help_text="Hundredths of a percent.")
    total = MoneySchema()
    pdf_url = serializers.CharField(help_text="Gives the PDF to anyone who knows it, until it expires.")
    pdf_url_expires_at = serializers.DateTimeField()


class FreeTimeSchema(serializers.Serializer[Any]):
    """An appointment that can be booked, in UTC."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class AskedQuestionSchema(serializers.Serializer[Any]):
    """A question to whoever books the service, as the service shows it."""

    id = serializers.CharField(help_text="Under which `answers` of a booking has its answer.")
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(QuestionKind))
    choices = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `required` is an attribute of every field, so that it cannot be declared as one.
        return {**super().get_fields(), "required": serializers.BooleanField()}


class AvailabilitySchema(serializers.Serializer[Any]):
    """The appointments that can be requested or moved to, the earliest first."""

    results = FreeTimeSchema(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null: all of the span is in one answer.")
    provider_id = serializers.CharField()
    service_id = serializers.CharField()
    time_zone = serializers.CharField(help_text="The provider's, to show the times in.")
    duration_minutes = serializers.IntegerField()
    offer_version = serializers.CharField(help_text="Of the terms; a booking names it.")
    questions = AskedQuestionSchema(many=True, help_text="What a new booking must answer, or may.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword of Python, so that it cannot be declared as an attribute.
        span = {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}
        return {**super().get_fields(), **span}
