"""Cursors of lists: the key of the last row shown, signed and bound to the list, its filters and its owner."""

import hashlib
from typing import Any

import orjson
from django.core import signing

from kernel.errors import InvalidInputError
from kernel.sentences import sentence


def _salt(scope: tuple[Any, ...]) -> str:
    return "cursor:" + hashlib.sha256(orjson.dumps(scope)).hexdigest()


def encode_cursor(position: Any, *, scope: tuple[Any, ...]) -> str:
    """The position as text for a URL. `scope` names the list, who asks and every filter; all must match later."""
    return signing.dumps(position, salt=_salt(scope))


def decode_cursor(text: str | None, *, scope: tuple[Any, ...]) -> Any:
    """The position that `encode_cursor` was given; None without text.

    Raises `InvalidInputError` naming `cursor` when it was altered, or made for another list, filter or person.
    """
    if not text:
        return None
    try:
        return signing.loads(text, salt=_salt(scope))
    except signing.BadSignature:
        message = sentence("This cursor does not belong to this list. Leave it out to start at the first page.")
        raise InvalidInputError.of("cursor", message) from None
