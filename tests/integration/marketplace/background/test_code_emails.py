"""Codes come in the language that the person has chosen since they signed up."""

from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings

from accounts.services import update_profile
from kernel.actors import Role
from kernel.errors import BusyError
from marketplace.entrypoints.dispatcher import handle
from tests.factories.accounts import make_account


def subject_for(user_id: str, *, locale: str) -> Any:
    """The subject of the email with a code for a new password, to somebody who signed up in that language."""
    event = {
        "triggerSource": "CustomMessage_ForgotPassword",
        "userPoolId": settings.COGNITO_USER_POOL_ID,
        "request": {"userAttributes": {"sub": user_id, "locale": locale}, "codeParameter": "{####}"},
        "response": {},
    }
    return handle(event)["response"]["emailSubject"]


@pytest.mark.usefixtures("cloud")
def test_a_code_comes_in_the_language_that_was_chosen_last() -> None:
    person = make_account(Role.CUSTOMER)
    update_profile(actor=person, user_id=person.user_id, changes={"language": "fr"})

    assert subject_for(person.user_id, locale="en") == "Votre code pour un nouveau mot de passe"
    assert subject_for("nobody-yet", locale="fr") == "Votre code pour un nouveau mot de passe"


@pytest.mark.usefixtures("cloud")
def test_a_code_waits_for_nobody_who_knows_the_language() -> None:
    person = make_account(Role.CUSTOMER)
    with patch("marketplace.background.code_emails.get_contacts", side_effect=BusyError()):
        assert subject_for(person.user_id, locale="fr") == "Votre code pour un nouveau mot de passe"
