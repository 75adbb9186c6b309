"""What tells a browser's requests apart: `request.user` from the session, language and time zone, messages.

Requests to the API with a token pass by all of it, since no cookie counts there.
"""

import logging
import zoneinfo
from collections.abc import Awaitable, Callable

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.services import follow_account
from kernel.clock import epoch, now
from kernel.errors import BusyError
from kernel.web.problems import failure_response

logger = logging.getLogger(__name__)

# What a session remembers of when Cognito was last asked whether its account is still there.
_ASKED_AT = "account_asked_at"
_ASK_AFTER_SECONDS = 3600


def carries_token(request: HttpRequest) -> bool:
    """Whether a token, and nothing else, says who sends the request: one to the API with an Authorization header."""
    return "HTTP_AUTHORIZATION" in request.META and request.path_info.startswith("/api/")


class _ForBrowsers(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self.get_response(request) if carries_token(request) else super().__call__(request)


class SessionMiddleware(_ForBrowsers, sessions.SessionMiddleware):
    """Django's."""


class MessageMiddleware(_ForBrowsers, messages.MessageMiddleware):
    """Django's."""


class SessionUserMiddleware(_ForBrowsers, AuthenticationMiddleware):
    """Django's, but the person comes with the session, in the same call, and only when somebody asks."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: _session_user(request))  # type: ignore[assignment]


def _session_user(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    remembered = session.get(auth.HASH_SESSION_KEY)
    if remembered is None:
        return AnonymousUser()
    row = session.user_row  # type: ignore[attr-defined]
    user = User.from_row(row) if row else None
    if user is None or not user.is_active or not _is_current(user, remembered):
        # Ended from elsewhere: nothing of it may be left in this browser.
        session.flush()
        return AnonymousUser()
    return user if _is_still_there(request, user) else AnonymousUser()


def _is_still_there(request: HttpRequest, user: User) -> bool:
    """Whether Cognito still has the account, which is asked once an hour and session: it may be deleted past the site.

    While Cognito does not answer, what it said last counts.
    """
    session, second = request.session, epoch(now())
    asked_at = max(session.get(_ASKED_AT, 0), session.begun_at)  # type: ignore[attr-defined]
    if second - asked_at < _ASK_AFTER_SECONDS:
        return True
    try:
        is_there = follow_account(user.user_id, now=now())
    except BusyError:
        logger.warning("Cognito cannot be asked whether %s is still there", user.user_id)
        return True
    if is_there:
        session[_ASKED_AT] = second
    else:
        session.flush()
    return is_there


def _is_current(user: User, remembered: str) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(remembered, known) for known in hashes)


class PreferencesMiddleware:
    """Pages speak the person's language and tell the time of their zone; strangers' browsers say which language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/api/"):
            return self._get_response(request)
        language, zone = translation.get_language_from_request(request), timezone.get_default_timezone()
        try:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
                language = request.user.language or language
                zone = zoneinfo.ZoneInfo(request.user.time_zone) if request.user.time_zone else zone
        except BusyError as error:
            # Who it is cannot be read now; a page that asked again would wait again.
            request.user = AnonymousUser()
            return failure_response(request, error)
        with translation.override(language), timezone.override(zone):
            response = self._get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
