"""The forms of a provider's pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.domain import (
    CHOICE,
    MAX_CHOICES,
    MAX_QUESTIONS,
    PROFILE,
    QUESTION,
    WEEKDAYS,
    OwnTimeKind,
    Question,
    QuestionKind,
    category_slugs,
    question_errors,
)
from catalog.domain.rules import CITY, DESCRIPTION, NAME, Limits
from catalog.services import OwnTimeValues
from kernel.countries import COUNTRY_CODES
from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.time_zones import time_zone_names
from kernel.web.forms import SiteForm, TextField
from kernel.wording.sentences import in_words
from kernel.wording.text import TextRule
from pages.base import CreatingForm, PhoneField
from pages.words import category_name, format_minutes, own_time_word
from reviews.domain import ANSWER

_LENGTHS = (15, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 300, 360, 420, 480)
_SPARE_STRETCHES = 1
_MOST_STRETCHES = 6
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?")


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


class ProfileForm(SiteForm):
    """Who the provider is and where."""

    field_names = {"tax_rate_basis_points": "tax_percent"}  # noqa: RUF012

    name = TextField(
        NAME, label=_("Name of the business"), widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    description = TextField(
        DESCRIPTION,
        label=_("About you"),
        help_text=_("What you do and how you work, as you would tell it to a neighbour."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    trades = forms.MultipleChoiceField(
        label=_("Trades"),
        help_text=_("All that you work in; customers see them on your page."),
        required=False,
        choices=lambda: [(slug, category_name(slug)) for slug in category_slugs()],
        widget=forms.CheckboxSelectMultiple,
    )
    city = TextField(CITY, label=_("City"), widget=forms.TextInput(attrs={"autocomplete": "address-level2"}))
    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Its two letters: US, FR, DE."),
        choices=[(code, code) for code in sorted(COUNTRY_CODES)],
    )
    latitude = forms.FloatField(
        label=_("Latitude"),
        help_text=_(
            "Where your rounds begin, as apps for maps show it; nobody sees it. Left empty, it is the middle of your "
            "city, if enough others work there."
        ),
        required=False,
        min_value=-90,
        max_value=90,
        widget=forms.NumberInput(attrs={"step": "0.00001", "inputmode": "decimal"}),
    )
    longitude = forms.FloatField(
        label=_("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        widget=forms.NumberInput(attrs={"step": "0.00001", "inputmode": "decimal"}),
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
        if "tax_percent" in values:
            values["tax_rate_basis_points"] = int(values.pop("tax_percent") * 100)
        values["trades"] = tuple(values["trades"])
        return values


class FirstProfileForm(ProfileForm):
    """What it takes to begin; the rest has defaults, and is asked for once there is a profile."""

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
    price = forms.DecimalField(
        label=_("Price"), help_text=_("With tax."), min_value=0, max_value=1_000_000, decimal_places=3
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCY_EXPONENTS])
    duration_minutes = forms.TypedChoiceField(
        label=_("Length of the job"),
        coerce=int,
        choices=lambda: [(minutes, format_minutes(minutes)) for minutes in _LENGTHS],
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


# --- Hours -----------------------------------------------------------------------------------------------------------


class ClockField(forms.CharField):
    """A time of the day as people type it: 8, 8:30, 17 or 24; its value is in minutes from midnight."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "size": "5", "maxlength": "8"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value)).strip()
        if not text:
            return None
        match = _CLOCK.fullmatch(text)
        minutes = int(match[1]) * 60 + int(match[2] or 0) if match else -1
        if match is None or int(match[2] or 0) > 59 or minutes > 24 * 60:
            raise forms.ValidationError(gettext("Write a time such as 8, 8:30 or 17."), code="invalid")
        return minutes


def clock_text(minutes: int) -> str:
    """`8:30`, as `ClockField` reads it."""
    return f"{minutes // 60}:{minutes % 60:02}"


