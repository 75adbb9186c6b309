"""Fields of pages that people write in."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from kernel.web.forms import SiteForm, TextField
from kernel.wording.text import TextRule
from pages.account.forms import EmailField, PasswordField
from pages.booking.forms import ReasonForm, ReviewForm


class _Form(SiteForm):
    name = TextField(TextRule(2, 20))
    notes = TextField(TextRule(0, 40, has_lines=True))


def test_text_is_kept_clean() -> None:
    form = _Form({"name": " Jose\u0301 ", "notes": "one\r\ntwo\u200b"})
    assert form.is_valid()
    assert form.cleaned_data == {"name": "José", "notes": "one\ntwo"}


def test_what_may_be_empty_need_not_be_there() -> None:
    assert _Form({"name": "Ann"}).is_valid()
    assert not _Form({"notes": "x"}).is_valid()


@pytest.mark.parametrize("name", ["", "A", "A" * 21, "\u3164\u3164", "gpj\u202eexe", "one\ntwo", "\u200b\u2060"])
def test_what_the_rule_refuses_is_said_beside_the_field(name: str) -> None:
    form = _Form({"name": name})
    assert list(form.errors) == ["name"]


@pytest.mark.parametrize(
    "address",
    ["\u017fue@example.com", "b\u0131ll@example.com", "jos\u00e9@example.com", "ann@localhost", "ann@[127.0.0.1]"],
)
def test_an_address_that_no_email_reaches_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        EmailField().clean(address)


@pytest.mark.parametrize("address", ["Ann+x@example.com", "ann@b\u00fccher.example", "\u212aim@example.com"])
def test_an_address_that_emails_reach_is_taken(address: str) -> None:
    assert EmailField().clean(address) == address


def test_a_new_password_is_looked_at_as_the_user_pool_gets_it() -> None:
    new, present = PasswordField(label="", is_new=True), PasswordField(label="")
    assert new.clean("Cafe\u0301 Kettle 4") == "Caf\u00e9 Kettle 4"
    # Twelve characters as typed, eleven as the pool counts.
    for password in ("Cafe\u0301Kettle4", " Copper-Kettle-41", "Copper-Kettle-41\u2003"):
        with pytest.raises(ValidationError):
            new.clean(password)
        assert present.clean(password)


def test_a_refusal_is_in_the_readers_language() -> None:
    with translation.override("fr"):
        form = _Form({"name": "gpj\u202eexe"})
        assert form.errors["name"] == ["Retirez le caractère invisible U+202E."]


def test_the_forms_of_bookings_follow_the_rule() -> None:
    assert ReasonForm({"version": "1", "reason": "\u2800"}).errors.keys() == {"reason"}
    assert "comment" in ReviewForm({"rating": "5", "comment": "gpj\u202eexe"}).errors
