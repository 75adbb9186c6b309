"""The forms of what a provider is and offers: profile, rules, services, and answers to reviews."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.domain import (
    CHOICE,
    MAX_CHOICES,
    MAX_QUESTIONS,
    PROFILE,
    QUESTION,
    Question,
    QuestionKind,
    category_slugs,
    question_errors,
)
from catalog.domain.rules import CITY, DESCRIPTION, NAME, PRICE_AMOUNT, Limits
from kernel.countries import COUNTRY_CODES
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.time_zones import time_zone_names
from kernel.web.forms import LongSelect, SiteForm, TextField
from kernel.wording.money import format_money
from kernel.wording.sentences import in_words
from kernel.wording.text import TextRule
from pages.base import CreatingForm, PhoneField
from pages.words import category_name, format_minutes
from reviews.domain import ANSWER

_LENGTHS = (15, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 300, 360, 420, 480)


class AnswerForm(CreatingForm):
    """What the provider says to a review."""

    answer = TextField(ANSWER, label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 5}))


# --- Profile ---------------------------------------------------------------------------------------------------------


def _text_rule(name: str) -> TextRule:
    return cast("TextRule", PROFILE[name].rule)


def _number(name: str, **kwargs: Any) -> forms.IntegerField:
    """A whole number within the limits of the profile's value of that name."""
    limits = cast("Limits", PROFILE[name].rule)
    return forms.IntegerField(min_value=int(limits.least), max_value=int(limits.most), **kwargs)


def _trades_field(help_text: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Trades"),
        help_text=help_text,
        required=False,
        choices=lambda: [(slug, category_name(slug)) for slug in category_slugs()],
        widget=forms.CheckboxSelectMultiple,
    )


class TradesForm(SiteForm):
    """What the provider works in; `version` is that of the profile, once there is one."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)
    trades = _trades_field(_("Choose all that you work in. You can change it later."))


class ProfileForm(SiteForm):
    """Who the provider is and where."""

    field_names = {"tax_rate_basis_points": "tax_percent"}  # noqa: RUF012

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = TextField(
        NAME, label=_("Name of the business"), widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    description = TextField(
        DESCRIPTION,
        label=_("About you"),
        help_text=_("What you do and how you work, as you would tell it to a neighbour."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    trades = _trades_field(_("All that you work in; customers see them on your page."))
    city = TextField(CITY, label=_("City"), widget=forms.TextInput(attrs={"autocomplete": "address-level2"}))
    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Its two letters: US, FR, DE."),
        choices=[(code, code) for code in sorted(COUNTRY_CODES)],
        widget=LongSelect,
    )
    # Of both: without `inputmode`, as the keyboards of numbers that phones show for it may have no minus.
    latitude = forms.FloatField(
        label=_("Latitude"),
        help_text=_(
            "Where your rounds begin, as apps for maps show it; nobody sees it. Left empty, it is the middle of your "
            "city, if enough others work there."
        ),
        required=False,
        min_value=-90,
        max_value=90,
    )
    longitude = forms.FloatField(
        label=_("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
    )
    travel_radius_km = _number(
        "travel_radius_km",
        label=_("How far you drive, in kilometres"),
        help_text=_("Whoever searches from farther away does not find you, and cannot book you."),
    )
    phone = PhoneField(help_text=_("Your business’s. Customers see it once a booking is confirmed, nobody before."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Your hours and appointments are by its clock."),
        widget=LongSelect,
        choices=lambda: [(name, name.replace("_", " ")) for name in time_zone_names()],
    )
    tax_number = TextField(_text_rule("tax_number"), label=_("Tax number"), help_text=_("Printed on your invoices."))
    tax_percent = forms.DecimalField(
        label=_("Tax included in your prices, in percent"),
        help_text=_("Another rate counts for jobs from today on; what is invoiced stays."),
        min_value=0,
        max_value=50,
        decimal_places=2,
    )
    accepting_bookings = forms.BooleanField(
        label=_("Customers can book me"),
        help_text=_("Without it nobody finds you; what is booked stays."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("country", "time_zone"):
            if not self.initial.get(name):
                # A browser would take the first for it, and nobody would notice.
                field = cast("forms.ChoiceField", self.fields[name])
                field.choices = [("", "–"), *cast("Any", field.choices)]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        latitude, longitude = values.get("latitude"), values.get("longitude")
        if (latitude is None) != (longitude is None) and not self.errors:
            self.add_error("latitude" if latitude is None else "longitude", gettext("Give both, or neither."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """The values as the catalog takes them."""
        values = dict(self.cleaned_data)
        values.pop("version", None)
        if "tax_percent" in values:
            values["tax_rate_basis_points"] = int(values.pop("tax_percent") * 100)
        if "trades" in values:
            values["trades"] = tuple(values["trades"])
        return values


class FirstProfileForm(ProfileForm):
    """What it takes to begin; the rest was asked for before, or has defaults until there is a profile."""

    version = None  # type: ignore[assignment]
    trades = None  # type: ignore[assignment]
    description = None  # type: ignore[assignment]
    phone = None  # type: ignore[assignment]
    tax_number = None  # type: ignore[assignment]
    tax_percent = None  # type: ignore[assignment]
    accepting_bookings = None  # type: ignore[assignment]


class RulesForm(SiteForm):
    """How and until when customers can book, and what cancelling costs them."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    minimum_notice_minutes = _number(
        "minimum_notice_minutes",
        label=_("Notice, in minutes"),
        help_text=_("Nobody can book you for sooner than this from now."),
    )
    horizon_days = _number(
        "horizon_days", label=_("How far ahead, in days"), help_text=_("Later days are not shown to customers.")
    )
    buffer_before_minutes = _number("buffer_before_minutes", label=_("Time kept free before each job, in minutes"))
    buffer_after_minutes = _number(
        "buffer_after_minutes",
        label=_("Time kept free after each job, in minutes"),
        help_text=_("For the way to the next."),
    )
    free_cancellation_hours = _number(
        "free_cancellation_hours", label=_("Free to cancel until, in hours before the start")
    )
    late_cancellation_percent = _number(
        "late_cancellation_percent", label=_("Later, cancelling costs this percentage of the price")
    )
    cancellation_grace_minutes = _number(
        "cancellation_grace_minutes",
        label=_("Grace after you confirm, in minutes"),
        help_text=_("In it cancelling is free, however soon the start is."),
    )


