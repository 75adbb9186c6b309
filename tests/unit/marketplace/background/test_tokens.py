"""No token that leaves the server may change the account that it belongs to."""

from typing import Any

import pytest
from pytest_django import Settings

from marketplace.background.tokens import ACCOUNT_SCOPE
from marketplace.entrypoints.dispatcher import handle


@pytest.fixture(autouse=True)
def _pool(settings: Settings) -> None:
    settings.COGNITO_USER_POOL_ID = "us-east-1_pool"
    settings.COGNITO_CLIENT_ID = "site"
    settings.COGNITO_API_CLIENT_ID = "api"


def asked(client_id: str, source: str = "Authentication") -> dict[str, Any]:
    """Cognito's event before it issues a token to the client."""
    return {
        "version": "2",
        "triggerSource": f"TokenGeneration_{source}",
        "region": "us-east-1",
        "userPoolId": "us-east-1_pool",
        "userName": "ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "request": {"userAttributes": {}, "groupConfiguration": {}, "scopes": [ACCOUNT_SCOPE]},
        "response": {"claimsAndScopeOverrideDetails": None},
    }


@pytest.mark.parametrize("source", ["Authentication", "RefreshTokens", "NewPasswordChallenge", "HostedAuth"])
@pytest.mark.parametrize("client_id", ["api", "a client made by hand", ""])
def test_every_other_clients_token_loses_the_scope(client_id: str, source: str) -> None:
    answered = handle(asked(client_id, source))
    changes = answered["response"]["claimsAndScopeOverrideDetails"]
    assert changes["accessTokenGeneration"]["scopesToSuppress"] == ["aws.cognito.signin.user.admin"]
    assert answered["request"] == asked(client_id, source)["request"]


def test_the_sites_own_token_keeps_it() -> None:
    assert handle(asked("site")) == asked("site")


def test_an_event_without_a_client_is_answered_as_a_strangers() -> None:
    event = asked("site")
    del event["callerContext"]
    assert handle(event)["response"]["claimsAndScopeOverrideDetails"] is not None
