"""The forms of a booking."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.domain import ADDRESS, NOTES
from kernel.clock import to_rfc3339
from kernel.web.forms import TextField
from pages.base import CreatingForm


class StartField(forms.CharField):
    """An instant in RFC 3339, as pages write the times that they offer."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid": _("Choose one of the times that are shown.")}  # noqa: RUF012

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return read_start(text) or self._refuse() if text else None

    def prepare_value(self, value: Any) -> Any:
        return to_rfc3339(value) if isinstance(value, datetime) else value

    def _refuse(self) -> Any:
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


def read_start(text: str) -> datetime | None:
    """The instant that an address or a form names; None for anything else."""
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None


class BookingForm(CreatingForm):
    """Where the job is and what to know; the time, and what was shown of the offer, travel with it."""

    starts_at = StartField()
    offer_version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    address = TextField(
        ADDRESS,
        label=_("Address of the job"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    notes = TextField(
        NOTES,
        label=_("What should they know?"),
        help_text=_("The problem, parking, pets, where to ring. They see it once they have confirmed."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
