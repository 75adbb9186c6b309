"""How a request to the API shows who sends it: by a bearer token, or by the session of a browser."""

from functools import lru_cache
from typing import Any, NamedTuple

from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as RestSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.domain import role_of_groups
from accounts.revocations import revocations
from accounts.tokens import (
    TokenExpiredError,
    TokenRefusedError,
    TokenRevokedError,
    UserPool,
    is_expired,
    verify_access_token,
)
from kernel.actors import Actor
from kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """`request.user` of an authenticated API request."""

    actor: Actor
    is_authenticated: bool = True

    def __str__(self) -> str:
        return f"{self.actor.role} {self.actor.user_id}"


def actor_of(claims: dict[str, Any]) -> Actor:
    """The person that a verified token speaks for. Raises `PermissionDenied` when no group gives them a role."""
    role = role_of_groups(claims.get("cognito:groups") or ())
    if role is None:
        raise PermissionDenied("This account has no role on the marketplace yet.", code="no_role")
    return Actor(user_id=claims["sub"], role=role)


class _VerifiedToken(NamedTuple):
    """What a token says for good; `issued_at` and `expires_at` in seconds since 1970."""

    user: SignedInUser
    issued_at: int
    expires_at: int


# A signature takes 0.13 ms to check, and a client sends the same token for a quarter of an hour.
@lru_cache(maxsize=1024)
def _verified(token: str, pool: UserPool) -> _VerifiedToken:
    claims = verify_access_token(token, pool)
    return _VerifiedToken(SignedInUser(actor_of(claims)), int(claims["iat"]), int(claims["exp"]))


class CognitoAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; requests without the header are strangers' requests."""

    def authenticate(self, request: Request) -> tuple[SignedInUser, str] | None:
        authorization = request.META.get("HTTP_AUTHORIZATION")
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AuthenticationFailed("Send the access token as “Authorization: Bearer …”.")
        try:
            verified = _verified(token, UserPool.for_api())
            if is_expired(verified.expires_at):
                raise TokenExpiredError
            if revocations.covers(verified.user.actor.user_id, verified.issued_at):
                raise TokenRevokedError
        except TokenRefusedError as error:
            raise AuthenticationFailed(str(error)) from error
        return verified.user, token

    def authenticate_header(self, request: Request) -> str:
        # RFC 6750: the error is named only to those who presented a token.
        return 'Bearer error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else "Bearer"


class SessionAuthentication(RestSessionAuthentication):
    """The session of a browser, for the browsable API and the pages' own calls.

    A request that changes something needs Django's CSRF token as well. A person disabled a moment ago is refused: the
    person is read in one call with the session.
    """

    def authenticate(self, request: Request) -> tuple[SignedInUser, None] | None:
        signed_in = super().authenticate(request)
        return None if signed_in is None else (SignedInUser(signed_in[0].actor), None)
