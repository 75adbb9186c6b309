"""Cognito sends codes in our words and in the reader's language."""

from typing import Any

import pytest
from pytest_django import Settings

from marketplace.entrypoints.dispatcher import handle


@pytest.fixture(autouse=True)
def _pool(settings: Settings) -> None:
    settings.COGNITO_USER_POOL_ID = "us-east-1_pool"


def asked(occasion: str, language: str | None) -> dict[str, Any]:
    """Cognito's event before it sends an email."""
    attributes = {"email": "ada@example.com", "name": "Ada <b>Park</b>", **({"locale": language} if language else {})}
    return {
        "version": "1",
        "triggerSource": f"CustomMessage_{occasion}",
        "region": "us-east-1",
        "userPoolId": "us-east-1_pool",
        "userName": "ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "site"},
        "request": {"userAttributes": attributes, "codeParameter": "{####}", "usernameParameter": None},
        "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    }


@pytest.mark.parametrize(
    ("occasion", "language", "subject", "sentence"),
    [
        ("SignUp", "en", "Your code to confirm your address", "to finish your account"),
        ("ResendCode", None, "Your code to confirm your address", "to finish your account"),
        ("ForgotPassword", "en", "Your code for a new password", "It is valid for one hour."),
        ("ForgotPassword", "fr", "Votre code pour un nouveau mot de passe", "Il est valable une heure."),
        ("UpdateUserAttribute", "de", "Your code for this address", "that this address is yours"),
    ],
)
def test_a_code_comes_in_our_words_and_the_readers_language(
    occasion: str, language: str | None, subject: str, sentence: str
) -> None:
    answer = handle(asked(occasion, language))["response"]
    assert answer["emailSubject"] == subject
    body = answer["emailMessage"]
    assert sentence in body
    # Cognito puts the code there, and refuses a longer text.
    assert "{####}" in body
    assert len(body) <= 20_000
    # What the person has chosen to be called could be an advertisement for somebody else.
    assert "Park" not in body


def test_emails_that_the_site_causes_none_of_are_worded_by_cognito() -> None:
    event = asked("AdminCreateUser", "en")
    assert handle(event) == event
