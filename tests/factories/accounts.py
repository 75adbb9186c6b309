"""People who act in tests, and access tokens for them without a round trip through Cognito."""

import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.domain import GROUP_BY_ROLE
from accounts.services import ensure_account
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.web.json_format import ORJSONRenderer
from tests.openapi import check_response


def make_customer() -> Actor:
    return Actor(user_id=str(uuid4()), role=Role.CUSTOMER)


def make_provider() -> Actor:
    return Actor(user_id=str(uuid4()), role=Role.PROVIDER)


def make_admin() -> Actor:
    return Actor(user_id=str(uuid4()), role=Role.ADMIN)


def make_account(role: Role) -> Actor:
    """Somebody with an account, who can sign in."""
    email = f"{uuid4().hex}@example.com"
    user_id = ensure_account(email=email, password="Correct-Horse-1", name="Ada Park", role=role, now=now())
    return Actor(user_id=user_id, role=role)


def mailed_code(email: str) -> str:
    """The code that the embedded cloud's Cognito mailed to the address last."""
    with urllib.request.urlopen(f"{settings.AWS_ENDPOINT_URL}/_ministack/ses/messages") as answer:  # noqa: S310
        by_account = orjson.loads(answer.read())["messages"]
    sent = [message for messages in by_account.values() for message in messages if message["To"] == [email]]
    found = re.search(r"\b\d{6}\b", sent[-1]["BodyText"] or sent[-1]["BodyHtml"])
    assert found
    return found[0]


class TokenIssuer:
    """A user pool of its own: signs tokens as Cognito does, and publishes its key at `jwks_url`."""

    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_tests"
    client_id = "client-of-the-tests"

    def __init__(self) -> None:
        self.key_id = "key-1"
        self._old_keys: list[dict[str, Any]] = []
        self._rotating = threading.Lock()
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.fetches = 0
        self.is_reachable = True
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetches += 1
                self.send_response(200 if issuer.is_reachable else 503)
                self.end_headers()
                self.wfile.write(orjson.dumps(issuer.jwks()) if issuer.is_reachable else b"")

            def log_message(self, *args: Any) -> None:
                """Keep the tests' output quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self.jwks_url = f"http://127.0.0.1:{self._server.server_port}/.well-known/jwks.json"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def rotate(self, key_id: str, *, keep_old: bool = False) -> None:
        """Sign with a new key from now on; publish the old one, too, if asked."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        old_keys = self.jwks()["keys"] if keep_old else []
        with self._rotating:
            self.private_key, self.key_id, self._old_keys = key, key_id, old_keys

    def jwks(self) -> dict[str, Any]:
        with self._rotating:
            private_key, key_id, old_keys = self.private_key, self.key_id, self._old_keys
        key = jwt.algorithms.RSAAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": key_id, "alg": "RS256", "use": "sig"}, *old_keys]}

    def claims(self, actor: Actor) -> dict[str, Any]:
        """What Cognito puts into an access token."""
        now = int(time.time())
        return {
            "sub": actor.user_id,
            "iss": self.issuer,
            "client_id": self.client_id,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "cognito:groups": [GROUP_BY_ROLE[actor.role]],
            "username": actor.user_id,
            "auth_time": now,
            "iat": now,
            "exp": now + 900,
            "jti": str(uuid4()),
        }

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        return jwt.encode(claims, self.private_key, algorithm="RS256", headers={"kid": self.key_id, **header})

    def token(self, actor: Actor) -> str:
        return self.sign(self.claims(actor))


class ApiClient(APIClient):
    """DRF's test client, which sends JSON unless told otherwise, and, if it has one, a token.

    Every response is held to the OpenAPI document.
    """

    renderer_classes_list = (ORJSONRenderer,)
    default_format = "json"

    def __init__(self, token: str | None = None) -> None:
        super().__init__()
        if token:
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    def request(self, **kwargs: Any) -> Any:
        response = super().request(**kwargs)
        check_response(kwargs["REQUEST_METHOD"], kwargs["PATH_INFO"], response)
        return response


@pytest.fixture(scope="session")
def token_issuer() -> Iterator[TokenIssuer]:
    """The user pool of the tests that do not need Cognito itself."""
    issuer = TokenIssuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def api(settings: Settings, token_issuer: TokenIssuer) -> Callable[[Actor | None], ApiClient]:
    """`api(actor)` is a client whose requests carry the actor's token, `api()` a stranger's."""
    settings.COGNITO_ISSUER = token_issuer.issuer
    settings.COGNITO_API_CLIENT_ID = token_issuer.client_id
    settings.COGNITO_JWKS_URL = token_issuer.jwks_url

    def client(actor: Actor | None = None) -> ApiClient:
        return ApiClient(token_issuer.token(actor) if actor else None)

    return client
