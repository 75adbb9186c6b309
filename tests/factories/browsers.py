"""A browser without JavaScript: follows no redirect by itself, sends what the forms of a page contain."""

import base64
import hashlib
import hmac
import struct
import time
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.queries import find_user
from kernel.actors import Actor


class Form:
    """A form of a page: where it goes, and its fields as they stand."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form" and given.get("method", "get").lower() == "post":
            self.forms.append(Form(given.get("action", "")))
        if not self.forms:
            return
        fields = self.forms[-1].fields
        if tag == "input" and given.get("name"):
            if given.get("type") != "radio" or "checked" in given:
                fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            fields[self._select] = given["value"]


class Browser(Client):
    """Django's test client with CSRF checks on, as a person uses it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(enforce_csrf_checks=True, **kwargs)

    def submit(self, page: str, values: dict[str, str] | None = None, *, action: str = "") -> Any:
        """Open the page, fill in its form (the one that goes to `action`), and send it: the answer, not followed."""
        response = self.get(page)
        assert response.status_code == 200, response.headers
        form = next(form for form in forms_of(response) if form.action == action)
        return self.post(form.action or page, form.fields | (values or {}))


def signed_in(actor: Actor) -> Browser:
    """The browser of somebody who has an account."""
    browser, user = Browser(), find_user(actor.user_id)
    assert user is not None
    browser.force_login(user)
    return browser


def forms_of(response: Any) -> list[Form]:
    """The forms of a page that change something."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def app_code(secret: str, *, later: int = 0) -> str:
    """What an authenticator app shows now, or `later` codes from now (RFC 6238); each is accepted once."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + later), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"
