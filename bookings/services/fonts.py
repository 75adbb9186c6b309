"""Fonts of scripts that the packaged ones lack, kept in the documents bucket: too large for every function."""

from functools import lru_cache
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from kernel.errors import InvalidInputError
from kernel.sentences import sentence

# A font of Japanese has some megabytes; a document is written in one or two scripts.
_FONTS_KEPT = 4


def find_font(name: str) -> bytes | None:
    """The font of that name (`bookings.invoices.scripts.font_name`), None where the bucket has none."""
    try:
        return _read(name)
    except FileNotFoundError:
        return None


@lru_cache(_FONTS_KEPT)
def _read(name: str) -> bytes:
    with _documents().open(name) as file:
        contents: bytes = file.read()
        return contents


def keep_font(*, script: str, bold: bool, contents: bytes) -> str:
    """Keep the font of a script for the invoices that are drawn from now on, in place of an earlier one: its name.

    Processes that have read the earlier one go on with it. Raises `InvalidInputError` for a script that is not drawn by
    fonts of its own, and for what is no TrueType font with the letters of that script.
    """
    # ReportLab takes a while to load: only who needs it pays for it.
    from bookings.invoices.scripts import SCRIPTS, font_name
    from bookings.invoices.text import missing_letters

    if script not in SCRIPTS:
        raise InvalidInputError.of("script", sentence("The scripts are %(scripts)s.", scripts=tuple(SCRIPTS)))
    missing = missing_letters(contents, SCRIPTS[script].sample)
    if missing is None:
        raise InvalidInputError.of("font", sentence("Give a font with TrueType outlines (.ttf)."))
    if missing:
        raise InvalidInputError.of("font", sentence("The font lacks %(letters)s of that script.", letters=missing))
    name = font_name(script, bold=bold)
    documents = _documents()
    # A name is given once: the earlier one makes room.
    documents.delete(name)
    documents.save(name, ContentFile(contents))
    _read.cache_clear()
    return name


def _documents() -> Any:
    """The storage `kernel.documents.DocumentStorage`."""
    return storages["documents"]
