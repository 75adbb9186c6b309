"""Accounts that are ready to use at once, for demo data and tests, and access tokens for them."""

from datetime import datetime

from botocore.exceptions import BotoCoreError
from django.conf import settings

from accounts import cognito
from accounts.domain import GROUP_BY_ROLE
from accounts.models import UserItem
from accounts.queries import find_user_id
from kernel import storage
from kernel.actors import Role
from kernel.addresses import canonical_email
from kernel.aws import client
from kernel.errors import BusyError, ConflictError
from kernel.sentences import sentence


def ensure_account(*, email: str, password: str, name: str, role: Role, now: datetime) -> str:
    """Make the account unless it exists, with this password and role, ready to sign in; its user id.

    May be repeated, also after it broke off halfway. Raises `ConflictError` when the address has an account of another
    role, and `BusyError` when Cognito or DynamoDB cannot be reached.
    """
    email = canonical_email(email)
    try:
        user_id = _ensure_cognito_user(email, name)
        _ensure_user_row(user_id=user_id, email=email, name=name, role=role, now=now)
        account = {"UserPoolId": settings.COGNITO_USER_POOL_ID, "Username": email}
        pool = client("cognito-idp")
        pool.admin_set_user_password(**account, Password=password, Permanent=True)
        pool.admin_add_user_to_group(**account, GroupName=GROUP_BY_ROLE[role])
    except BotoCoreError as error:
        raise BusyError(sentence("The user pool cannot be reached.")) from error
    return user_id


def _ensure_cognito_user(email: str, name: str) -> str:
    pool = client("cognito-idp")
    attributes = {"email": email, "email_verified": "true", "name": name}
    try:
        created = pool.admin_create_user(
            UserPoolId=settings.COGNITO_USER_POOL_ID,
            Username=email,
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
            MessageAction="SUPPRESS",
        )
    except pool.exceptions.UsernameExistsException:
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
            message = sentence("%(email)s has an account of another role.", email=email)
            raise ConflictError(message, code="other_role") from failure


def sign_in_for_token(*, email: str, password: str) -> str:
    """An access token of the account, valid for a quarter of an hour.

    Raises `SignInRefusedError`, or `BusyError` when Cognito cannot be reached.
    """
    outcome = cognito.sign_in_to_api(email=canonical_email(email), password=password)
    if isinstance(outcome, cognito.Challenge):
        raise cognito.SignInRefusedError(sentence("This account needs a further step to sign in."))
    return outcome.access_token
