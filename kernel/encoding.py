"""JSON as the marketplace writes it."""

from typing import Any

import orjson
from django.utils.functional import Promise

# Instants as `clock.to_rfc3339` writes them, but by orjson itself: a page of a list has a hundred.
_INSTANTS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def to_json(data: Any, *, indent: bool = False) -> bytes:
    """The data as JSON in UTF-8; instants, which must be in UTC, as `2026-03-01T09:00:00Z`.

    Raises `TypeError` for what JSON cannot hold.
    """
    return orjson.dumps(data, _plain, _INSTANTS | orjson.OPT_INDENT_2 if indent else _INSTANTS)


def _plain(value: Any) -> str:
    """The fallback of orjson: text that is translated when it is shown."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
