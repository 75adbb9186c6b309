"""What the user pool asks before it sends an email with a code: Cognito's trigger `CustomMessage`."""

import logging
from collections.abc import Mapping
from typing import Any

from accounts.queries import get_contacts
from kernel import storage
from kernel.errors import BusyError
from notifications.services.codes import compose_code

logger = logging.getLogger(__name__)

# What the code is for, by what Cognito calls the occasion. It writes all others, which the site causes none of.
_PURPOSES = {
    "CustomMessage_SignUp": "sign-up",
    "CustomMessage_ResendCode": "sign-up",
    "CustomMessage_ForgotPassword": "password",
    "CustomMessage_UpdateUserAttribute": "address",
    "CustomMessage_VerifyUserAttribute": "address",
}
# Cognito waits five for the words.
_PATIENCE_SECONDS = 2.0


def word_code(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with its answer: subject and text in the person's language, around a mark for the code."""
    purpose = _PURPOSES.get(event["triggerSource"])
    if purpose is None:
        return dict(event)
    request = event["request"]
    language = _language_of(request.get("userAttributes", {}))
    subject, body = compose_code(purpose, code=request["codeParameter"], language=language)
    return {**event, "response": {**event.get("response", {}), "emailSubject": subject, "emailMessage": body}}


def _language_of(attributes: Mapping[str, str]) -> str | None:
    """What the person has chosen by now; of whoever has not signed in yet, what Cognito was told at the sign-up."""
    user_id = attributes.get("sub", "")
    try:
        with storage.limited_patience(_PATIENCE_SECONDS):
            contact = get_contacts([user_id]).get(user_id) if user_id else None
    except BusyError:
        # A code in another language is better than none.
        logger.warning("nobody can say which language %s has chosen", user_id)
        contact = None
    return contact.language if contact else attributes.get("locale")
