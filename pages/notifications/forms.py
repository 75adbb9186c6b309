"""Forms of the pages of notifications."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.actors import Role
from kernel.web.forms import SiteForm
from notifications.domain import MAX_NUMBER
from notifications.messages import MESSAGES, OPTIONAL_TYPES

# What each optional email is called, by its type.
OPTIONAL_EMAILS = {
    "reminder.appointment": _("Reminders of appointments"),
    "reminder.review": _("Reminders to write a review"),
    "reminder.completion": _("Reminders to say how a visit went"),
}


def optional_types(role: Role) -> list[str]:
    """The kinds of email that somebody in that role gets and can switch off."""
    return [type_ for type_ in OPTIONAL_TYPES if role in MESSAGES[type_].roles]


class PreferencesForm(SiteForm):
    """Asks for the optional emails that somebody wants."""

    wanted = forms.MultipleChoiceField(
        label=_("Emails that you can do without"),
        help_text=_("Those with a mark are sent to you."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        show_hidden_initial=True,
    )

    def __init__(self, *args: Any, types: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = cast("forms.MultipleChoiceField", self.fields["wanted"])
        wanted.choices = [(type_, OPTIONAL_EMAILS[type_]) for type_ in types]


class ReadForm(SiteForm):
    """Up to which note somebody has read."""

    up_to = forms.IntegerField(min_value=1, max_value=MAX_NUMBER, widget=forms.HiddenInput)
