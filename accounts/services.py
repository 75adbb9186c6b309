"""Use cases about accounts: making one, and signing in for an access token."""

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError
from django.conf import settings

from accounts.domain import ROLE_BY_GROUP, Role
from accounts.models import UserItem
from accounts.queries import find_user_id
from marketplace.kernel import storage
from marketplace.kernel.aws import client
from marketplace.kernel.errors import BusyError, ConflictError, ForbiddenError

GROUP_BY_ROLE = {role: group for group, role in ROLE_BY_GROUP.items()}


class SignInRefusedError(ForbiddenError):
    """Address and password do not belong together, or the account needs more than a password."""

    code = "sign_in_refused"


def ensure_account(*, email: str, password: str, name: str, role: Role, now: datetime) -> str:
    """Make the account unless it exists, with this password and role, ready to sign in; its user id.

    May be repeated, also after it broke off halfway. Raises `ConflictError` when the address has an account of another
    role, and `BusyError` when Cognito or DynamoDB cannot be reached.
    """
    email = email.strip().lower()
    try:
        user_id = _ensure_cognito_user(email, name)
        _ensure_user_row(user_id=user_id, email=email, name=name, role=role, now=now)
        account = {"UserPoolId": settings.COGNITO_USER_POOL_ID, "Username": email}
        cognito = client("cognito-idp")
        cognito.admin_set_user_password(**account, Password=password, Permanent=True)
        cognito.admin_add_user_to_group(**account, GroupName=GROUP_BY_ROLE[role])
    except BotoCoreError as error:
        raise BusyError("The user pool cannot be reached.") from error
    return user_id


def _ensure_cognito_user(email: str, name: str) -> str:
    cognito = client("cognito-idp")
    attributes = {"email": email, "email_verified": "true", "name": name}
    try:
        created = cognito.admin_create_user(
            UserPoolId=settings.COGNITO_USER_POOL_ID,
            Username=email,
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
            MessageAction="SUPPRESS",
        )
    except cognito.exceptions.UsernameExistsException:
        user_id = find_user_id(email)
        if user_id is None:
            raise BusyError from None
        return user_id
    return next(str(attribute["Value"]) for attribute in created["User"]["Attributes"] if attribute["Name"] == "sub")


def _ensure_user_row(*, user_id: str, email: str, name: str, role: Role, now: datetime) -> None:
    item = UserItem(user_id=user_id, email=email, name=name, user_type=role.value, created_at=now)
    try:
        storage.write(storage.put("user", item, condition=UserItem.user_id.does_not_exist()))
    except storage.ConditionFailedError as failure:
        stored = failure.failed["user"]
        if stored is None or stored["user_type"] != role.value:
            raise ConflictError(f"{email} has an account of another role.", code="other_role") from failure


def sign_in_for_token(*, email: str, password: str) -> str:
    """An access token of the account, valid for a quarter of an hour.

    Raises `SignInRefusedError`, or `BusyError` when Cognito cannot be reached.
    """
    cognito = client("cognito-idp")
    try:
        answer: dict[str, Any] = cognito.initiate_auth(
            ClientId=settings.COGNITO_CLIENT_ID,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email.strip().lower(), "PASSWORD": password},
        )
    except (cognito.exceptions.NotAuthorizedException, cognito.exceptions.UserNotFoundException) as error:
        raise SignInRefusedError("The address or the password is wrong.") from error
    except BotoCoreError as error:
        raise BusyError("The user pool cannot be reached.") from error
    if "AuthenticationResult" not in answer:
        raise SignInRefusedError("This account needs a further step to sign in.")
    return str(answer["AuthenticationResult"]["AccessToken"])
