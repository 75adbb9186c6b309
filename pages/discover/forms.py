"""What a search can ask for, as the address of its results says it."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.domain import ServiceSearch, Sort, category_slugs, search_words
from catalog.domain.rules import PRICE_AMOUNT
from catalog.queries import City
from kernel.clock import now
from kernel.money import CURRENCY_EXPONENTS
from kernel.time_zones import earliest_date
from kernel.values import dataclass
from kernel.web.forms import SiteForm, TextField
from pages.addresses import FIRST_DAY, LAST_DAY, read_point
from pages.words import category_typed
from reviews.domain import DETAILS, ReportReason

MAX_WORDS = 8
RATINGS = (("4", _("4.0 and more")), ("4.5", _("4.5 and more")))
DISTANCES_KM = (5, 10, 25, 50)
DEFAULT_KM = 25
SORTS = (
    (Sort.RATING.value, _("Best rated")),
    (Sort.DISTANCE.value, _("Nearest")),
    (Sort.PRICE.value, _("Lowest price")),
    (Sort.PRICE_DESCENDING.value, _("Highest price")),
)

# Words that lead to the name of a city, in the languages of the site.
_BEFORE_A_CITY = frozenset({"in", "at", "near", "a", "de", "dans"})
# How much of a misspelled name is right, from 0 to 1.
_ALIKE = 0.75
# In a currency without smaller coins.
_HIGHEST_PRICE = PRICE_AMOUNT.most


# What each part of a query may be. Nobody is shown these fields: a form of them would cost a fifth of the page.
_FIELDS: dict[str, forms.Field] = {
    "q": forms.CharField(max_length=100, required=False),
    "category": forms.ChoiceField(choices=[(slug, slug) for slug in category_slugs()], required=False),
    "place": forms.CharField(max_length=120, required=False),
    "near": forms.CharField(max_length=40, required=False),
    "on": forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    ),
    "min": forms.DecimalField(required=False, min_value=0, max_value=_HIGHEST_PRICE),
    "max": forms.DecimalField(required=False, min_value=0, max_value=_HIGHEST_PRICE),
    "currency": forms.ChoiceField(choices=[(code, code) for code in CURRENCY_EXPONENTS], required=False),
    "rating": forms.ChoiceField(choices=RATINGS, required=False),
    "km": forms.TypedChoiceField(
        choices=[(km, km) for km in DISTANCES_KM], coerce=int, required=False, empty_value=None
    ),
    "sort": forms.ChoiceField(choices=SORTS, required=False),
}


def _read_query(query: QueryDict) -> dict[str, Any]:
    """What the query asks for; what is malformed is as if it were not there, since people do not type it."""
    values: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        if name not in query:
            continue
        try:
            value = field.clean(query[name])
        except forms.ValidationError:
            continue
        if value not in (None, ""):
            values[name] = value
    return values


@dataclass(frozen=True, slots=True)
class Filters:
    """A search as a person asked for it; every part may be missing. Prices in whole units of `currency`."""

    q: str = ""
    category: str = ""
    place: str = ""
    near: str = ""
    on: date | None = None
    min: Any = None
    max: Any = None
    currency: str = ""
    rating: str = ""
    km: int | None = None
    sort: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """What the query string asks for. The name of a trade, or of who does it, means the trade."""
        found = cls(**_read_query(query))
        category = category_typed(found.q)
        if category and not found.category:
            found = replace(found, q="", category=category)
        if not found.has_price:
            found = replace(found, currency="")
        elif not found.currency:
            found = replace(found, min=None, max=None)
        if read_point(found.near) is None:
            found = replace(found, near="")
        # Nothing is free on a day that is over wherever the place is, as a bookmark may still ask for it.
        if found.on and found.on < earliest_date(now()):
            found = replace(found, on=None)
        # A place that was typed counts more than a position that was taken before.
        if found.place and found.near:
            found = replace(found, near="")
        if not found.near:
            found = replace(found, km=None)
        return replace(found, sort="") if found.sort == found.usual_sort else found

    @property
    def usual_sort(self) -> Sort:
        """The order of a search that asks for none."""
        return Sort.DISTANCE if self.near else Sort.RATING

    @property
    def has_price(self) -> bool:
        """Whether a price is asked for."""
        return self.min is not None or self.max is not None

    def address(self, **changes: Any) -> str:
        """The address of the results with these changes; what is not asked for is not in it."""
        changed = replace(self, **changes)
        values = {field.name: getattr(changed, field.name) for field in fields(changed)}
        query = urlencode({name: value for name, value in values.items() if value not in (None, "")})
        return f"{reverse('search')}?{query}" if query else reverse("search")

    def city(self, cities: Sequence[City]) -> City | None:
        """The city that `place` names: "Austin" or "Austin, US", however it is written."""
        wanted = search_words(self.place)
        if not wanted:
            return None
        whole = next((city for city in cities if search_words(f"{city.name} {city.country}") == wanted), None)
        return whole or next((city for city in cities if search_words(city.name) == wanted), None)

    def cities_meant(self, cities: Sequence[City]) -> list[City]:
        """The cities that `place` may mean where it names none: "Austin, Texas" says too much, "Aus" too little."""
        typed = f" {' '.join(search_words(self.place))}"
        names = ((city, f" {' '.join(search_words(city.name))}") for city in cities)
        if typed == " ":
            return []
        meant = [city for city, name in names if f"{name} " in f"{typed} " or name.startswith(typed)]
        if meant:
            return meant
        spelled = {" ".join(search_words(city.name)): city for city in reversed(cities)}
        return [spelled[name] for name in get_close_matches(typed.strip(), spelled, cutoff=_ALIKE)]

    def with_city_apart(self, cities: Sequence[City]) -> "Filters | None":
        """The search with the city that its words end in as its place: "plumber in Austin"; None if they do not."""
        words = search_words(self.q)
        for city in cities:
            name = search_words(city.name)
            if words[-len(name) :] == name:
                rest = words[: -len(name)]
                said = " ".join(rest[:-1] if rest and rest[-1] in _BEFORE_A_CITY else rest)
                category = "" if self.category else category_typed(said)
                place = f"{city.name}, {city.country}"
                return replace(
                    self, q="" if category else said, category=category or self.category, place=place, near="", km=None
                )
        return None

    def search(self, city: City | None) -> ServiceSearch:
        """The search as the catalog takes it. Raises `InvalidInputError` for filters that contradict each other."""
        point = read_point(self.near)
        sort = Sort(self.sort) if self.sort else None
        return ServiceSearch(
            category=self.category or None,
            words=tuple(search_words(self.q))[:MAX_WORDS] if self.q else None,
            city=city.name if city else None,
            country=city.country if city else None,
            near=point,
            radius_km=(self.km or DEFAULT_KM) if point else None,
            free_on=self.on,
            price_min=_minor_units(self.min, self.currency),
            price_max=_minor_units(self.max, self.currency),
            currency=self.currency or None,
            min_rating=round(float(self.rating) * 100) if self.rating else None,
            sort=None if sort is Sort.DISTANCE and not point else sort,
        )


def _minor_units(amount: Any, currency: str) -> int | None:
    return None if amount is None else int(amount * 10 ** CURRENCY_EXPONENTS[currency])


class ReportForm(SiteForm):
    """What is wrong with a provider or a review."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        widget=forms.RadioSelect,
        choices=[
            (ReportReason.FALSE.value, _("It is not true")),
            (ReportReason.OFFENSIVE.value, _("It is offensive")),
            (ReportReason.PERSONAL.value, _("It tells personal things about somebody")),
            (ReportReason.FRAUD.value, _("It is a fraud")),
            (ReportReason.OTHER.value, _("Something else")),
        ],
    )
    details = TextField(
        DETAILS,
        label=_("What should we know?"),
        help_text=_("You may leave this empty."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
