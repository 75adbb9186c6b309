"""The site closed for a while by whoever runs it: `MAINTENANCE`."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from kernel.errors import MaintenanceError
from kernel.sentences import sentence
from kernel.web.problems import failure_response, is_for_programs, retry_headers
from kernel.web.unsent import referring_address
from kernel.wording.sentences import in_words

# What must be answered all the same: monitors ask whether the site lives, browsers for what they keep without it.
_OPEN_PATHS = frozenset({"/health", "/api/v1/health", "/offline", "/service-worker.js"})


class MaintenanceMiddleware:
    """Answers with 503 and when to come back, before anything is read, while the site is closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not settings.MAINTENANCE or path in _OPEN_PATHS or path.startswith(settings.STATIC_URL):
            return self._get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            return _closed(request)


def _closed(request: HttpRequest) -> HttpResponseBase:
    message = sentence("The site is closed for maintenance. Nothing of yours is lost: please come back in a while.")
    error = MaintenanceError(message, retry_after=settings.MAINTENANCE_RETRY_SECONDS)
    if is_for_programs(request) or request.headers.get("HX-Request") == "true":
        return failure_response(request, error)
    # What a form was sent to may be no page: its own page is where to go on.
    again = request.get_full_path() if request.method == "GET" else referring_address(request) or "/"
    response = render(request, "maintenance.html", {"detail": in_words(message), "again": again}, status=503)
    for name, value in retry_headers(error).items():
        response.headers[name] = value
    return response