class HoursForm(SiteForm):
    """The weekly plan: for each day some stretches, from and to. A stretch that ends before it begins passes midnight.

    `copy_from` with `copy_to` gives other days the hours of one.
    """

    # The catalog names a day; the form has several fields for each.
    field_names = {f"weekly.{name}": f"{name}_0_from" for name in WEEKDAYS}  # noqa: RUF012

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    copy_from = forms.ChoiceField(
        label=_("Give the hours of"),
        required=False,
        choices=lambda: [("", "–"), *((name, DAY_NAMES[number]) for number, name in enumerate(WEEKDAYS))],
    )
    copy_to = forms.MultipleChoiceField(
        label=_("to these days"),
        required=False,
        choices=lambda: [(name, DAY_NAMES[number]) for number, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, weekly: Sequence[Sequence[tuple[int, int]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stretches = [min(len(spans) + _SPARE_STRETCHES, _MOST_STRETCHES) for spans in weekly]
        for number, (name, spans) in enumerate(zip(WEEKDAYS, weekly, strict=True)):
            for position in range(self._stretches[number]):
                span = spans[position] if position < len(spans) else None
                values = {"day": DAY_NAMES[number], "number": position + 1}
                for side, label, index in (
                    ("from", _("%(day)s, stretch %(number)s, from"), 0),
                    ("to", _("%(day)s, stretch %(number)s, to"), 1),
                ):
                    field = ClockField(label=label % values, initial=clock_text(span[index]) if span else "")
                    field.widget.attrs["class"] = "input"
                    self.fields[f"{name}_{position}_{side}"] = field

    @property
    def days(self) -> list[dict[str, Any]]:
        """The days as the page shows them: a name, and its stretches as pairs of bound fields."""
        return [
            {
                "name": DAY_NAMES[number],
                "stretches": [
                    (self[f"{name}_{position}_from"], self[f"{name}_{position}_to"])
                    for position in range(self._stretches[number])
                ],
            }
            for number, name in enumerate(WEEKDAYS)
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in list(values):
            if name.endswith("_from") and name != "copy_from":
                begins, ends = values.get(name), values.get(name.removesuffix("_from") + "_to")
                if (begins is None) != (ends is None) and not self.errors:
                    self.add_error(name, gettext("Give both the begin and the end, or neither."))
                elif begins is not None and begins == ends:
                    self.add_error(name, gettext("This stretch is over as it begins."))
        return values

    @property
    def weekly(self) -> dict[str, list[list[str]]]:
        """The plan as the catalog parses it; what passes midnight goes on the next day."""
        plan: dict[str, list[tuple[int, int]]] = {name: [] for name in WEEKDAYS}
        for number, name in enumerate(WEEKDAYS):
            for position in range(self._stretches[number]):
                begins = self.cleaned_data[f"{name}_{position}_from"]
                ends = self.cleaned_data[f"{name}_{position}_to"]
                if begins is None or ends is None:
                    continue
                if ends > begins:
                    plan[name].append((begins, ends))
                else:
                    plan[name].append((begins, 24 * 60))
                    if ends:
                        plan[WEEKDAYS[(number + 1) % 7]].append((0, ends))
        source = self.cleaned_data.get("copy_from", "")
        for name in self.cleaned_data.get("copy_to", ()) if source else ():
            plan[name] = list(plan[source])
        return {name: [_texts(span) for span in sorted(spans)] for name, spans in plan.items()}


def _texts(span: tuple[int, int]) -> list[str]:
    return [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in span]


# So many days can be given other hours at once.
_MOST_DAYS = 60


class ExceptionForm(SiteForm):
    """Other hours, or none, on one day or several."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label=_("Last day"),
        help_text=_("Empty for one day."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    opens = ClockField(label=_("Open from"), help_text=_("Empty for closed all day."))
    closes = ClockField(label=_("Open to"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last") or values.get("first")
        if first and last and not timedelta(0) <= last - first < timedelta(days=_MOST_DAYS):
            self.add_error("last", gettext("Give a day from the first on, at most sixty days later."))
        if (values.get("opens") is None) != (values.get("closes") is None):
            self.add_error("closes", gettext("Give both the begin and the end, or neither."))
        return values

    def added_to(self, exceptions: Mapping[str, Any]) -> dict[str, Any]:
        """The exceptions with these days."""
        values = self.cleaned_data
        first, last = values["first"], values["last"] or values["first"]
        spans = [] if values["opens"] is None else [_texts((values["opens"], values["closes"]))]
        days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
        return {**exceptions, **dict.fromkeys(days, spans)}


class OwnTimeForm(SiteForm):
    """When the provider keeps time for themselves: whole days, or from one clock time to another."""

    field_names = {"from": "first", "to": "last"}  # noqa: RUF012

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    kind = forms.ChoiceField(
        label=_("What for?"),
        help_text=_("Only you see it."),
        choices=lambda: [(kind.value, own_time_word(kind)) for kind in OwnTimeKind],
        widget=forms.RadioSelect,
    )
    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(
        label=_("Last day"),
        help_text=_("Empty for one day."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    begins = ClockField(label=_("From, on the first day"), help_text=_("Empty for the whole day. Type 8, 8:30 or 17."))
    ends = ClockField(label=_("Until, on the last day"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in ("first", "last"):
            if (values.get(name) or date.min) > date(2200, 1, 1):
                self.add_error(name, gettext("Give a day of these years."))
        for name in ("begins", "ends"):
            if (values.get(name) or 0) % 15:
                self.add_error(name, gettext("Give a full quarter of an hour: :00, :15, :30 or :45."))
        return values

    def values(self, time_zone: str) -> OwnTimeValues:
        """The values as the catalog takes them, by the clock of that zone."""
        values = self.cleaned_data
        first, last, begins, ends = values["first"], values["last"] or values["first"], values["begins"], values["ends"]
        kind = OwnTimeKind(values["kind"])
        if begins is None and ends is None:
            return OwnTimeValues(kind, first, last)
        return OwnTimeValues(
            kind, _instant(first, begins or 0, time_zone), _instant(last, 24 * 60 if ends is None else ends, time_zone)
        )


def _instant(day: date, minutes: int, time_zone: str) -> datetime:
    days, minute = divmod(minutes, 24 * 60)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + timedelta(days=days), clock, ZoneInfo(time_zone)).astimezone(UTC)


class NewOwnTimeForm(CreatingForm, OwnTimeForm):
    """Own time that does not exist yet."""

    version = None  # type: ignore[assignment]


def percent(basis_points: int) -> Decimal:
    """A rate as people write it: 19.00."""
    return Decimal(basis_points) / 100
