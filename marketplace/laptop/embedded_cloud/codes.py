"""Codes of the embedded cloud's Cognito: drawn at random, mailed, and asked for, as at AWS.

MiniStack mails the same codes to everybody, and accepts any. Who uses a laptop finds the code where all emails are, at
`/inbox`.
"""

import secrets
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

# Under which name MiniStack keeps the code of a person, by what its email says that it is for.
_PLACES = {"email": "_confirmation_code", "password": "_reset_code"}
# And what Cognito calls the occasion.
_OCCASIONS = {"email": "CustomMessage_SignUp", "password": "CustomMessage_ForgotPassword"}

Response = tuple[int, dict[str, str], bytes]


def enforce() -> None:
    """Hold MiniStack to codes as Cognito has them, in the words of the pool's function; before it starts.

    Each email has a code of its own, after which earlier ones count no more. Confirming a sign-up and setting a new
    password want the last one, once. Codes of authenticator apps MiniStack checks itself.
    """
    from ministack.services import cognito

    mail, mailing = cognito._send_verification_email, Lock()

    def mail_new_code(
        pool: Mapping[str, Any],
        username: str,
        attributes: Mapping[str, str],
        code: str,
        attribute_name: str = "email",
    ) -> Any:
        user, _ = cognito._resolve_user(pool, username)
        code = f"{secrets.randbelow(10**6):06}"
        # MiniStack's Cognito works in threads: the code that is kept is the one that is mailed last.
        with mailing:
            user[_PLACES[attribute_name]] = code
            # MiniStack asks the pool's function about invitations only.
            words = cognito._apply_custom_message_trigger(pool, _OCCASIONS[attribute_name], username, attributes)
            worded = {**pool, "VerificationMessageTemplate": _template(words)} if words else pool
            return mail(worded, username, attributes, code, attribute_name=attribute_name)

    def checked(action: str, handle: Callable[[Any], Response]) -> Callable[[Any], Response]:
        def handle_checked(data: Any) -> Response:
            refusal: Response | None = cognito._confirmation_code_error(action, data)
            return refusal or handle(data)

        return handle_checked

    cognito._send_verification_email = mail_new_code
    cognito._confirm_sign_up = checked("ConfirmSignUp", cognito._confirm_sign_up)
    cognito._confirm_forgot_password = checked("ConfirmForgotPassword", cognito._confirm_forgot_password)


def _template(words: Mapping[str, Any]) -> dict[str, Any]:
    return {"EmailSubject": words["emailSubject"], "EmailMessage": words["emailMessage"]}
