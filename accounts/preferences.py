"""The languages that people can choose, and which language or zone a name means that came from elsewhere."""

from django.conf import settings

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
