"""What the marketplace asks of its Cognito user pool, and Cognito's refusals in our own words.

Every refusal that a person can cause is a `DomainError`. Those that would tell a stranger whether an address has an
account are one and the same error.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Iterator
from enum import Enum
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from accounts.domain import GROUP_BY_ROLE
from kernel.actors import Role
from kernel.aws import client
from kernel.errors import BusyError, ForbiddenError, InvalidInputError, TooManyRequestsError
from kernel.sentences import sentence
from kernel.values import dataclass

# How long to wait when Cognito's own limits are reached, which it does not say.
_COGNITO_PAUSE_SECONDS = 60


class SignInRefusedError(ForbiddenError):
    """Address and password do not belong together, or the account cannot be used (yet, or any more)."""

    code = "sign_in_refused"


class CodesLimitError(TooManyRequestsError):
    """Cognito sends, or tries, no more codes of this one account for a while."""


class AddressTakenError(Exception):
    """There is an account with this address; never to be told to whoever typed the address."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Cognito issues at the end of signing in."""

    access_token: str
    id_token: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """What Cognito wants before it issues tokens: `name` as Cognito calls it, `session` to be sent with the answer."""

    name: str
    session: str
    username: str


CODE_OF_APP = "SOFTWARE_TOKEN_MFA"
NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105  (a challenge's name)
# Cognito's names for what each challenge is answered with.
_ANSWER_NAMES = {CODE_OF_APP: "SOFTWARE_TOKEN_MFA_CODE", NEW_PASSWORD: "NEW_PASSWORD"}


def sign_up(*, email: str, password: str, name: str, time_zone: str | None, language: str | None) -> str:
    """Make an unconfirmed account and have a code sent to the address; the new user id.

    Raises `AddressTakenError`, and `InvalidInputError` naming `password` if the pool's policy refuses it.
    """
    attributes = [{"Name": "email", "Value": email}, *_attributes(name, time_zone, language)]
    answer = _call_as_site("sign_up", email, Password=_composed(password), UserAttributes=attributes)
    return str(answer["UserSub"])


def change_attributes(username: str, *, name: str, time_zone: str | None, language: str | None) -> None:
    """Say something else of the person than was said at sign-up."""
    attributes = _attributes(name, time_zone, language)
    _call_as_admin("admin_update_user_attributes", username, UserAttributes=attributes)


def _attributes(name: str, time_zone: str | None, language: str | None) -> list[dict[str, str]]:
    # An attribute of no characters is one that nobody chose.
    values = {"name": name, "zoneinfo": time_zone or "", "locale": language or ""}
    return [{"Name": key, "Value": value} for key, value in values.items()]


def put_in_group(username: str, role: Role) -> None:
    """Give the account its role."""
    _call_as_admin("admin_add_user_to_group", username, GroupName=GROUP_BY_ROLE[role])


def take_from_group(username: str, role: Role) -> None:
    """Take the role from the account, if it has it."""
    _call_as_admin("admin_remove_user_from_group", username, GroupName=GROUP_BY_ROLE[role])


def set_password(*, email: str, password: str) -> None:
    """Set the password of a confirmed account. Raises `InvalidInputError` naming `password`."""
    _call_as_admin("admin_set_user_password", email, Password=_composed(password), Permanent=True)


def confirm_sign_up(*, email: str, code: str) -> None:
    """Confirm the address. Raises `InvalidInputError` naming `code`, also when something is wrong with the account."""
    try:
        _call_as_site("confirm_sign_up", email, ConfirmationCode=code)
    except SignInRefusedError as error:
        # Unknown, or confirmed before.
        raise wrong_code() from error


def resend_code(email: str) -> None:
    """Have another code sent, if the account exists and waits for one."""
    _call_silently("resend_confirmation_code", email)


def send_reset_code(email: str) -> None:
    """Have a code for a new password sent, if the account exists and its address is confirmed."""
    _call_silently("forgot_password", email)


def reset_password(*, email: str, code: str, password: str) -> None:
    """Set a new password with the code. Raises `InvalidInputError` naming `code` or `password`."""
    try:
        _call_as_site("confirm_forgot_password", email, ConfirmationCode=code, Password=_composed(password))
    except SignInRefusedError as error:
        raise wrong_code() from error


def sign_in(*, email: str, password: str) -> Tokens | Challenge:
    """Tokens of the site, never to be handed out, or what is needed before. Raises `SignInRefusedError`."""
    parameters = {"USERNAME": email, "PASSWORD": _composed(password), "SECRET_HASH": _secret_hash(email)}
    return _outcome(_initiate(settings.COGNITO_CLIENT_ID, parameters), email)


def sign_in_to_api(*, email: str, password: str) -> Tokens | Challenge:
    """Tokens for calls of the API, or what is needed before. Raises `SignInRefusedError`."""
    parameters = {"USERNAME": email, "PASSWORD": _composed(password)}
    return _outcome(_initiate(settings.COGNITO_API_CLIENT_ID, parameters), email)


def _initiate(client_id: str, parameters: dict[str, str]) -> Any:
    return _call("initiate_auth", ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def answer_challenge(challenge: Challenge, answer: str) -> Tokens | Challenge:
    """Go on with signing in. Raises `InvalidInputError` naming `code` or `password`, or `SignInRefusedError` when the
    challenge has expired (after three minutes).
    """
    responses = {
        "USERNAME": challenge.username,
        _ANSWER_NAMES[challenge.name]: _composed(answer),
        "SECRET_HASH": _secret_hash(challenge.username),
    }
    answered = _call(
        "respond_to_auth_challenge",
        ClientId=settings.COGNITO_CLIENT_ID,
        ChallengeName=challenge.name,
        Session=challenge.session,
        ChallengeResponses=responses,
    )
    return _outcome(answered, challenge.username)


def _outcome(answer: dict[str, Any], username: str) -> Tokens | Challenge:
    if "AuthenticationResult" in answer:
        result = answer["AuthenticationResult"]
        return Tokens(access_token=result["AccessToken"], id_token=result["IdToken"])
    if answer["ChallengeName"] not in _ANSWER_NAMES:
        raise SignInRefusedError(sentence("This account needs a way of signing in that is not offered here."))
    username = answer.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", username)
    return Challenge(answer["ChallengeName"], answer["Session"], username)


def change_password(*, access_token: str, password: str, new_password: str) -> None:
    """Set another password. Raises `InvalidInputError` naming `password`, `SignInRefusedError` if the old is wrong."""
    passwords = {"PreviousPassword": _composed(password), "ProposedPassword": _composed(new_password)}
    _call("change_password", AccessToken=access_token, **passwords)


def new_app_secret(access_token: str) -> str:
    """A secret (base 32) for the person's authenticator app; it counts once `confirm_app` has seen a code of it."""
    return str(_call("associate_software_token", AccessToken=access_token)["SecretCode"])


def confirm_app(*, access_token: str, code: str) -> None:
    """From now on ask for a code of the app at each sign-in. Raises `InvalidInputError` naming `code`."""
    _call("verify_software_token", AccessToken=access_token, UserCode=code)
    _prefer_app(access_token, enabled=True)


def forget_app(access_token: str) -> None:
    """Ask for no code of an app any more."""
    _prefer_app(access_token, enabled=False)


def _prefer_app(access_token: str, *, enabled: bool) -> None:
    preference = {"Enabled": enabled, "PreferredMfa": enabled}
    _call("set_user_mfa_preference", AccessToken=access_token, SoftwareTokenMfaSettings=preference)


def sign_out_everywhere(username: str) -> None:
    """Revoke all refresh tokens. Access tokens already issued are `revocations`' to refuse."""
    _call_as_admin("admin_user_global_sign_out", username)


def disable(username: str) -> None:
    """Let the account sign in no more."""
    _call_as_admin("admin_disable_user", username)


def enable(username: str) -> None:
    """Let a disabled account sign in again."""
    _call_as_admin("admin_enable_user", username)


def attributes_of(username: str) -> dict[str, str]:
    """All that the pool stores about the person except secrets; empty if there is no such account."""
    try:
        answer = _call_as_admin("admin_get_user", username)
    except SignInRefusedError:
        return {}
    return {attribute["Name"]: attribute["Value"] for attribute in answer["UserAttributes"]}


class AccountState(Enum):
    """What the pool has of an account."""

    OPEN = "open"
    DISABLED = "disabled"
    DELETED = "deleted"


def state_of(username: str) -> AccountState:
    """Whether the account is there and may sign in."""
    try:
        answer = _call_as_admin("admin_get_user", username)
    except SignInRefusedError:
        return AccountState.DELETED
    return AccountState.OPEN if answer["Enabled"] else AccountState.DISABLED


def iterate_accounts() -> Iterator[tuple[str, bool]]:
    """The user id of each account of the pool, and whether it may sign in; sixty with each call."""
    page: dict[str, Any] = {}
    while True:
        answer = _call("list_users", UserPoolId=settings.COGNITO_USER_POOL_ID, AttributesToGet=["sub"], **page)
        for user in answer["Users"]:
            user_id = next(each["Value"] for each in user["Attributes"] if each["Name"] == "sub")
            yield user_id, user["Enabled"]
        if "PaginationToken" not in answer:
            return
        page = {"PaginationToken": answer["PaginationToken"]}


def delete(username: str) -> None:
    """Remove the account, if it is still there."""
    try:
        _call_as_admin("admin_delete_user", username)
    except SignInRefusedError:
        return


# --- Calls and refusals ----------------------------------------------------------------------------------------------


def _composed(password: str) -> str:
    """One password whichever way a keyboard spells it: an é may be one character or two (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def _call_as_admin(operation: str, username: str, **arguments: Any) -> Any:
    return _call(operation, UserPoolId=settings.COGNITO_USER_POOL_ID, Username=username, **arguments)


def _call_as_site(operation: str, username: str, **arguments: Any) -> Any:
    """A call by the site's own client, which shows with each that it knows its secret."""
    return _call(
        operation,
        ClientId=settings.COGNITO_CLIENT_ID,
        SecretHash=_secret_hash(username),
        Username=username,
        **arguments,
    )


def _secret_hash(username: str) -> str:
    message = f"{username}{settings.COGNITO_CLIENT_ID}".encode()
    return base64.b64encode(hmac.digest(settings.COGNITO_CLIENT_SECRET.encode(), message, hashlib.sha256)).decode()


def _call_silently(operation: str, email: str) -> None:
    """A call whose success or refusal must look the same: the answer would tell of the account."""
    try:
        _call_as_site(operation, email)
    except SignInRefusedError:
        return
    except CodesLimitError:
        # Cognito counts the codes that it sent to this account.
        return
    except ClientError as error:
        # "No verified address", "already confirmed".
        if error.response["Error"]["Code"] != "InvalidParameterException":
            raise


def _call(operation: str, **arguments: Any) -> Any:
    try:
        return getattr(client("cognito-idp"), operation)(**arguments)
    except ClientError as error:
        _refuse(error)
    except BotoCoreError as error:
        raise BusyError from error


def _refuse(error: ClientError) -> NoReturn:
    code = error.response["Error"]["Code"]
    if code in _REFUSED:
        raise SignInRefusedError(sentence("The email address or the password is wrong.")) from error
    if code in _WRONG_CODE:
        raise wrong_code() from error
    if code in ("InvalidPasswordException", "PasswordHistoryPolicyViolationException"):
        raise InvalidInputError.of("password", sentence("Choose another password: this one is not allowed.")) from error
    if code == "UsernameExistsException":
        raise AddressTakenError from error
    if code in _TOO_OFTEN:
        message = sentence("That was too often. Please wait a minute before the next try.")
        kind = CodesLimitError if code == "LimitExceededException" else TooManyRequestsError
        raise kind(message, retry_after=_COGNITO_PAUSE_SECONDS) from error
    if code == "InternalErrorException":
        raise BusyError from error
    raise error


_REFUSED = frozenset(
    {
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
    }
)
_WRONG_CODE = frozenset({"CodeMismatchException", "ExpiredCodeException", "EnableSoftwareTokenMFAException"})
_TOO_OFTEN = frozenset({"LimitExceededException", "TooManyRequestsException", "TooManyFailedAttemptsException"})


def wrong_code() -> InvalidInputError:
    """The one refusal of every code that does not count: it does not tell the reason."""
    return InvalidInputError.of("code", sentence("This code is wrong or has expired. Check it, or ask for a new one."))
