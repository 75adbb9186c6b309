"""What every response passes through."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation

from kernel import storage
from kernel.web.problems import AddressTooLongError, HeadersTooLargeError, failure_response
from kernel.web.unreadable import REFUSED, Refusal

_FAILURES = {
    Refusal.MALFORMED: BadRequest,
    Refusal.ADDRESS_TOO_LONG: AddressTooLongError,
    Refusal.HEADERS_TOO_LARGE: HeadersTooLargeError,
}

_COMPACT = ("image/webp", "font/woff2", "application/pdf")


class PatienceMiddleware:
    """Bounds how long one request waits for DynamoDB, however much it reads: then it is answered with 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with storage.limited_patience(settings.DYNAMODB_PATIENCE_SECONDS):
            return self._get_response(request)


class UnreadableRequestMiddleware:
    """Says of a request that the web server could not read what is wrong with it, before anybody looks at it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        refusal = request.META.get(REFUSED)
        if refusal is None:
            return self._get_response(request)
        with translation.override(settings.LANGUAGE_CODE):
            return failure_response(request, _FAILURES[refusal]())


class BodilessHeadMiddleware:
    """Answers HEAD with the headers of GET and no body, which Django leaves to the server and gunicorn complains of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if request.method == "HEAD" and isinstance(response, HttpResponse):
            # CommonMiddleware, further in, has set the Content-Length of GET.
            response.content = b""
        return response


class CompressionMiddleware(GZipMiddleware):
    """Compresses answers, with bytes of chance in them, so that their length tells nothing of what is secret in them.

    Not those that have a version: compressed, it would be a weak one, which `If-Match` takes for none. Nor to who does
    not say what it accepts: API Gateway would send it the compressed answer as text. Nor what is compressed as it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_compact = response.headers.get("Content-Type", "").startswith(_COMPACT)
        if is_compact or "ETag" in response.headers or "Accept" not in request.headers:
            return response
        return super().process_response(request, response)
