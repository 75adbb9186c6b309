"""Addresses that messages lead to: absolute, and always of the public site, by whichever host a request came."""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import NoReverseMatch, reverse

from kernel.errors import NotFoundError
from kernel.sentences import sentence

_SALT = "unsubscribe"


def site_url(path: str) -> str:
    """The absolute address of a path of the site."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def booking_url(booking_id: str) -> str:
    """The page of a booking."""
    return page_url("booking", booking_id) or site_url("/")


def others_url(service_id: str) -> str:
    """The search for who else offers the same."""
    return f"{page_url('search')}?{urlencode({'like': service_id})}"


def preferences_url() -> str:
    """The page on which people choose which emails they get; empty while the site has none."""
    return page_url("notification-preferences")


def page_url(name: str, *arguments: str) -> str:
    """The absolute address of a page by its name; empty for one that the site does not have."""
    try:
        return site_url(reverse(name, args=arguments))
    except NoReverseMatch:
        return ""


def unsubscribe_url(recipient_id: str, type_: str) -> str:
    """Where this recipient switches off this kind of email without signing in. Never expires: old mail must work."""
    token = signing.dumps([recipient_id, type_], salt=_SALT)
    return site_url(reverse("unsubscribe", args=[token]))


def read_unsubscribe_token(token: str) -> tuple[str, str]:
    """Recipient and kind of email. Raises `NotFoundError` for anything that `unsubscribe_url` did not make."""
    try:
        recipient_id, type_ = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise NotFoundError(sentence("This link is not complete. Copy all of it from the email.")) from None
    return recipient_id, type_
