"""What the user pool asks before it sends an email with a code: Cognito's trigger `CustomMessage`."""

from collections.abc import Mapping
from typing import Any

from notifications.services.codes import compose_code

# What the code is for, by what Cognito calls the occasion. It writes all others, which the site causes none of.
_PURPOSES = {
    "CustomMessage_SignUp": "sign-up",
    "CustomMessage_ResendCode": "sign-up",
    "CustomMessage_ForgotPassword": "password",
    "CustomMessage_UpdateUserAttribute": "address",
    "CustomMessage_VerifyUserAttribute": "address",
}


def word_code(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with its answer: subject and text in the person's language, around a mark for the code."""
    purpose = _PURPOSES.get(event["triggerSource"])
    if purpose is None:
        return dict(event)
    request = event["request"]
    subject, body = compose_code(
        purpose, code=request["codeParameter"], language=request.get("userAttributes", {}).get("locale")
    )
    return {**event, "response": {**event.get("response", {}), "emailSubject": subject, "emailMessage": body}}
