"""What every response passes through."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


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
