"""Tokens of the Cognito user pool, verified here.

A token is believed only if the pool's published key signed it (RS256, nothing else), for this pool and this client,
for the use it is put to, within its time. Header parameters that name a key or its place (jku, x5u, jwk, …) or ask for
extensions (crit) are refused unread.
"""

import logging
import threading
import time
from functools import cache
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from jwt.exceptions import PyJWKClientError, PyJWKSetError, PyJWTError

from kernel.errors import BusyError
from kernel.sentences import sentence

logger = logging.getLogger(__name__)

_ALGORITHM = "RS256"
_HEADER_PARAMETERS = frozenset({"alg", "kid", "typ"})
_REQUIRED_CLAIMS = ["exp", "iat", "iss", "sub", "token_use"]
_MAX_TOKEN_LENGTH = 4096
# Clocks of Cognito and of this machine may differ a little.
_LEEWAY_SECONDS = 5

_FETCH_TIMEOUT_SECONDS = 2.0
_KEYS_FRESH_SECONDS = 3600.0
_REFETCH_AFTER_SECONDS = 30.0
_REFETCH_AFTER_SECONDS_WITHOUT_KEYS = 1.0


class TokenRefusedError(Exception):
    """The token is not to be believed; the message says why, for whoever sent it."""


class TokenExpiredError(TokenRefusedError):
    """The token's time is over."""

    def __init__(self) -> None:
        super().__init__("The token has expired.")


class TokenRevokedError(TokenRefusedError):
    """The token was good until its owner was disabled or signed out everywhere."""

    def __init__(self) -> None:
        super().__init__("The account was disabled or signed out.")


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
            raise BusyError(sentence("Sign-in cannot be checked at the moment. Please try again."))
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


class UserPool(NamedTuple):
    """Who issues the tokens, for which client, and where the keys are published."""

    issuer: str
    client_id: str
    jwks_url: str

    @classmethod
    def for_site(cls) -> "UserPool":
        """The pool with the site's own client, whose tokens the site keeps to itself."""
        return cls(settings.COGNITO_ISSUER, settings.COGNITO_CLIENT_ID, settings.COGNITO_JWKS_URL)

    @classmethod
    def for_api(cls) -> "UserPool":
        """The pool with the client whose tokens the API accepts."""
        return cls(settings.COGNITO_ISSUER, settings.COGNITO_API_CLIENT_ID, settings.COGNITO_JWKS_URL)


def verify_access_token(token: str, pool: UserPool) -> dict[str, Any]:
    """The claims of a valid access token of the pool and its client.

    Raises `TokenRefusedError` or, while the pool's keys cannot be fetched, `BusyError`.
    """
    claims = _verify(token, pool, audience=None)
    if (claims["token_use"], claims.get("client_id")) != ("access", pool.client_id):
        raise TokenRefusedError("The token is no access token of this marketplace.")
    return claims


def verify_id_token(token: str, pool: UserPool) -> dict[str, Any]:
    """The claims of a valid ID token, which says who signed in.

    Raises `TokenRefusedError` or, while the pool's keys cannot be fetched, `BusyError`.
    """
    claims = _verify(token, pool, audience=pool.client_id)
    if claims["token_use"] != "id":  # noqa: S105
        raise TokenRefusedError("The token is no ID token of this marketplace.")
    return claims


def is_expired(expires_at: int) -> bool:
    """Whether a token that was verified before is past its `exp`."""
    return time.time() - _LEEWAY_SECONDS >= expires_at


def _verify(token: str, pool: UserPool, *, audience: str | None) -> dict[str, Any]:
    if len(token) > _MAX_TOKEN_LENGTH:
        raise TokenRefusedError("The token is too long.")
    try:
        header = jwt.get_unverified_header(token)
        if "kid" not in header or not header.keys() <= _HEADER_PARAMETERS:
            raise TokenRefusedError("The token has a header that the user pool never writes.")
        key = _signing_keys(pool.jwks_url).find(header["kid"])
        if key is None:
            raise TokenRefusedError("The token is not signed with a key of the user pool.")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            issuer=pool.issuer,
            audience=audience,
            leeway=_LEEWAY_SECONDS,
            options={"require": _REQUIRED_CLAIMS},
        )
    except jwt.ExpiredSignatureError:
        raise TokenExpiredError from None
    except PyJWTError as error:
        raise TokenRefusedError("The token is not valid.") from error
    return claims
