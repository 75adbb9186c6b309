"""Reads about people."""

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError
from django.conf import settings

from accounts.domain import Contact
from accounts.models import UserItem
from marketplace.kernel import storage
from marketplace.kernel.aws import client
from marketplace.kernel.errors import BusyError


def find_user_id(email: str) -> str | None:
    """The id of the Cognito account with that address, or None. One AdminGetUser.

    Raises `BusyError` when Cognito cannot be reached.
    """
    cognito = client("cognito-idp")
    try:
        user = cognito.admin_get_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=email)
    except cognito.exceptions.UserNotFoundException:
        return None
    except BotoCoreError as error:
        raise BusyError("The user pool cannot be reached.") from error
    return next(str(attribute["Value"]) for attribute in user["UserAttributes"] if attribute["Name"] == "sub")


def get_contacts(user_ids: Sequence[str]) -> dict[str, Contact]:
    """How to reach these people, by user id; whoever is not there is left out. One BatchGetItem."""
    rows = storage.get_rows([(UserItem, user_id) for user_id in user_ids])
    return {
        row["user_id"]: Contact(
            user_id=row["user_id"],
            email=row["email"],
            name=row["name"],
            language=row.get("language"),
            time_zone=row.get("time_zone"),
        )
        for row in rows
        if row is not None
    }
