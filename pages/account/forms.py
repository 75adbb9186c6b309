"""The forms of the account pages."""

import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.utils.translation import gettext_lazy as _

from accounts.domain import ADDRESS_LABEL, PERSON_NAME, SAVED_ADDRESS
from accounts.preferences import known_time_zone
from kernel.actors import Role
from kernel.addresses import reachable_email
from kernel.errors import InvalidInputError
from kernel.time_zones import time_zone_names
from kernel.web.forms import LongSelect, SiteForm, TextField
from pages.base import PhoneField

_MAX_PASSWORD_LENGTH = 256


def _check_ends(password: str) -> None:
    # The user pool takes spaces between other characters alone.
    if password != password.strip():
        raise ValidationError(_("Begin and end your password with something other than a space."), code="spaces")


class PasswordField(forms.CharField):
    """A password as typed, spaces included, in its composed form."""

    def __init__(self, *, label: Any, is_new: bool = False, **kwargs: Any) -> None:
        attrs = {"autocomplete": "new-password" if is_new else "current-password"}
        super().__init__(
            label=label,
            strip=False,
            max_length=_MAX_PASSWORD_LENGTH,
            widget=forms.PasswordInput(attrs=attrs),
            validators=[validate_password, _check_ends] if is_new else [],
            help_text=_("At least 12 characters, with a small letter, a capital letter and a digit.") if is_new else "",
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        # An é is one character, however the keyboard spells it: so the pool counts.
        return unicodedata.normalize("NFC", str(super().to_python(value)))


class EmailField(forms.EmailField):
    """The address that a person signs in with."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"})
        super().__init__(label=_("Email address"), max_length=128, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        email: str = super().clean(value)
        if email:
            # Django takes a host of this machine, and letters beyond ASCII whose other case is one of ASCII.
            try:
                reachable_email(email)
            except InvalidInputError:
                raise ValidationError(validate_email.message, code=validate_email.code) from None
        return email


class CodeField(forms.CharField):
    """Six digits from a message or an app; the spaces that people type between them do not matter."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "digits"}
        super().__init__(
            max_length=12,
            widget=forms.TextInput(attrs=attrs),
            validators=[RegexValidator(r"\A[0-9]{6}\Z", _("The code has six digits."))],
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return "".join(str(super().to_python(value)).split())


class NameField(TextField):
    """What a person wants to be called."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "name"})
        super().__init__(PERSON_NAME, label=_("Your name"), widget=widget, **kwargs)


class SignUpForm(SiteForm):
    role = forms.ChoiceField(
        label=_("What brings you here?"),
        choices=[(Role.CUSTOMER.value, _("I need a job done")), (Role.PROVIDER.value, _("I offer a service"))],
        initial=Role.CUSTOMER.value,
        widget=forms.RadioSelect,
    )
    name = NameField()
    email = EmailField()
    password = PasswordField(label=_("Password"), is_new=True)
    # Filled in by a script where there is one; the profile page has it for everyone.
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_time_zone(self) -> str | None:
        return known_time_zone(self.cleaned_data["time_zone"])


class ConfirmForm(SiteForm):
    email = EmailField()
    code = CodeField(label=_("Code from the email"))
    password = PasswordField(label=_("Your password, once more"), is_new=True)


class ResendCodeForm(SiteForm):
    email = EmailField()


class SignInForm(SiteForm):
    email = EmailField()
    password = PasswordField(label=_("Password"))


class AppCodeForm(SiteForm):
    code = CodeField(label=_("Code of your authenticator app"))


class NewPasswordForm(SiteForm):
    password = PasswordField(label=_("New password"), is_new=True)


class ForgotPasswordForm(SiteForm):
    email = EmailField()


class ResetPasswordForm(SiteForm):
    email = EmailField()
    code = CodeField(label=_("Code from the email"))
    password = PasswordField(label=_("New password"), is_new=True)


class ReauthenticationForm(SiteForm):
    """Asks a signed-in person for the password, and for a code if their account wants one."""

    password = PasswordField(label=_("Your password"))
    code = CodeField(label=_("Code of your authenticator app"))

    def __init__(self, *args: Any, has_second_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_second_factor:
            del self.fields["code"]

    @property
    def proof(self) -> dict[str, Any]:
        """Password and code as the services take them."""
        return {"password": self.cleaned_data["password"], "code": self.cleaned_data.get("code", "")}


class ChangePasswordForm(ReauthenticationForm):
    new_password = PasswordField(label=_("New password"), is_new=True)


class ProfileForm(SiteForm):
    """Each field remembers what it showed: what was changed elsewhere meanwhile is not taken back."""

    name = NameField(show_hidden_initial=True)
    phone = PhoneField(
        help_text=_("With its country code. Who you have a confirmed appointment with sees it, nobody else."),
        empty_value=None,
        show_hidden_initial=True,
    )
    time_zone = forms.TypedChoiceField(
        label=_("Time zone"),
        choices=lambda: [("", _("Not chosen")), *((name, name.replace("_", " ")) for name in time_zone_names())],
        help_text=_("Your own times are shown in it; an appointment always names its zone."),
        widget=LongSelect,
        required=False,
        empty_value=None,
        show_hidden_initial=True,
    )
    language = forms.TypedChoiceField(
        label=_("Language"),
        choices=lambda: [("", _("Not chosen")), *settings.LANGUAGES],
        help_text=_("Pages and emails speak it. Pages speak your browser's as long as none is chosen."),
        required=False,
        empty_value=None,
        show_hidden_initial=True,
    )


class AddressForm(SiteForm):
    label = TextField(
        ADDRESS_LABEL,
        label=_("What do you call it?"),
        help_text=_("Such as “Home” or “My parents”: only you see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    address = TextField(
        SAVED_ADDRESS,
        label=_("Address"),
        help_text=_("Street and number, floor, city."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
