"""The forms of a booking."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.domain import MAX_SAVED_ADDRESSES, PERSON_NAME, PHONE, SavedAddress
from bookings.domain import ADDRESS, NOTES, REASON, PaymentMethod
from bookings.words import answer_words, payment_words
from catalog.domain import ANSWER, Question, QuestionKind
from kernel.clock import to_rfc3339
from kernel.values import dataclass
from kernel.web.forms import SiteForm, TextField
from pages.addresses import read_instant
from pages.base import CreatingForm, PhoneField
from reviews.domain import COMMENT

NEW_PLACE = "new"

STARS = (
    ("5", _("5 stars: excellent")),
    ("4", _("4 stars: good")),
    ("3", _("3 stars: fair")),
    ("2", _("2 stars: poor")),
    ("1", _("1 star: bad")),
)


class StartField(forms.CharField):
    """An instant in RFC 3339, as pages write the times that they offer."""

    widget = forms.HiddenInput
    default_error_messages = {  # noqa: RUF012
        "required": _("Choose one of the times that are shown."),
        "invalid": _("Choose one of the times that are shown."),
    }

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        start = read_instant(text)
        if start is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return start

    def prepare_value(self, value: Any) -> Any:
        return to_rfc3339(value) if isinstance(value, datetime) else value


# A field has the name under which the service knows the answer.
_ANSWER = "answers."
# So many choices are shown at once; more are a list to open.
_MOST_RADIOS = 5


def read_answers(data: Mapping[str, Any]) -> dict[str, str]:
    """What a booking form answers, by the ids of the questions, as it was sent."""
    return {name.removeprefix(_ANSWER): str(data[name]) for name in data if name.startswith(_ANSWER) and data[name]}


def _answer_field(question: Question) -> forms.Field:
    common: dict[str, Any] = {"label": question.text, "required": question.required}
    if question.kind is QuestionKind.TEXT:
        field = TextField(ANSWER, label=question.text, widget=forms.Textarea(attrs={"rows": 2}))
        field.required = question.required
        return field
    choices = [(option, answer_words(question.kind, option)) for option in question.options]
    if len(choices) <= _MOST_RADIOS:
        if not question.required:
            choices.append(("", gettext("No answer")))
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    return forms.ChoiceField(choices=[("", "–"), *choices], **common)


@dataclass(frozen=True, slots=True)
class _PlaceName:
    """What a saved address is called, and where it is, as components/choice.html shows both."""

    text: str
    hint: str

    def __str__(self) -> str:
        return self.text


class AppointmentForm(CreatingForm):
    """What the provider asks; the time, and what was shown, travel with it."""

    starts_at = StartField()
    offer_version = forms.CharField(widget=forms.HiddenInput, max_length=64)
    # What `pages.booking.terms` reads out of it where that version is not on offer any more.
    terms = forms.CharField(widget=forms.HiddenInput, max_length=120, required=False)
    # The point near which the customer searched, if they did.
    near = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def ask(self, questions: Sequence[Question]) -> None:
        """Ask these questions of the provider, and no others."""
        asked = {f"{_ANSWER}{question.question_id}": question for question in questions}
        for name in [field.name for field in self.answer_fields if field.name not in asked]:
            del self.fields[name]
            self.errors.pop(name, None)
        for name, question in asked.items():
            if name in self.fields:
                # In the order in which they are asked now.
                self.fields[name] = self.fields.pop(name)
            else:
                self.add(name, _answer_field(question))

    @property
    def answer_fields(self) -> list[forms.BoundField]:
        """The provider's questions, bound."""
        return [self[name] for name in self.fields if name.startswith(_ANSWER)]


class BookingForm(AppointmentForm):
    """Where the job is and what to know.

    `addresses` are those that the customer keeps: one of them is chosen, or a new one typed.
    """

    place = forms.ChoiceField(label=_("Where is the job?"), widget=forms.RadioSelect)
    address = TextField(
        ADDRESS,
        label=_("Address of the job"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    save_address = forms.BooleanField(label=_("Keep this address for my next bookings"), required=False)
    phone = PhoneField(help_text=_("For questions about the visit. They see it once it is confirmed."))
    notes = TextField(
        NOTES,
        label=_("What should they know?"),
        help_text=_("The problem, parking, pets, where to ring. They see it once it is confirmed."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, addresses: Sequence[SavedAddress] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses = addresses
        if addresses:
            names = [(each.address_id, _PlaceName(each.label, each.address)) for each in addresses]
            place = cast("forms.ChoiceField", self.fields["place"])
            place.choices = [*names, (NEW_PLACE, _("Another address"))]
            place.initial = addresses[0].address_id
            if self.is_bound and not self.data.get("place") and self.data.get("address"):
                # Sent from a page that was made before the first address was kept, perhaps by this very form.
                self.replace(place=NEW_PLACE)
            # Only with the last choice: a browser would not send what it does not show.
            self.fields["address"].required = False
            self.fields["address"].is_conditional = True  # type: ignore[attr-defined]
        else:
            del self.fields["place"]
        if len(addresses) >= MAX_SAVED_ADDRESSES:
            del self.fields["save_address"]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        saved = next((each for each in self._addresses if each.address_id == values.get("place")), None)
        if saved is not None:
            return values | {"address": saved.address, "save_address": False}
        if values.get("place") == NEW_PLACE and not values.get("address") and "address" not in self.errors:
            self.add_error("address", self.fields["address"].error_messages["required"])
        return values


class CallForm(AppointmentForm):
    """Who called, and what they said."""

    name = TextField(PERSON_NAME, label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = TextField(
        PHONE,
        label=_("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=_("Email"),
        help_text=_("Only if they want the confirmation in writing."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of the emails"), choices=lambda: settings.LANGUAGES)
    address = TextField(
        ADDRESS,
        label=_("Address of the job"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    notes = TextField(NOTES, label=_("What should you know?"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Perhaps they do not say yet.
        self.fields["address"].required = False


class VersionedForm(SiteForm):
    """A change of a booking as it was shown: `version` says which that was."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class StatusForm(VersionedForm):
    """A button that brings a booking to a status."""

    status = forms.CharField(widget=forms.HiddenInput, max_length=20)


class PaymentForm(VersionedForm):
    """How the customer paid."""

    payment_method = forms.ChoiceField(
        label=_("How was it paid?"),
        choices=[(method.value, method.value) for method in PaymentMethod],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_method"].choices = [  # type: ignore[attr-defined]
            (method.value, payment_words(method)) for method in PaymentMethod
        ]


class ReasonForm(VersionedForm):
    """Why a request is declined or an appointment cancelled, for the other side to read."""

    reason = TextField(
        REASON,
        label=_("Why?"),
        help_text=_("The other side reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CancelForm(ReasonForm):
    """Cancelling, for the fee that was shown: minor units of the booking's currency."""

    fee = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class MoveForm(VersionedForm):
    """Another time for a booking."""

    starts_at = StartField()


class ReviewForm(CreatingForm):
    """How it was."""

    rating = forms.TypedChoiceField(label=_("Your rating"), choices=STARS, coerce=int, widget=forms.RadioSelect)
    comment = TextField(
        COMMENT,
        label=_("What should others know?"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
