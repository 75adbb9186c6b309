"""Identifiers: opaque to clients, composite for us.

A provider's id is derived from its owner's user id, so that a token alone tells which provider its bearer is. The
ids of a provider's services and bookings begin with the provider's id, so that a child and its parent are fetched
with one BatchGetItem, without a read to learn who the parent is.
"""

import hashlib
import re
import secrets

# Crockford's base 32: no letters that are read wrongly aloud; lower case.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PROVIDER_LENGTH = 12
_CHILD_LENGTH = 14
_CHILD_ID = re.compile(rf"([{_ALPHABET}]{{{_PROVIDER_LENGTH}}})-[{_ALPHABET}]{{{_CHILD_LENGTH}}}")
_PROVIDER_ID = re.compile(rf"[{_ALPHABET}]{{{_PROVIDER_LENGTH}}}")


def _encode(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def provider_id_for(user_id: str) -> str:
    """The id of the provider that the user owns, or would own: the first 60 bits of SHA-256."""
    digest = hashlib.sha256(f"provider:{user_id}".encode()).digest()
    return _encode(int.from_bytes(digest[:8]) >> 4, _PROVIDER_LENGTH)


def new_child_id(provider_id: str) -> str:
    """A fresh id (70 random bits) for a service or a booking of the provider."""
    return f"{provider_id}-{_encode(secrets.randbits(70), _CHILD_LENGTH)}"


def derived_child_id(provider_id: str, seed: str) -> str:
    """An id as `new_child_id` makes it, always the same for the same seed: for work that may be repeated."""
    digest = hashlib.sha256(f"child:{provider_id}:{seed}".encode()).digest()
    return f"{provider_id}-{_encode(int.from_bytes(digest[:9]) >> 2, _CHILD_LENGTH)}"


def parent_provider_id(child_id: str) -> str | None:
    """The provider that a service's or booking's id belongs to; None if the text is no such id."""
    match = _CHILD_ID.fullmatch(child_id)
    return match.group(1) if match else None


def is_provider_id(text: str) -> bool:
    """Whether the text has the form of a provider's id."""
    return _PROVIDER_ID.fullmatch(text) is not None
