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
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from accounts import observing
from accounts.models import User
from accounts.services import follow_account
from kernel.clock import epoch, now
from kernel.errors import BusyError, ForbiddenError
from kernel.sentences import sentence
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
    """Django's sessions, for requests without a bearer token alone.

    The browser's cookie is replaced by a new key, and taken away when the session was ended by this request; else it
    stays. A request that was sent before somebody signed in may be answered after it: it carries a key that is unknown
    by now, and its answer must not take away the new one.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        name = settings.SESSION_COOKIE_NAME
        was_ended: bool = request.session.was_ended  # type: ignore[attr-defined]
        # An empty value removes the browser's cookie.
        is_new_key = name in response.cookies and response.cookies[name].value not in ("", request.COOKIES.get(name))
        if not is_new_key and not was_ended:
            response.cookies.pop(name, None)
        return response


class MessageMiddleware(_ForBrowsers, messages.MessageMiddleware):
    """Django's messages, for requests without a bearer token alone."""


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
    return observing.seen_by(session, user) if _is_still_there(request, user) else AnonymousUser()


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


# What is shown to whoever sees as somebody else: no account pages, and of the API what pages ask by themselves.
_OBSERVABLE_API = frozenset({"notifications-bell", "provider-dashboard"})
# Files and forms with addresses or numbers in them, and what takes in a photo: the bucket leads to it by a GET.
_NEVER_OBSERVED = frozenset(
    {
        "add-photo",
        "download-calendar-entry",
        "download-invoice",
        "photo-claim",
        "provider-bookings-export",
        "provider-money-export",
        "provider-profile",
    }
)
_END = "accounts:stop-seeing-as"


class ObservingMiddleware:
    """Whoever sees as somebody else looks, and does nothing: all but GET is refused, and so is what is too personal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponseBase | None:
        """The refusal, if there is one."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or carries_token(request):
            return None
        try:
            observer = getattr(request.user, "observer", None)
            has_stopped = getattr(request.user, "has_stopped_observing", False)
        except BusyError as error:
            return failure_response(request, error)
        if has_stopped:
            # Pages of that person are still open, and their buttons would now be pressed by whoever looked on.
            rotate_token(request)
            if request.method not in ("GET", "HEAD"):
                message = sentence("You do not see as somebody else any more: the time is over. Load the page again.")
                return failure_response(request, ForbiddenError(message))
        if observer is None or _may_be_observed(request):
            return None
        message = sentence("You see as somebody else: you can look, and do nothing. End it first.")
        return failure_response(request, ForbiddenError(message))


def _may_be_observed(request: HttpRequest) -> bool:
    match = request.resolver_match
    name = match.view_name if match else ""
    if name == _END:
        return request.method == "POST"
    if request.path_info.startswith("/api/"):
        return request.method == "GET" and name in _OBSERVABLE_API
    is_own = name.startswith(("accounts:", "admin:")) or name in _NEVER_OBSERVED
    return request.method == "GET" and not is_own
