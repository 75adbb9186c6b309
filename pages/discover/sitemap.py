"""The sitemap of public pages: written once a day to the bucket of documents, read from there."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse

from catalog.queries import iterate_listed_providers

# More than that a sitemap may not have.
_MAX_ADDRESSES = 50_000


def write_sitemap(now: datetime) -> int:
    """Write the sitemap of the day; how many addresses it has. May be repeated: the first of a day stays."""
    addresses = list(islice(_addresses(), _MAX_ADDRESSES))
    try:
        storages["documents"].save(_name(now), ContentFile(_xml(addresses)))
    except FileExistsError:
        return 0
    return len(addresses)


def read_sitemap(now: datetime) -> bytes:
    """The sitemap of the day, or of the day before while there is none. Raises `FileNotFoundError`."""
    for day in (now, now - timedelta(days=1)):
        try:
            with storages["documents"].open(_name(day)) as file:
                return bytes(file.read())
        except FileNotFoundError:
            continue
    raise FileNotFoundError(_name(now))


def _name(day: datetime) -> str:
    return f"sitemaps/{day:%Y-%m-%d}.xml"


def _addresses() -> Iterator[str]:
    site = settings.SITE_URL.rstrip("/")
    for name in ("home", "search", "how-it-works", "help", "terms", "privacy"):
        yield f"{site}{reverse(name)}"
    for provider_id in iterate_listed_providers():
        yield f"{site}{reverse('provider', args=[provider_id])}"


def _xml(addresses: Iterable[str]) -> bytes:
    entries = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{entries}</urlset>\n".encode()
