"""Bearer access tokens of the Cognito user pool, verified here.

A token is believed only if the pool's published key signed it (RS256, nothing else), for this pool and this client,
as an access token, within its time. Header parameters that name a key or its place (jku, x5u, jwk, …) or ask for
extensions (crit) are refused unread.
"""

import logging
import threading
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from jwt.exceptions import PyJWKClientError, PyJWKSetError, PyJWTError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.domain import ROLE_BY_GROUP, Actor
from marketplace.kernel.errors import BusyError

logger = logging.getLogger(__name__)

_ALGORITHM = "RS256"
_HEADER_PARAMETERS = frozenset({"alg", "kid", "typ"})
_REQUIRED_CLAIMS = ["exp", "iat", "iss", "sub", "token_use", "client_id"]
_MAX_TOKEN_LENGTH = 4096
_EXPIRED = "The access token has expired."
# Clocks of Cognito and of this machine may differ a little.
_LEEWAY_SECONDS = 5

_FETCH_TIMEOUT_SECONDS = 2.0
_KEYS_FRESH_SECONDS = 3600.0
_REFETCH_AFTER_SECONDS = 30.0
_REFETCH_AFTER_SECONDS_WITHOUT_KEYS = 1.0


class SigningKeys:
    """The pool's public keys by key id.

    They are fetched when first needed, hourly, and when a token names a key that is not among them (after a
    rotation), but never more than once in 30 s, whatever tokens come. During an outage the last keys stay in use.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key, or None if the pool has no such key.

        Raises `BusyError` while not one key is known because the pool cannot be reached.
        """
        key = self._keys.get(key_id)
        if key is None or time.monotonic() - self._fetched_at > _KEYS_FRESH_SECONDS:
            # Who has a key does not wait for somebody else's fetch.
            if self._lock.acquire(blocking=key is None):
                try:
                    self._refresh_if_due()
                finally:
                    self._lock.release()
            key = self._keys.get(key_id)
        if key is None and not self._keys:
            raise BusyError("Sign-in cannot be checked at the moment. Please try again.")
        return key

    def _refresh_if_due(self) -> None:
        now = time.monotonic()
        pause = _REFETCH_AFTER_SECONDS if self._keys else _REFETCH_AFTER_SECONDS_WITHOUT_KEYS
        if now - self._tried_at < pause:
            return
        try:
            fetched = jwt.PyJWKClient(self._url, cache_jwk_set=False, timeout=_FETCH_TIMEOUT_SECONDS).get_signing_keys()
        except (PyJWKClientError, PyJWKSetError, ValueError, OSError) as error:
            logger.warning("The user pool's keys cannot be fetched: %s", type(error).__name__)
        else:
            usable = {key.key_id: key for key in fetched if key.key_id and key.algorithm_name == _ALGORITHM}
            self._keys = usable or self._keys
            self._fetched_at = now
        finally:
            self._tried_at = time.monotonic()


@cache
def _signing_keys(url: str) -> SigningKeys:
    return SigningKeys(url)


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """`request.user` of an authenticated API request."""

    actor: Actor
    is_authenticated: bool = True

    def __str__(self) -> str:
        return f"{self.actor.role} {self.actor.user_id}"


def actor_on(request: Request) -> Actor | None:
    """Who makes the request; None for a stranger."""
    user: Any = request.user
    actor: Actor | None = None if user is None else user.actor
    return actor


class UserPool(NamedTuple):
    """Who issues the tokens, for which client, and where the keys are published."""

    issuer: str
    client_id: str
    jwks_url: str

    @classmethod
    def configured(cls) -> "UserPool":
        return cls(settings.COGNITO_ISSUER, settings.COGNITO_CLIENT_ID, settings.COGNITO_JWKS_URL)


def verify_access_token(token: str, pool: UserPool) -> dict[str, Any]:
    """The claims of a valid access token of the pool and its client.

    Raises `AuthenticationFailed` (the token is not to be believed) or `BusyError` (its key cannot be fetched).
    """
    if len(token) > _MAX_TOKEN_LENGTH:
        raise AuthenticationFailed("The access token is too long.")
    try:
        header = jwt.get_unverified_header(token)
        if "kid" not in header or not header.keys() <= _HEADER_PARAMETERS:
            raise AuthenticationFailed("The access token has a header that the user pool never writes.")
        key = _signing_keys(pool.jwks_url).find(header["kid"])
        if key is None:
            raise AuthenticationFailed("The access token is not signed with a key of the user pool.")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            issuer=pool.issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": _REQUIRED_CLAIMS},
        )
    except jwt.ExpiredSignatureError:
        raise AuthenticationFailed(_EXPIRED) from None
    except PyJWTError as error:
        raise AuthenticationFailed("The access token is not valid.") from error
    if (claims["token_use"], claims["client_id"]) != ("access", pool.client_id):
        raise AuthenticationFailed("The token is no access token of this marketplace.")
    return claims


def actor_of(claims: dict[str, Any]) -> Actor:
    """The person that a verified token speaks for. Raises `PermissionDenied` when no group gives them a role."""
    groups = claims.get("cognito:groups") or ()
    for group, role in ROLE_BY_GROUP.items():
        if group in groups:
            return Actor(user_id=claims["sub"], role=role)
    raise PermissionDenied("This account has no role on the marketplace yet.", code="no_role")


# A signature takes 0.13 ms to check, and a client sends the same token for a quarter of an hour.
@lru_cache(maxsize=1024)
def _sign_in(token: str, pool: UserPool) -> tuple[SignedInUser, int]:
    claims = verify_access_token(token, pool)
    return SignedInUser(actor_of(claims)), int(claims["exp"])


class CognitoAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; requests without the header are strangers' requests."""

    def authenticate(self, request: Request) -> tuple[SignedInUser, str] | None:
        authorization = request.META.get("HTTP_AUTHORIZATION")
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AuthenticationFailed("Send the access token as “Authorization: Bearer …”.")
        user, expires = _sign_in(token, UserPool.configured())
        if time.time() - _LEEWAY_SECONDS >= expires:
            raise AuthenticationFailed(_EXPIRED)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        # RFC 6750: the error is named only to those who presented a token.
        return 'Bearer error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else "Bearer"
