"""A request names its charset, and is read as UTF-8 or refused: as a server calls the application."""

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application

from kernel.web.charsets import without_other_charsets

# Codecs of Python's, of which most are none of text.
CHARSETS = ["latin-1", "utf-7", "utf-16", "rot13", "zlib", "base64", "idna", "undefined", "martian", "", "a\x00b"]
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


def send(method: str, address: str, content_type: str, body: bytes = b"") -> tuple[int, bytes]:
    """The status and the body of the answer to what a server would pass on."""
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "wsgi.input": BytesIO(body),
    }
    answered: list[str] = []
    application = without_other_charsets(get_wsgi_application())
    content = b"".join(application(environ, lambda status, headers, exc_info=None: answered.append(status)))
    return int(answered[0].split()[0]), content


@pytest.mark.parametrize("is_debugging", [False, True])
@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("media_type", [FORM, PARTS])
def test_a_form_in_another_charset_is_refused(
    media_type: str,
    charset: str,
    is_debugging: bool,
    settings: Any,
) -> None:
    settings.DEBUG = is_debugging
    status, _ = send("POST", "/account/sign-in", f"{media_type}; charset={charset}", b"email=a%40example.com")
    assert status == 400


def test_a_charset_that_is_named_in_another_way_is_refused_too() -> None:
    status, _ = send("POST", "/account/sign-in", f"{FORM}; CHARSET*=utf-8''rot13", b"a=b")
    assert status == 400


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
def test_a_form_in_utf_8_is_read(charset: str) -> None:
    # It is refused for its missing token, once it is read.
    status, _ = send("POST", "/account/sign-in", f"{FORM}; charset={charset}", "email=\u00e9".encode())
    assert status == 403


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("address", ["/search?q=%C3%A9", "/api/v1/services?q=%C3%A9", "/account/sign-in?next=%FF"])
def test_an_address_is_read_as_utf_8_whatever_the_request_says_of_itself(address: str, charset: str) -> None:
    status, _ = send("GET", address, f"text/plain; charset={charset}")
    assert status == 200


def test_json_is_utf_8_whatever_is_said_of_it() -> None:
    status, content = send("POST", "/api/v1/bookings", "application/json; charset=utf-16", b"{}")
    assert status == 401, content
