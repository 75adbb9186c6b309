"""Reads about people."""

from django.conf import settings

from marketplace.kernel.aws import client


def find_user_id(email: str) -> str | None:
    """The id of the Cognito account with that address, or None. One AdminGetUser."""
    cognito = client("cognito-idp")
    try:
        user = cognito.admin_get_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=email)
    except cognito.exceptions.UserNotFoundException:
        return None
    return next(str(attribute["Value"]) for attribute in user["UserAttributes"] if attribute["Name"] == "sub")
