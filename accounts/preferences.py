"""The languages that people can choose, and which language or zone a name means that came from elsewhere."""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from kernel.time_zones import canonical_time_zone


def languages() -> tuple[str, ...]:
    """The codes of the languages that pages are written in."""
    return tuple(code for code, _ in settings.LANGUAGES)


def known_time_zone(name: str | None) -> str | None:
    """The zone's own name, None if there is none of that name: what nobody chose is not stored."""
    return canonical_time_zone(name or "")


def known_language(code: str | None) -> str | None:
    """The language's code if pages are written in it, else None."""
    return code if code in languages() else None


def chosen_language(request: HttpRequest) -> str | None:
    """The language of the site that the browser asks for, by the switch's cookie or by itself; None if it names none.

    Pages are then written in the site's own language, which nobody chose.
    """
    accepted = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    for code in (request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *(code for code, _ in accepted)):
        if code == "*":
            # Whichever there is.
            break
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return None
