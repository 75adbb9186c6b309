"""Requests are read as UTF-8. What says that it is written otherwise is refused, or is no text to us.

Django decodes address and form by any codec of Python's that a request names, such as `rot13` or `zlib`, before its
first middleware could refuse that: so the name is taken from the request on its way to Django.
"""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import parse_header_parameters

# What Django, which knows no such codec, reads as UTF-8.
_OTHER = "other"
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def without_other_charsets(application: WsgiApplication) -> WsgiApplication:
    """The application, to which no request names a charset but UTF-8."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE") or ""
        if "charset" in content_type.lower():
            media_type, parameters = parse_header_parameters(content_type)
            if not _is_utf_8(parameters.get("charset", "")):
                # Its other parameters matter to nobody: a form is refused.
                environ["CONTENT_TYPE"] = f"{media_type}; charset={_OTHER}"
        return application(environ, start_response)

    return serve


class CharsetMiddleware:
    """Refuses forms that are not in UTF-8."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset")
        if charset is not None:
            # Before the refusal: who reports it looks at the form, too.
            request.encoding = "utf-8"
            if request.content_type in _FORMS and not _is_utf_8(charset):
                raise BadRequest("a form must be encoded in UTF-8")
        return self._get_response(request)


def _is_utf_8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        # A name with a null byte is none.
        return False
