"""Bodies of requests. The limits are the domain's, which checks them again for every other caller."""

from typing import Any

from rest_framework import serializers

from catalog.domain import (
    CATEGORIES,
    CHOICE,
    MAX_OWN_DAYS,
    PROFILE,
    QUESTION,
    WEEKDAYS,
    OwnTimeKind,
    Question,
    QuestionKind,
)
from catalog.domain.rules import CITY, DESCRIPTION, DURATION_MINUTES, NAME, PRICE_AMOUNT, Limits
from catalog.services import OwnTimeValues
from kernel.money import Money
from kernel.web.rest_fields import (
    CountryField,
    CurrencyField,
    DayOrInstantField,
    IdField,
    NameField,
    NumberField,
    TextField,
    TimeZoneField,
    TruthField,
    WholeNumberField,
)

CATEGORY_CHOICES = [(category.slug, category.name) for category in CATEGORIES]


def _number(limits: Limits, **kwargs: Any) -> WholeNumberField:
    return WholeNumberField(min_value=limits.least, max_value=limits.most, **kwargs)


def _bounds(name: str) -> dict[str, Any]:
    """The limits of one of the profile's values, as a serializer's field takes them."""
    rule = PROFILE[name].rule
    if isinstance(rule, Limits):
        return {"min_value": rule.least, "max_value": rule.most}
    return {"rule": rule}


def _rule(name: str, help_text: str) -> WholeNumberField:
    """A whole number of the profile that has a default."""
    return WholeNumberField(
        **_bounds(name), required=False, help_text=f"{help_text} {PROFILE[name].default} unless given."
    )


class ProfileBody(serializers.Serializer[Any]):
    """A provider's profile and booking rules."""

    name = TextField(NAME)
    description = TextField(DESCRIPTION, required=False)
    city = TextField(CITY)
    country = CountryField(help_text="ISO 3166 alpha-2 code.")
    latitude = NumberField(**_bounds("latitude"), help_text="Degrees north.")
    longitude = NumberField(**_bounds("longitude"), help_text="Degrees east.")
    time_zone = TimeZoneField()
    minimum_notice_minutes = _rule(
        "minimum_notice_minutes", "How long before its start an appointment can still be requested."
    )
    horizon_days = _rule("horizon_days", "How far ahead appointments can be requested.")
    buffer_before_minutes = _rule("buffer_before_minutes", "Time kept free before each appointment.")
    buffer_after_minutes = _rule("buffer_after_minutes", "Time kept free after each appointment.")
    free_cancellation_hours = _rule("free_cancellation_hours", "Until how long before its start cancelling is free.")
    late_cancellation_percent = _rule("late_cancellation_percent", "What cancelling later costs, of the price.")
    cancellation_grace_minutes = _rule(
        "cancellation_grace_minutes",
        "For how long after a confirmation the customer can cancel for nothing, however near the start.",
    )
    tax_rate_basis_points = _rule(
        "tax_rate_basis_points",
        "The tax that prices include, in hundredths of a percent; a change applies to jobs from today on.",
    )
    tax_number = TextField(**_bounds("tax_number"), required=False, help_text="Printed on invoices.")
    phone = TextField(
        **_bounds("phone"), required=False, help_text="For customers with a confirmed booking; kept as E.164 writes it."
    )
    trades = serializers.ListField(
        child=serializers.ChoiceField(choices=CATEGORY_CHOICES),
        required=False,
        help_text="The categories that the provider works in.",
    )
    travel_radius_km = _rule("travel_radius_km", "How far from its place the provider drives to a job.")
    accepting_bookings = TruthField(
        required=False, help_text="Switched off, search does not list the provider and no one can book."
    )


class PriceBody(serializers.Serializer[Any]):
    """An amount in minor units (cents) of a currency."""

    amount = _number(PRICE_AMOUNT)
    currency = CurrencyField()

    def to_internal_value(self, data: Any) -> Money:
        values = super().to_internal_value(data)
        # Also in a PATCH, which makes the fields of a nested object optional, too.
        missing = {name: ["This field is required."] for name in ("amount", "currency") if name not in values}
        if missing:
            raise serializers.ValidationError(missing, code="required")
        return Money(**values)


class QuestionBody(serializers.Serializer[Any]):
    """A question to whoever books the service."""

    text = TextField(QUESTION)
    kind = serializers.ChoiceField(choices=list(QuestionKind))
    choices = serializers.ListField(
        child=TextField(CHOICE), required=False, help_text="The answers of a `choice`; of no other kind."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `required` is an attribute of every field, so that it cannot be declared as one.
        must_be_answered = TruthField(
            required=False, help_text="Whether nobody can book without an answer; false unless given."
        )
        return {**super().get_fields(), "required": must_be_answered}

    def to_internal_value(self, data: Any) -> Question:
        values = super().to_internal_value(data)
        # Also in a PATCH, which makes the fields of a nested object optional, too.
        missing = {name: ["This field is required."] for name in ("text", "kind") if name not in values}
        if missing:
            raise serializers.ValidationError(missing, code="required")
        return Question(
            values["text"],
            QuestionKind(values["kind"]),
            tuple(values.get("choices", ())),
            values.get("required", False),
        )


class ServiceBody(serializers.Serializer[Any]):
    """A service."""

    name = TextField(NAME)
    description = TextField(DESCRIPTION, required=False)
    category = serializers.ChoiceField(choices=CATEGORY_CHOICES)
    price = PriceBody()
    duration_minutes = _number(DURATION_MINUTES)
    active = TruthField(required=False, help_text="Switched off, it is kept but cannot be booked.")
    instant = TruthField(
        required=False, help_text="Switched on, a booking is confirmed at once, without an answer of the provider."
    )
    questions = QuestionBody(many=True, required=False, help_text="Up to five; they replace those that there are.")


class _DayField(serializers.ListField):
    """The open spans of one day; what is allowed in them is the domain's."""

    child = serializers.ListField(child=NameField(), min_length=2, max_length=2)


class WeeklyHoursBody(serializers.Serializer[Any]):
    """The open spans of each day of the week, in local wall time; a day left out is closed."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {day: _DayField(required=False) for day in WEEKDAYS}


class HoursBody(serializers.Serializer[Any]):
    """Working hours."""

    weekly = WeeklyHoursBody(help_text='For example {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}.')
    exceptions = serializers.DictField(
        child=_DayField(),
        default=dict,
        help_text='Dates with hours of their own, or none: {"2026-12-24": [], "2026-12-31": [["09:00", "12:00"]]}.',
    )


# More than ninety full days of the shortest jobs that anybody would keep.
_MOST_KEPT = 1_000


class OwnTimeBody(serializers.Serializer[Any]):
    """Time that a provider keeps free."""

    kind = serializers.ChoiceField(choices=list(OwnTimeKind), help_text="Only the provider sees it.")
    keep_bookings = serializers.ListField(
        child=IdField(),
        max_length=_MOST_KEPT,
        default=list,
        help_text="The ids of the bookings in this time that stay. While others are there: 409 `time_is_booked`, whose "
        "`bookings` name all of them.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a keyword of Python, so that it cannot be declared as an attribute.
        return {
            **super().get_fields(),
            "from": DayOrInstantField(help_text="A date where the provider is, or an instant on the quarter hour."),
            "to": DayOrInstantField(
                help_text=f"A date, which is included, or an instant; at most {MAX_OWN_DAYS} days after `from`."
            ),
        }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values = super().to_internal_value(data)
        return {
            "values": OwnTimeValues(OwnTimeKind(values["kind"]), values["from"], values["to"]),
            "keep": frozenset(values["keep_bookings"]),
        }
