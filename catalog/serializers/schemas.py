"""What the API of the catalog answers, for the OpenAPI document alone: `catalog.representation` makes it."""

from typing import Any, get_type_hints

from rest_framework import serializers

from catalog.domain import MOST_STARS, PROFILE, WEEKDAYS, OwnTimeKind, Provider, QuestionKind
from catalog.serializers.bodies import CATEGORY_CHOICES
from kernel.web.money import MoneySchema
from photos.serializers import OwnPhotoSchema, PhotoSchema


class CategorySchema(serializers.Serializer[Any]):
    """A trade."""

    slug = serializers.CharField()
    name = serializers.CharField()


class RatingSchema(serializers.Serializer[Any]):
    """The mean of a provider's ratings."""

    average = serializers.FloatField(allow_null=True, help_text="In stars, 1 to 5; null without ratings.")
    count = serializers.IntegerField()


class NumbersSchema(serializers.Serializer[Any]):
    """How many of the ratings have how many stars."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {str(stars): serializers.IntegerField() for stars in range(1, MOST_STARS + 1)}


class NumberedRatingSchema(RatingSchema):
    """The mean of a provider's ratings, and how many have how many stars."""

    numbers = NumbersSchema(allow_null=True, help_text="By stars; null while they are being counted.")


class TermsSchema(serializers.Serializer[Any]):
    """What cancelling costs the customer."""

    free_until_hours_before = serializers.IntegerField()
    late_fee_percent = serializers.IntegerField(help_text="Of the price.")
    grace_minutes = serializers.IntegerField(
        help_text="For so long after the provider confirmed, cancelling is free, however near the start."
    )


class ServiceCardSchema(serializers.Serializer[Any]):
    """A service by itself."""

    id = serializers.CharField()
    provider_id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.ChoiceField(choices=CATEGORY_CHOICES)
    price = MoneySchema()
    duration_minutes = serializers.IntegerField()
    photos: Any = PhotoSchema(many=True)


class QuestionSchema(serializers.Serializer[Any]):
    """A question to whoever books the service."""

    id = serializers.CharField(help_text="Under which `answers` of a booking has its answer.")
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(QuestionKind))
    choices = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `required` is an attribute of every field, so that it cannot be declared as one.
        return {**super().get_fields(), "required": serializers.BooleanField()}


class OwnServiceSchema(ServiceCardSchema):
    """A service for its provider."""

    photos = OwnPhotoSchema(many=True)

    active = serializers.BooleanField()
    instant = serializers.BooleanField()
    questions = QuestionSchema(many=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class _NamedProviderSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    rating = RatingSchema()


class ListingProviderSchema(_NamedProviderSchema):
    """Who offers a listed service."""

    photo = PhotoSchema(allow_null=True)


class OfferProviderSchema(_NamedProviderSchema):
    """Who offers a service."""

    time_zone = serializers.CharField()


class ServiceSchema(ServiceCardSchema):
    """A service with who offers it and on what terms."""

    bookable = serializers.BooleanField(help_text="Whether its provider takes bookings at present.")
    instant = serializers.BooleanField(help_text="Whether a booking is confirmed at once, without an answer.")
    offer_version = serializers.CharField(
        help_text="Changes with price, currency, length, cancellation terms, questions, instant; a booking names it."
    )
    questions = QuestionSchema(many=True, help_text="What a booking must answer, or may.")
    provider = OfferProviderSchema()
    cancellation = TermsSchema()


class ListedServiceSchema(serializers.Serializer[Any]):
    """A service as search lists it."""

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.ChoiceField(choices=CATEGORY_CHOICES)
    price = MoneySchema()
    duration_minutes = serializers.IntegerField()
    provider = ListingProviderSchema()
    distance_km = serializers.FloatField(
        allow_null=True, help_text="From roughly where the provider begins; null unless the search was near a point."
    )


class _DescribedProviderSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()
    categories = serializers.ListField(child=serializers.ChoiceField(choices=CATEGORY_CHOICES))
    rating = RatingSchema()


class ListedProviderSchema(_DescribedProviderSchema):
    """A provider as search lists it."""

    photo = PhotoSchema(allow_null=True)


class _DaySchema(serializers.ListField):
    child = serializers.ListField(child=serializers.CharField())


class WeeklyHoursSchema(serializers.Serializer[Any]):
    """The open spans of each day of the week."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {day: _DaySchema() for day in WEEKDAYS}


class HoursSchema(serializers.Serializer[Any]):
    """Working hours in local wall time."""

    time_zone = serializers.CharField()
    weekly = WeeklyHoursSchema()
    exceptions = serializers.DictField(child=_DaySchema(), help_text="By date; each replaces the whole day.")


class OwnTimeSchema(serializers.Serializer[Any]):
    """Time that a provider keeps free: nobody can book it."""

    id = serializers.CharField()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=list(OwnTimeKind))
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    time_zone = serializers.CharField(help_text="The provider's when it was set.")
    whole_days = serializers.BooleanField(help_text="Whether it was set by dates.")


class ProviderSchema(_DescribedProviderSchema):
    """A provider with its hours and active services."""

    accepting_bookings = serializers.BooleanField()
    photos = PhotoSchema(many=True)
    trades = serializers.ListField(child=serializers.ChoiceField(choices=CATEGORY_CHOICES))
    travel_radius_km = serializers.IntegerField(help_text="How far from its place the provider drives to a job.")
    verified = serializers.BooleanField(help_text="Whether the marketplace has checked who this is.")
    rating = NumberedRatingSchema()
    hours = HoursSchema()
    cancellation = TermsSchema()
    services = ServiceCardSchema(many=True)


class OwnProviderSchema(_DescribedProviderSchema):
    """A provider's profile and booking rules, for itself."""

    version = serializers.IntegerField()
    rating = NumberedRatingSchema()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    photos = OwnPhotoSchema(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        return {**{name: _PLAIN_FIELDS[kind]() for name, kind in _PROFILE_TYPES.items()}, **fields}


class _TextsField(serializers.ListField):
    child = serializers.CharField()


_PLAIN_FIELDS: dict[Any, type[serializers.Field[Any, Any, Any, Any]]] = {
    tuple[str, ...]: _TextsField,
    str: serializers.CharField,
    int: serializers.IntegerField,
    bool: serializers.BooleanField,
}
_PROFILE_TYPES = {name: kind for name, kind in get_type_hints(Provider).items() if name in PROFILE}