# --- Services --------------------------------------------------------------------------------------------------------


_QUESTION_KINDS = (
    (QuestionKind.TEXT.value, _("In words")),
    (QuestionKind.CHOICE.value, _("One of these choices")),
    (QuestionKind.YES_NO.value, _("Yes or no")),
)


def _part(position: int, name: str) -> str:
    """The field of the form with one part of the question at that position."""
    return f"question_{position}_{name}"


class _ServiceFields(SiteForm):
    field_names = {  # noqa: RUF012
        "price.amount": "price",
        "price.currency": "currency",
        "questions": _part(0, "text"),
        **{f"questions.{position}.text": _part(position, "text") for position in range(MAX_QUESTIONS)},
    }

    name = TextField(NAME, label=_("Name"), help_text=_("As a customer would say it."))
    category = forms.ChoiceField(
        label=_("Trade"), choices=lambda: [(slug, category_name(slug)) for slug in category_slugs()]
    )
    description = TextField(DESCRIPTION, label=_("What is included"), widget=forms.Textarea(attrs={"rows": 4}))
    # No currency here has thousandths: whoever writes "1.000" means a thousand. Arrows go by whole units.
    price = forms.DecimalField(
        label=_("Price"),
        help_text=_("With tax."),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCY_EXPONENTS])
    duration_minutes = forms.TypedChoiceField(
        label=_("Length of the job"),
        coerce=int,
    )
    instant = forms.TypedChoiceField(
        label=_("Who confirms?"),
        coerce=lambda text: text == "True",
        choices=[
            ("False", _("I answer each request: I have a day, and the time is held")),
            ("True", _("Booked at once: my free times can be booked without asking")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A length that the API was given is a choice, too: a browser would take the first for it.
        lengths = {*_LENGTHS, self.initial.get("duration_minutes", _LENGTHS[0])}
        cast("forms.ChoiceField", self.fields["duration_minutes"]).choices = [
            (minutes, format_minutes(minutes)) for minutes in sorted(lengths)
        ]
        for position in range(MAX_QUESTIONS):
            number = {"number": position + 1}
            self.add(
                _part(position, "text"),
                TextField(TextRule(0, QUESTION.most), label=gettext("Question %(number)s") % number),
            )
            self.add(
                _part(position, "kind"),
                forms.ChoiceField(label=gettext("How is it answered?"), choices=_QUESTION_KINDS, required=False),
            )
            self.add(
                _part(position, "choices"),
                TextField(
                    TextRule(0, MAX_CHOICES * (CHOICE.most + 1), has_lines=True),
                    label=gettext("Choices"),
                    help_text=gettext("One on each line, if it is answered by a choice."),
                    widget=forms.Textarea(attrs={"rows": 3}),
                ),
            )
            self.add(
                _part(position, "required"),
                forms.BooleanField(label=gettext("Nobody can book without an answer"), required=False),
            )
            for name in ("text", "kind", "choices"):
                # Whether they must be given depends on the others.
                self.fields[_part(position, name)].is_conditional = True  # type: ignore[attr-defined]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The questions as the page shows them: bound fields, and whether there is something in them."""
        questions = []
        for position in range(MAX_QUESTIONS):
            parts = {name: self[_part(position, name)] for name in ("text", "kind", "choices", "required")}
            is_open = bool(parts["text"].value() or any(part.errors for part in parts.values()))
            questions.append({**parts, "is_open": is_open})
        return questions

    @property
    def service_fields(self) -> list[forms.BoundField]:
        """The visible fields but those of the questions."""
        return [field for field in self.visible_fields() if not field.name.startswith("question_")]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        price, currency = values.get("price"), values.get("currency")
        if price is not None and currency:
            amount = price * 10 ** CURRENCY_EXPONENTS[currency]
            if amount != int(amount):
                self.add_error("price", gettext("This currency has no such small coin."))
            elif amount > PRICE_AMOUNT.most:
                most = format_money(Money(PRICE_AMOUNT.most, currency))
                self.add_error("price", gettext("Give a price of %(most)s at the most.") % {"most": most})
        for position, question in self._asked():
            for error in question_errors([question]):
                self.add_error(_part(position, error.field.rpartition(".")[2]), in_words(error.message))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """The values as the catalog takes them."""
        names = ("name", "category", "description", "duration_minutes", "instant")
        currency = self.cleaned_data["currency"]
        amount = int(self.cleaned_data["price"] * 10 ** CURRENCY_EXPONENTS[currency])
        return {
            **{name: self.cleaned_data[name] for name in names},
            "price": Money(amount, currency),
            "questions": tuple(question for _position, question in self._asked()),
        }

    def _asked(self) -> Iterator[tuple[int, Question]]:
        """The questions that were written, by position; one without words is none."""
        for position in range(MAX_QUESTIONS):
            text, kind, choices, required = (
                self.cleaned_data.get(_part(position, name), "") for name in ("text", "kind", "choices", "required")
            )
            if text:
                kind = QuestionKind(kind or QuestionKind.TEXT)
                # Who changes how it is answered need not empty the choices.
                lines = choices.split("\n") if kind is QuestionKind.CHOICE else ()
                found = tuple(line for line in map(str.strip, lines) if line)
                yield position, Question(text, kind, found, bool(required))


def question_initial(questions: Sequence[Question]) -> dict[str, Any]:
    """What a service's form holds of its questions before anyone types."""
    return {
        _part(position, name): value
        for position, question in enumerate(questions)
        for name, value in {**question.values(), "choices": "\n".join(question.choices)}.items()
    }


class NewServiceForm(CreatingForm, _ServiceFields):
    """A service that does not exist yet."""


class ServiceForm(_ServiceFields):
    """A service as it is; `version` says which state was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


def percent(basis_points: int) -> Decimal:
    """A rate as people write it: 19.00."""
    return Decimal(basis_points) / 100
