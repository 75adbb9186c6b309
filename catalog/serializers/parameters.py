"""Query parameters."""

import re
from typing import Any, ClassVar

from rest_framework import serializers

from catalog.domain import Point, ProviderSearch, ServiceSearch, Sort, search_words
from catalog.domain.rules import CITY, PRICE_AMOUNT
from catalog.domain.search import DEFAULT_RADIUS_KM, MAX_RADIUS_KM
from catalog.serializers.bodies import CATEGORY_CHOICES
from kernel.web.rest import PageQuery
from kernel.web.rest_fields import (
    CountryField,
    CurrencyField,
    DayField,
    IdField,
    NumberParameter,
    WholeNumberParameter,
)

MAX_WORDS = 8

_POINT = re.compile(r"(-?\d{1,2}(?:\.\d{1,10})?),(-?\d{1,3}(?:\.\d{1,10})?)", re.ASCII)


class PointField(serializers.CharField):
    """`latitude,longitude` in degrees."""

    default_error_messages: ClassVar = {
        "invalid": "Give latitude and longitude in degrees, for example 30.2672,-97.7431.",
        "out_of_range": "Latitudes go from -90 to 90, longitudes from -180 to 180.",
    }

    def to_internal_value(self, data: Any) -> Any:
        match = _POINT.fullmatch(super().to_internal_value(data))
        if match is None:
            self.fail("invalid")
        point = Point(float(match[1]), float(match[2]))
        if abs(point.latitude) > 90 or abs(point.longitude) > 180:
            self.fail("out_of_range")
        return point


class OwnerQuery(serializers.Serializer[Any]):
    """The provider whose profile, hours or services are meant: for admins."""

    provider_id = IdField(default=None, help_text="Admins name the provider; for providers it is their own.")


class _PlacesQuery(PageQuery):
    city = serializers.CharField(max_length=CITY.most, default=None, help_text="Together with `country`.")
    country = CountryField(default=None, help_text="ISO 3166 alpha-2 code; together with `city`.")
    min_rating = NumberParameter(
        min_value=0, max_value=5, default=None, help_text="The provider's least mean rating, in stars."
    )


class ProvidersQuery(_PlacesQuery):
    """The filters of the list of providers, of whom the best rated come first."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values = super().to_internal_value(data)
        search = ProviderSearch(
            city=values["city"], country=values["country"], min_rating=_hundredths(values["min_rating"])
        )
        return {"search": search, "limit": values["limit"], "cursor": values["cursor"]}


class ServicesQuery(_PlacesQuery):
    """The filters of the list of services; a service must satisfy all."""

    category = serializers.ChoiceField(choices=CATEGORY_CHOICES, default=None)
    price_min = WholeNumberParameter(
        min_value=PRICE_AMOUNT.least, max_value=PRICE_AMOUNT.most, default=None, help_text="In minor units."
    )
    price_max = WholeNumberParameter(
        min_value=PRICE_AMOUNT.least, max_value=PRICE_AMOUNT.most, default=None, help_text="In minor units."
    )
    currency = CurrencyField(default=None)
    near = PointField(default=None, help_text="latitude,longitude in degrees; instead of a city.")
    radius_km = NumberParameter(
        min_value=0.1,
        max_value=MAX_RADIUS_KM,
        default=None,
        help_text=f"Around `near`; {DEFAULT_RADIUS_KM} unless given.",
    )
    free_on = DayField(
        default=None, help_text="A date, where the provider is, on which at least one start can still be booked."
    )
    q = serializers.CharField(
        max_length=100,
        default=None,
        help_text=f"Up to {MAX_WORDS} words; each must begin a word of the service, its category or its provider, or "
        "be its plural.",
    )
    sort = serializers.ChoiceField(
        choices=list(Sort),
        default=None,
        help_text="`price` compares amounts, so name a currency; `rating` has the best first; `distance` has the "
        "nearest, needs `near` and is then the default.",
    )

    def validate_q(self, value: str | None) -> tuple[str, ...] | None:
        if value is None:
            return None
        words = tuple(search_words(value))
        if len(words) > MAX_WORDS:
            raise serializers.ValidationError(f"Search for at most {MAX_WORDS} words.", code="too_many")
        return words

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        values = super().to_internal_value(data)
        limit, cursor = values.pop("limit"), values.pop("cursor")
        words, rating, sort = values.pop("q"), values.pop("min_rating"), values.pop("sort")
        search = ServiceSearch(
            **values, words=words, min_rating=_hundredths(rating), sort=None if sort is None else Sort(sort)
        )
        return {"search": search, "limit": limit, "cursor": cursor}


def _hundredths(stars: float | None) -> int | None:
    return None if stars is None else round(stars * 100)
