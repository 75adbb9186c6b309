"""Browsers in which somebody signed in before: a signed cookie that says so outlives the session.

It lets nobody in. It tells the owner's browser from a stranger's, so that wrong tries of strangers do not keep the
owner out. The cookie names accounts by a keyed hash of their address alone.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from kernel.addresses import canonical_email
from kernel.errors import InvalidInputError

_SALT = "accounts.known-browser"
_LIFETIME_SECONDS = 365 * 24 * 3600
# People who share a browser; the one who signed in longest ago is forgotten first.
_MAX_ACCOUNTS = 5


def browser_id(request: HttpRequest, email: str) -> str | None:
    """The id of the browser if this account was signed in to in it before, else None."""
    known = _read(request)
    try:
        account = _account(canonical_email(email))
    except InvalidInputError:
        return None
    return known["id"] if account in known["accounts"] else None


def was_of_another(request: HttpRequest, email: str) -> bool:
    """Whether somebody else than this account signed in to this browser last."""
    accounts = _read(request)["accounts"]
    return bool(accounts) and accounts[-1] != _account(email)


def remember_browser(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Note in the answer to the browser that this account was signed in to."""
    known = _read(request)
    account = _account(email)
    accounts = [*(each for each in known["accounts"] if each != account), account][-_MAX_ACCOUNTS:]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps({"id": known["id"], "accounts": accounts}, salt=_SALT),
        max_age=_LIFETIME_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        value = request.COOKIES[settings.KNOWN_BROWSER_COOKIE_NAME]
        known: dict[str, Any] = signing.loads(value, salt=_SALT, max_age=_LIFETIME_SECONDS)
    except (KeyError, signing.BadSignature):
        return {"id": secrets.token_urlsafe(16), "accounts": []}
    return known


def _account(email: str) -> str:
    return salted_hmac(_SALT, email, algorithm="sha256").hexdigest()[:20]
