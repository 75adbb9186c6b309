"""Whatever fails under /api and /health is a problem document of RFC 9457, whoever causes it and however."""

import ast
import gzip
import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signing import SignatureExpired
from django.http import BadHeaderError, Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import Client
from jsonschema import Draft7Validator
from pytest_django import Settings
from rest_framework import exceptions as rest_errors

from kernel import errors
from kernel.idempotency import IdempotencyKeyReusedError
from kernel.sentences import sentence
from kernel.web.json_format import MAX_BODY_BYTES
from kernel.web.problems import (
    MAX_ADDRESS_LENGTH,
    PROBLEM_TYPES,
    AddressTooLongError,
    HeadersTooLargeError,
    problem_type_of,
)
from kernel.web.schema import openapi_document
from marketplace import health
from marketplace.settings.env import BASE_DIR
from tests.factories.accounts import TokenIssuer, make_customer

Api = Callable[..., Any]

UNSAFE = ["post", "put", "patch", "delete"]
APPS = ("accounts", "photos", "catalog", "bookings", "reviews", "notifications")
NARROWED = ("ConflictError", "ForbiddenError", "NotFoundError")

pytestmark = pytest.mark.usefixtures("cloud")


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The document, after checking all that every problem document promises."""
    document: dict[str, Any] = response.json()
    assert response.status_code == document["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert document["code"] == code
    schema = openapi_document()["components"]["schemas"]["Problem"]
    Draft7Validator(schema).validate(document)
    kind = PROBLEM_TYPES[document["type"].removeprefix("/problems/")]
    assert (kind.status, kind.title) == (status, document["title"])
    assert document["instance"] == response.request["PATH_INFO"]
    assert document["detail"]
    return document


def fields(document: dict[str, Any]) -> list[str]:
    return [error["field"] for error in document["errors"]]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/nowhere", "/api/v1/bookings/x/y/z", "/api/v1/health/"])
@pytest.mark.parametrize("method", ["get", *UNSAFE])
def test_an_unknown_address(api: Api, settings: Settings, method: str, path: str, debug: bool) -> None:
    settings.DEBUG = debug

    problem(getattr(api(), method)(path), 404, "not_found")


@pytest.mark.parametrize("method", UNSAFE)
def test_a_method_that_is_not_allowed(api: Api, method: str) -> None:
    response = getattr(api(), method)("/health")

    problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "accept",
    [
        "application/xml",
        "image/png",
        "text/csv, application/pdf",
        "*/*;q=0",
        "application/json;q=0, text/html;q=0.0",
        "*/*, application/*;q=0, text/*;q=0",
    ],
)
def test_a_representation_that_does_not_exist(api: Api, accept: str) -> None:
    response = api().get("/health", headers={"Accept": accept})

    problem(response, 406, "not_acceptable")


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "",
        "application/json",
        "application/json; charset=utf-8",
        "application/*",
        "text/csv, */*;q=0.1",
        "text/html;q=0, */*",
        "text/html;q=0.5, application/json;q=0.9",
        "text/html, application/json",
    ],
)
def test_representations_that_do(api: Api, accept: str) -> None:
    response = api().get("/health", headers={"Accept": accept})

    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "accept",
    ["text/html,application/xhtml+xml,*/*;q=0.8", "text/html, */*", "application/json;q=0, */*", "text/*;q=0.3"],
)
def test_a_browser_gets_the_problem_as_a_page(api: Api, accept: str) -> None:
    response = api().get("/api/v1/nowhere", headers={"Accept": accept})

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"/problems/not_found" in response.content


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'"text"', "application/json; charset=utf-8"),
        (b'{"rating": NaN}', "application/json"),
        (b'{"rating": "\xff"}', "application/json"),
        (b'{"rating": "\\ud800"}', "application/json"),
        (b"[" * 50_000, "application/json"),
        (b'{"rating": ' + b"[" * 1_000 + b"]" * 1_000 + b"}", "application/json"),
    ],
)
def test_a_body_that_is_no_json_object(api: Api, body: bytes, content_type: str) -> None:
    response = api(make_customer()).generic(
        "POST", "/api/v1/reviews", body, content_type, headers={"Idempotency-Key": "k"}
    )

    problem(response, 400, "malformed_request")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_a_body_in_another_format(api: Api, content_type: str) -> None:
    response = api(make_customer()).generic(
        "POST", "/api/v1/reviews", b"rating=5", content_type, headers={"Idempotency-Key": "k"}
    )

    problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(("coding", "status"), [("gzip", 415), ("br", 415), ("GZIP, deflate", 415), ("identity", 404)])
def test_a_packed_body_is_called_so(api: Api, coding: str, status: int) -> None:
    body = orjson.dumps({"booking_id": "x", "rating": 5, "comment": "Fine work."})
    response = api(make_customer()).generic(
        "POST",
        "/api/v1/reviews",
        body if status == 404 else gzip.compress(body),
        "application/json",
        headers={"Idempotency-Key": "k", "Content-Encoding": coding},
    )

    assert response.status_code == status
    if status == 415:
        assert coding in problem(response, 415, "unsupported_media_type")["detail"]


def test_a_body_that_is_too_large(api: Api) -> None:
    body = b'{"comment": "' + b"x" * MAX_BODY_BYTES + b'"}'

    response = api(make_customer()).generic(
        "POST", "/api/v1/reviews", body, "application/json", headers={"Idempotency-Key": "k"}
    )

    problem(response, 413, "content_too_large")


def test_fields_that_are_missing_or_unknown(api: Api) -> None:
    response = api(make_customer()).post("/api/v1/reviews", {"surprise": 1}, headers={"Idempotency-Key": "k"})

    document = problem(response, 400, "invalid_input")
    assert {"surprise", "rating"} <= set(fields(document))


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "surprise=1", "cursor=forged"])
def test_parameters_that_are_wrong(api: Api, query: str) -> None:
    response = api(make_customer()).get(f"/api/v1/bookings?{query}")

    assert fields(problem(response, 400, "invalid_input")) == [query.partition("=")[0]]


@pytest.mark.parametrize("key", [None, "", "x" * 256, "two words", "r\u00e9sum\u00e9"])
def test_an_idempotency_key_that_is_missing_or_malformed(api: Api, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}

    response = api(make_customer()).post("/api/v1/reviews", {}, headers=headers)

    assert fields(problem(response, 400, "invalid_input")) == ["Idempotency-Key"]


def test_a_stranger(api: Api) -> None:
    response = api().get("/api/v1/bookings")

    problem(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_is_not_believed(api: Api, token_issuer: TokenIssuer) -> None:
    response = api().get("/api/v1/bookings", headers={"Authorization": "Bearer x.y.z"})

    problem(response, 401, "invalid_token")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_without_a_role(api: Api, token_issuer: TokenIssuer) -> None:
    api()
    token = token_issuer.sign(token_issuer.claims(make_customer()) | {"cognito:groups": []})

    response = api().get("/api/v1/bookings", headers={"Authorization": f"Bearer {token}"})

    problem(response, 403, "no_role")


def test_a_role_that_may_not(api: Api) -> None:
    problem(api(make_customer()).get("/api/v1/provider"), 403, "forbidden")


def test_a_wrong_host(api: Api) -> None:
    problem(api().get("/health", headers={"Host": "evil.example"}), 400, "malformed_request")


FAILURES: list[tuple[Exception, int, str]] = [
    (errors.InvalidInputError.of("starts_at", sentence("Wrong.")), 400, "invalid_input"),
    (errors.UnprocessableError.of("starts_at", sentence("Too soon."), "too_soon"), 422, "unprocessable"),
    (errors.NotFoundError(sentence("Gone.")), 404, "not_found"),
    (errors.ForbiddenError(sentence("No.")), 403, "forbidden"),
    (errors.ConflictError(sentence("Taken."), code="slot_taken"), 409, "slot_taken"),
    (errors.StaleVersionError(sentence("Old.")), 412, "stale_version"),
    (IdempotencyKeyReusedError(sentence("Used.")), 422, "idempotency_key_reused"),
    (rest_errors.NotAuthenticated(), 401, "not_authenticated"),
    (rest_errors.AuthenticationFailed(), 401, "invalid_token"),
    (rest_errors.MethodNotAllowed("GET"), 405, "method_not_allowed"),
    (rest_errors.NotAcceptable(), 406, "not_acceptable"),
    (rest_errors.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    (RequestDataTooBig("secret"), 413, "content_too_large"),
    (errors.TooManyRequestsError(sentence("Slow down."), retry_after=7), 429, "too_many_requests"),
    (errors.BusyError(), 503, "busy"),
    (Http404("secret"), 404, "not_found"),
    (PermissionDenied("secret"), 403, "forbidden"),
    (BadRequest("secret"), 400, "malformed_request"),
    (MultiPartParserError("secret"), 400, "malformed_request"),
    (UnreadablePostError("secret"), 400, "malformed_request"),
    (BadHeaderError("secret"), 400, "malformed_request"),
    (SignatureExpired("secret"), 400, "malformed_request"),
    (AddressTooLongError("secret"), 414, "address_too_long"),
    (HeadersTooLargeError("secret"), 431, "headers_too_large"),
    (rest_errors.NotFound(), 404, "not_found"),
    (rest_errors.Throttled(7), 429, "too_many_requests"),
    (rest_errors.ValidationError(), 400, "invalid_input"),
    (SuspiciousOperation("secret"), 400, "malformed_request"),
    (RuntimeError("secret"), 500, "internal_error"),
    (errors.DomainError(sentence("secret")), 500, "internal_error"),
]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    FAILURES,
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
@pytest.mark.parametrize("debug", [False, True])
def test_every_expected_failure_and_the_unexpected(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    failure: Exception,
    status: int,
    code: str,
    debug: bool,
) -> None:
    def fail() -> None:
        raise failure

    settings.DEBUG = debug
    monkeypatch.setattr(health.remembered, "parts", fail)
    client = api()
    client.raise_request_exception = False

    response = client.get("/health?deep=1")

    document = problem(response, status, code)
    assert "secret" not in response.content.decode()
    if isinstance(failure, errors.InvalidInputError):
        assert document["errors"] == [
            {"field": error.field, "code": error.code, "message": str(error.message)} for error in failure.errors
        ]
    if isinstance(failure, errors.TooManyRequestsError | errors.BusyError):
        assert response.headers["Retry-After"] == str(failure.retry_after)


def test_an_unexpected_failure_is_logged_once_with_its_traceback(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("what went wrong")

    monkeypatch.setattr(health.remembered, "parts", fail)
    client = api()
    client.raise_request_exception = False

    client.get("/health?deep=1")

    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "what went wrong"


def test_the_documentation_lists_every_kind_of_problem() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", (BASE_DIR / "docs/api.md").read_text(), re.MULTILINE)

    assert {code: int(status) for status, code in rows} == {kind.code: kind.status for kind in PROBLEM_TYPES.values()}


# What only pages and the admin ask for.
NOT_OF_THE_API = {
    "already_decided",
    "already_hidden",
    "already_reported",
    "already_suspended",
    "already_verified",
    "not_hidden",
    "not_suspended",
    "not_verified",
    "other_role",
    "too_many_addresses",
    "too_many_favourites",
}


def test_the_documentation_lists_every_narrower_code() -> None:
    calls = [
        node
        for app in APPS
        for path in (BASE_DIR / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NARROWED
    ]
    raised = {
        ast.literal_eval(each.value)
        for call in calls
        for each in call.keywords
        if each.arg == "code" and isinstance(each.value, ast.Constant)
    }
    rows = re.findall(r"^\| \d{3} \| `\w+` \| (`.*`) \|$", (BASE_DIR / "docs/api.md").read_text(), re.MULTILINE)
    documented = {code for row in rows for code in re.findall(r"`(\w+)`", row)}

    assert raised > NOT_OF_THE_API
    assert raised - NOT_OF_THE_API <= documented


def test_no_kind_of_problem_was_left_out() -> None:
    assert {problem_type_of(type(failure)).code for failure, _, _ in FAILURES} == PROBLEM_TYPES.keys()


# --- What Django and DRF raise ---------------------------------------------------------------------------------------

MODULES = [
    "django.core.exceptions",
    "django.core.files.uploadhandler",
    "django.core.paginator",
    "django.core.signing",
    "django.contrib.sessions.exceptions",
    "django.http.multipartparser",
    "django.http.request",
    "django.http.response",
    "django.urls.exceptions",
    "django.utils.datastructures",
    "rest_framework.exceptions",
]
# What no bytes of a request can cause: mistakes of ours and of the set-up, what SQL databases say, what the framework
# catches itself, and the common base of DRF's.
OURS = {
    "APIException",
    "AppRegistryNotReady",
    "EmptyResultSet",
    "FieldDoesNotExist",
    "FieldError",
    "FullResultSet",
    "ImproperlyConfigured",
    "MiddlewareNotUsed",
    "MultipleObjectsReturned",
    "NoReverseMatch",
    "ObjectDoesNotExist",
    "RawPostDataException",
    "SkipFile",
    "StopFutureHandlers",
    "StopUpload",
    "SynchronousOnlyOperation",
    "UnorderedObjectListWarning",
    "UploadFileException",
    "ViewDoesNotExist",
}


def raised_by_frameworks() -> list[type[Exception]]:
    """Every exception class that these modules define."""
    return [
        found
        for name in MODULES
        for found in vars(importlib.import_module(name)).values()
        if inspect.isclass(found) and issubclass(found, Exception) and found.__module__ == name
    ]


def test_whatever_bytes_make_the_frameworks_raise_has_a_row() -> None:
    rows = {found.__name__ for found in raised_by_frameworks() if problem_type_of(found).status < 500}
    everything = {found.__name__ for found in raised_by_frameworks()}
    assert everything - rows == OURS


# --- Forms that are none ---------------------------------------------------------------------------------------------

PAGES = ["/account/sign-in", "/account/sign-up", "/account/reset-password", "/account/sign-out"]
BROKEN_FORMS = {
    "no boundary": ("multipart/form-data", b"x"),
    "an empty boundary": ("multipart/form-data; boundary=", b"x"),
    "a boundary that no one can write": ("multipart/form-data; boundary=\xe9", b"x"),
    "a boundary of 500 characters": (f"multipart/form-data; boundary={'b' * 500}", b"x"),
    "an unknown encoding": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--b--\r\n',
    ),
    "a part that does not end": ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"'),
    "an unknown charset": ("application/x-www-form-urlencoded; charset=martian", b"a=%ff"),
    "an old charset": ("application/x-www-form-urlencoded; charset=latin-1", b"a=%e9"),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"\xff=\xfe&%00=%ff"),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1100))),
    "a form that is too large": ("application/x-www-form-urlencoded", b"a=" + b"x" * 300_000),
    "a multipart form that is too large": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 300_000 + b"\r\n--b--\r\n",
    ),
    "a file": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.bin"\r\n\r\nx\r\n--b--\r\n',
    ),
    "many files": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nx\r\n' * 200 + b"--b--\r\n",
    ),
    "JSON": ("application/json", b'{"email": "a"}'),
    "a type that is none": ("\x00", b"x"),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("form", BROKEN_FORMS)
def test_a_form_that_is_none_is_the_senders_fault(page: str, form: str) -> None:
    content_type, body = BROKEN_FORMS[form]
    for client in (Client(), Client(enforce_csrf_checks=True)):
        client.raise_request_exception = False
        response = client.generic("POST", page, body, content_type)
        assert response.status_code in (302, 400, 403, 413), response.status_code
        assert b"<html" in response.content or response.status_code == 302


@pytest.mark.parametrize("form", ["a form that is too large", "a multipart form that is too large"])
def test_a_form_that_is_too_large_is_refused_before_it_is_read(form: str) -> None:
    content_type, _ = BROKEN_FORMS[form]
    # Nothing of it has come.
    response = Client().generic("POST", "/account/sign-in", b"x", content_type, CONTENT_LENGTH=str(2**40))
    assert response.status_code == 413
    assert "Error" in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/account/sign-in", "/nowhere", "/api/v1/services", "/problems"])
def test_an_address_that_is_too_long_is_refused_in_our_words(path: str) -> None:
    response = Client().get(f"{path}?next={'x' * MAX_ADDRESS_LENGTH}")
    assert response.status_code == 414
    if path.startswith("/api/"):
        problem(response, 414, "address_too_long")
    else:
        assert b"<html" in response.content
    assert Client().get(f"{path}?next={'x' * 3000}").status_code != 414
