"""What every benchmark measures: the served application, the cloud behind it, and a shop to book at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from benchmarks.api import Api
from benchmarks.raw_dynamodb import RawDynamoDB
from benchmarks.serving import APPLICATION, serve, served_environment
from benchmarks.shop import Shop, open_shop
from kernel.actors import Actor, Role
from marketplace.operations.provisioning import provision
from tests.factories.accounts import TokenIssuer


@dataclass(frozen=True, slots=True)
class Site:
    """One of each; this process is set up as the served one is, so that it can look inside."""

    cloud_url: str
    environment: dict[str, str]
    issuer: TokenIssuer
    api: Api
    raw: RawDynamoDB
    shop: Shop

    def customer_token(self, user_id: str) -> str:
        """An access token of that customer."""
        return self.issuer.token(Actor(user_id=user_id, role=Role.CUSTOMER))

    def book(self, token: str) -> str:
        """Book the next slot over HTTP; the booking's id."""
        booking_id: str = self.api.book(token, self.shop)["id"]
        return booking_id


@contextmanager
def running_site(cloud_url: str) -> Iterator[Site]:
    """Provision the embedded cloud and serve the application from it by one sync worker of gunicorn."""
    provision(settings.STAGE)
    issuer = TokenIssuer()
    settings.COGNITO_API_CLIENT_ID = issuer.client_id
    settings.COGNITO_ISSUER = issuer.issuer
    settings.COGNITO_JWKS_URL = issuer.jwks_url
    environment = served_environment(cloud_url=cloud_url, issuer=issuer)
    try:
        with serve(APPLICATION, environment) as port:
            yield Site(cloud_url, environment, issuer, Api(port), RawDynamoDB(cloud_url), open_shop())
    finally:
        issuer.stop()
