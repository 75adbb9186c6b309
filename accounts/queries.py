"""Reads about people."""

from botocore.exceptions import BotoCoreError
from django.conf import settings

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
