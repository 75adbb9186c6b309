"""Every failure under /api and /health as a problem document (RFC 9457), and as a page elsewhere.

A problem document has `type` (a page of ours that explains the kind of problem), `title`, `status`, `detail`,
`instance` (the path asked for), `code` (stable, for programs; the kind's own or a narrower one) and `errors`, one
`{field, code, message}` per refused input.
"""

import logging
import math
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core import exceptions as django_errors
from django.core.paginator import InvalidPage
from django.core.signals import got_request_exception
from django.core.signing import BadSignature
from django.http import (
    BadHeaderError,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.http.multipartparser import InputStreamExhausted, MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.encoding import escape_uri_path
from django.utils.log import log_response
from django.utils.translation import gettext_noop as _
from rest_framework import exceptions as rest_errors
from rest_framework.response import Response

from kernel import errors
from kernel.idempotency import IdempotencyKeyReusedError
from kernel.sentences import sentence
from kernel.values import dataclass
from kernel.web.unsent import load_again
from kernel.wording.sentences import in_words

MEDIA_TYPE = "application/problem+json"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: the last part of its `type`, its status, its title, and what a caller can do about it.

    Documents speak English; the pages that explain them translate title and remedy.
    """

    code: str
    status: int
    title: str
    remedy: str

    @property
    def uri(self) -> str:
        return f"/problems/{self.code}"


_MALFORMED = ProblemType(
    "malformed_request",
    400,
    _("Malformed request"),
    _("The request could not be read. Send one JSON object, encoded in UTF-8."),
)
_INVALID = ProblemType(
    "invalid_input",
    400,
    _("Invalid input"),
    _("Correct the fields, parameters or headers named in “errors”, then send the request again."),
)
_NOT_AUTHENTICATED = ProblemType(
    "not_authenticated",
    401,
    _("Sign-in required"),
    _("Send an access token of the user pool: “Authorization: Bearer …”."),
)
_INVALID_TOKEN = ProblemType(
    "invalid_token",
    401,
    _("Access token refused"),
    _("Get a new access token: this one is expired, altered, or was issued for something else."),
)
_FORBIDDEN = ProblemType(
    "forbidden",
    403,
    _("Not allowed"),
    _("Your account's role does not allow this. Another role may do it."),
)
_NOT_FOUND = ProblemType(
    "not_found",
    404,
    _("Not found"),
    _("Check the address. What belongs to somebody else is reported as absent, too."),
)
_METHOD_NOT_ALLOWED = ProblemType(
    "method_not_allowed",
    405,
    _("Method not allowed"),
    _("Use one of the methods that the “Allow” header lists."),
)
_NOT_ACCEPTABLE = ProblemType(
    "not_acceptable",
    406,
    _("No such representation"),
    _("Accept “application/json”, or “text/html” for the browsable API."),
)
_CONFLICT = ProblemType(
    "conflict",
    409,
    _("Conflict with the present state"),
    _("Read the resource again: what you ask for is impossible in its present state. “code” says why."),
)
_STALE = ProblemType(
    "stale_version",
    412,
    _("Changed in the meantime"),
    _("Read the resource again, decide again, and send the new ETag in “If-Match”."),
)
_TOO_LARGE = ProblemType(
    "content_too_large",
    413,
    _("Request too large"),
    _("Send a smaller body."),
)
_ADDRESS_TOO_LONG = ProblemType(
    "address_too_long",
    414,
    _("Address too long"),
    _("Ask with a shorter address, with fewer or shorter parameters."),
)
_UNSUPPORTED = ProblemType(
    "unsupported_media_type",
    415,
    _("Unsupported media type"),
    _("Send “Content-Type: application/json”."),
)
_UNPROCESSABLE = ProblemType(
    "unprocessable",
    422,
    _("Against the rules"),
    _("The request is well formed, but the rules refuse these values. “errors” says which, and what is possible."),
)
_KEY_REUSED = ProblemType(
    "idempotency_key_reused",
    422,
    _("Idempotency key used before"),
    _("Send a new Idempotency-Key with a new request; repeat a key only with the very same request."),
)
_TOO_MANY = ProblemType(
    "too_many_requests",
    429,
    _("Too many requests"),
    _("Wait for the seconds given in “Retry-After”, then continue more slowly."),
)
_HEADERS_TOO_LARGE = ProblemType(
    "headers_too_large",
    431,
    _("Headers too large"),
    _("Send fewer and shorter headers. A browser may have collected too many cookies of this site: delete them."),
)
_INTERNAL = ProblemType(
    "internal_error",
    500,
    _("Internal error"),
    _("This is our fault, and it has been recorded. Repeating the request with the same Idempotency-Key is safe."),
)
_BUSY = ProblemType(
    "busy",
    503,
    _("Busy"),
    _("Repeat the request after the seconds given in “Retry-After”, with the same Idempotency-Key."),
)

# Longer addresses are refused by some proxies and logs; the longest of ours, a search with a cursor, has a fifth.
MAX_ADDRESS_LENGTH = 4096


class AddressTooLongError(django_errors.BadRequest):
    """The request's address has more than `MAX_ADDRESS_LENGTH` characters."""


class HeadersTooLargeError(django_errors.BadRequest):
    """The request has more or longer headers than the web server reads."""


# The nearest class of an exception decides; whatever is not foreseen is an internal error.
_TYPE_BY_EXCEPTION: dict[type[BaseException], ProblemType] = {
    rest_errors.ParseError: _MALFORMED,
    django_errors.BadRequest: _MALFORMED,
    django_errors.SuspiciousOperation: _MALFORMED,
    # The form's parts do not fit together, or its sender has hung up.
    MultiPartParserError: _MALFORMED,
    InputStreamExhausted: _MALFORMED,
    UnreadablePostError: _MALFORMED,
    django_errors.RequestAborted: _MALFORMED,
    # What was sent would have become a header of the answer, or a signed value of ours.
    BadHeaderError: _MALFORMED,
    BadSignature: _MALFORMED,
    MultiValueDictKeyError: _MALFORMED,
    errors.InvalidInputError: _INVALID,
    django_errors.ValidationError: _INVALID,
    rest_errors.ValidationError: _INVALID,
    rest_errors.NotAuthenticated: _NOT_AUTHENTICATED,
    rest_errors.AuthenticationFailed: _INVALID_TOKEN,
    errors.ForbiddenError: _FORBIDDEN,
    rest_errors.PermissionDenied: _FORBIDDEN,
    django_errors.PermissionDenied: _FORBIDDEN,
    errors.NotFoundError: _NOT_FOUND,
    Http404: _NOT_FOUND,
    rest_errors.NotFound: _NOT_FOUND,
    InvalidPage: _NOT_FOUND,
    rest_errors.MethodNotAllowed: _METHOD_NOT_ALLOWED,
    rest_errors.NotAcceptable: _NOT_ACCEPTABLE,
    errors.ConflictError: _CONFLICT,
    errors.StaleVersionError: _STALE,
    django_errors.RequestDataTooBig: _TOO_LARGE,
    AddressTooLongError: _ADDRESS_TOO_LONG,
    HeadersTooLargeError: _HEADERS_TOO_LARGE,
    rest_errors.UnsupportedMediaType: _UNSUPPORTED,
    errors.UnprocessableError: _UNPROCESSABLE,
    IdempotencyKeyReusedError: _KEY_REUSED,
    errors.TooManyRequestsError: _TOO_MANY,
    rest_errors.Throttled: _TOO_MANY,
    errors.BusyError: _BUSY,
    BaseException: _INTERNAL,
}

PROBLEM_TYPES: dict[str, ProblemType] = {kind.code: kind for kind in _TYPE_BY_EXCEPTION.values()}


def problem_type_of(exception_class: type[BaseException]) -> ProblemType:
    """The kind of problem that an exception of this class is shown as."""
    return next(_TYPE_BY_EXCEPTION[base] for base in exception_class.__mro__ if base in _TYPE_BY_EXCEPTION)


def _passing(exception: Exception) -> Exception:
    """The exception, or `BusyError` for it if AWS did not answer, or said that it cannot now: in a while it may.

    DynamoDB's are `BusyError`s already; these are of S3, Cognito and the others.
    """
    # Who raises one has loaded botocore, which takes too long to do it for others.
    botocore = sys.modules.get("botocore.exceptions")
    if botocore is None:
        return exception
    will_pass = isinstance(exception, botocore.HTTPClientError | botocore.ConnectionError)
    if isinstance(exception, botocore.ClientError):
        status = exception.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        will_pass = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if not will_pass:
        return exception
    logger.warning("AWS did not answer", exc_info=exception)
    return errors.BusyError()


def _document(exception: BaseException, kind: ProblemType, path: str) -> dict[str, Any]:
    code, detail, field_errors = kind.code, kind.remedy, []
    members: Mapping[str, Any] = {}
    if kind is _INTERNAL:
        # Nothing of an unforeseen exception is for the caller.
        pass
    elif isinstance(exception, errors.DomainError):
        code, detail, members = exception.code, str(exception.message), exception.members
        if isinstance(exception, errors.InvalidInputError):
            field_errors = [
                {"field": error.field, "code": error.code, "message": str(error.message)} for error in exception.errors
            ]
    elif isinstance(exception, rest_errors.APIException):
        detail = str(exception.detail)
        # DRF's own codes are other words for ours; a code that we raised with is kept.
        narrower = getattr(exception.detail, "code", None)
        if narrower and narrower != exception.default_code:
            code = narrower
    return {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": escape_uri_path(path),
        "code": code,
        "errors": field_errors,
        **members,
    }


def _headers(exception: BaseException) -> dict[str, str]:
    headers = retry_headers(exception)
    challenge = getattr(exception, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    return headers


def retry_headers(exception: BaseException) -> dict[str, str]:
    """When it makes sense to try again, if the failure is one of those that pass."""
    if isinstance(exception, errors.TooManyRequestsError | errors.BusyError):
        return {"Retry-After": str(exception.retry_after)}
    if isinstance(exception, rest_errors.Throttled) and (wait := getattr(exception, "wait", None)):
        return {"Retry-After": str(math.ceil(wait))}
    return {}


def problem_response(exception: BaseException, path: str) -> HttpResponse:
    """The problem document of a failure of the request for `path`."""
    kind = problem_type_of(type(exception))
    body = orjson.dumps(_document(exception, kind, path))
    return HttpResponse(body, content_type=MEDIA_TYPE, status=kind.status, headers=_headers(exception))


def exception_handler(exception: Exception, context: Mapping[str, Any]) -> HttpResponseBase:
    """DRF's EXCEPTION_HANDLER. A browser that asked for the browsable API gets the document inside of it.

    What no one foresaw is logged with its traceback and answered without any of its words, with DEBUG, too.
    """
    request, exception = context["request"], _passing(exception)
    renderer = getattr(request, "accepted_renderer", None)
    response: HttpResponseBase
    if getattr(renderer, "format", None) == "api":
        kind = problem_type_of(type(exception))
        response = Response(_document(exception, kind, request.path), status=kind.status, headers=_headers(exception))
    else:
        response = problem_response(exception, request.path)
    if response.status_code == _INTERNAL.status:
        got_request_exception.send(sender=None, request=request._request)
        log_response(
            "%s: %s",
            _INTERNAL.title,
            request.path,
            response=response,
            request=request._request,
            exception=exception,
        )
    return response


# --- Failures outside of API views: Django's handler400 … handler500 ------------------------------------------------


def is_for_programs(request: HttpRequest) -> bool:
    """Whether what is at the address of the request is for programs, not for people."""
    return request.path_info.startswith("/api/") or request.path_info == "/health"


def failure_response(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """The answer to a request that failed: a problem document to a program, a page to a person."""
    if is_for_programs(request):
        return problem_response(exception, request.path)
    kind = problem_type_of(type(exception))
    detail, code = "", kind.code
    if isinstance(exception, errors.DomainError):
        detail, code = in_words(exception.message), exception.code
    if request.headers.get("HX-Request") == "true":
        response = render(request, "problem-notice.html", {"problem": kind, "detail": detail}, status=kind.status)
        # A part of a page was asked for: what failed is said on top of the page, which stays as it is.
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
    else:
        context = {"problem": kind, "code": code, "detail": detail}
        response = render(request, "error.html", context, status=kind.status)
    for name, value in retry_headers(exception).items():
        response.headers[name] = value
    return response


class DomainErrorMiddleware:
    """Expected failures that a page's view did not turn into a message, addresses that are too long for any, and
    methods that a page does not take, of which Django says nothing to people.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if len(request.META.get("QUERY_STRING", "")) + len(request.path) > MAX_ADDRESS_LENGTH:
            return failure_response(request, AddressTooLongError())
        response = self._get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not is_for_programs(request):
            allowed = response.headers["Allow"]
            response = failure_response(request, rest_errors.MethodNotAllowed(str(request.method)))
            response.headers["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        exception = _passing(exception)
        is_expected = problem_type_of(type(exception)) is not _INTERNAL
        return failure_response(request, exception) if is_expected else None


def csrf_failure(request: HttpRequest, reason: str) -> HttpResponse:
    """CSRF_FAILURE_VIEW: a form that did not come from a page of ours, or from one that is too old.

    Whoever signed in anew in another tab gets the form once more, with what they typed.
    """
    again = None if is_for_programs(request) else load_again(request)
    if again is not None:
        return again
    message = sentence("This form is too old, or not from this site. Load its page again; cookies must be allowed.")
    # Of a page it is not the account that is to blame.
    code = None if is_for_programs(request) else "stale_form"
    return failure_response(request, errors.ForbiddenError(message, code=code))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: a request that Django itself refuses (a wrong Host, a broken form)."""
    return failure_response(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return failure_response(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    return failure_response(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: Django has logged the exception already."""
    return failure_response(request, RuntimeError())
