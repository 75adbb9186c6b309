"""What the user pool asks before it issues a token: Cognito's trigger `PreTokenGeneration`, in its second version."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

# Whoever holds an access token with it may change the account itself at Cognito, past the site: turn the second factor
# off, or delete the account.
ACCOUNT_SCOPE = "aws.cognito.signin.user.admin"


def trim_token(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with its answer: every token loses the scope that changes accounts, unless the site's own client, whose
    tokens never leave the server, asked for it.
    """
    answer: dict[str, Any] | None = None
    if event.get("callerContext", {}).get("clientId") != settings.COGNITO_CLIENT_ID:
        answer = {"accessTokenGeneration": {"scopesToSuppress": [ACCOUNT_SCOPE]}}
    return {**event, "response": {"claimsAndScopeOverrideDetails": answer}}
