"""How a request to the API shows who sends it: a bearer token, or the session of a browser."""

from dataclasses import dataclass

from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as RestSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.domain import Actor, role_of_groups
from accounts.tokens import TokenRefusedError, verify_access_token


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """`request.user` of an authenticated API request."""

    actor: Actor
    is_authenticated: bool = True

    def __str__(self) -> str:
        return f"{self.actor.role} {self.actor.user_id}"


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
            claims = verify_access_token(token)
        except TokenRefusedError as error:
            raise AuthenticationFailed(str(error)) from error
        role = role_of_groups(claims.get("cognito:groups") or ())
        if role is None:
            raise PermissionDenied("This account has no role on the marketplace yet.", code="no_role")
        return SignedInUser(Actor(user_id=claims["sub"], role=role)), token

    def authenticate_header(self, request: Request) -> str:
        # RFC 6750: the error is named only to those who presented a token.
        return 'Bearer error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else "Bearer"


class SessionAuthentication(RestSessionAuthentication):
    """The session of a browser, for the browsable API and the pages' own calls; whatever changes something needs
    Django's CSRF token. Session and person are read in one call, so that a person disabled a moment ago is refused."""

    def authenticate(self, request: Request) -> tuple[SignedInUser, None] | None:
        signed_in = super().authenticate(request)
        return None if signed_in is None else (SignedInUser(signed_in[0].actor), None)
