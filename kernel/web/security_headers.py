"""Response headers that keep a browser from doing for an attacker what it does for us.

Django 5.2 sends all others of them; the settings are named as in Django 6.0, which sends the policy of contents itself.
"""

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class SecurityHeadersMiddleware:
    """Content-Security-Policy and Permissions-Policy on every response; a view may set a policy of its own before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._policy = csp_header(settings.SECURE_CSP)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        # Pages are made for one person; what may be shared or kept says so itself.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def allow_api_page(response: HttpResponseBase) -> None:
    """Let the response be the page of the API that others wrote: Swagger UI."""
    response.headers["Content-Security-Policy"] = csp_header(settings.API_PAGES_CSP)


def allow_uploads(response: HttpResponse) -> None:
    """Let the page send forms to one origin more: that of the bucket of photos."""
    origin = upload_origin()
    policy = dict(settings.SECURE_CSP)
    for directive in ("connect-src", "form-action"):
        policy[directive] = [*policy[directive], origin]
    response.headers["Content-Security-Policy"] = csp_header(policy)


def upload_origin() -> str:
    """Scheme and host of the bucket that browsers upload photos to."""
    if settings.AWS_ENDPOINT_URL:
        return str(settings.AWS_ENDPOINT_URL)
    return f"https://{settings.MEDIA_BUCKET_NAME}.s3.{settings.AWS_REGION}.amazonaws.com"


def csp_header(policy: Mapping[str, Sequence[str]]) -> str:
    """The header's value for a policy as the setting `SECURE_CSP` writes it."""
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())
