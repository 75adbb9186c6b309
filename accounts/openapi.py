"""How the OpenAPI document names the two ways to sign in: drf-spectacular finds the classes once this is imported."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class CognitoScheme(OpenApiAuthenticationExtension):
    """Names the bearer token as the way to sign in."""

    target_class = "accounts.authentication.CognitoAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the user pool; on a laptop, `./manage.py token EMAIL` prints one.",
        }


class BrowserSessionScheme(OpenApiAuthenticationExtension):
    """Names the session of a browser, for calls from pages of the site."""

    target_class = "accounts.authentication.SessionAuthentication"
    name = "browserSession"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a signed-in browser; every change needs the header X-CSRFToken, too.",
        }


def keep_endpoints(endpoints: list[Any]) -> list[Any]:
    """All endpoints as they are: a hook, so that drf-spectacular imports this module when it makes the document."""
    return endpoints
