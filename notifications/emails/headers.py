"""Headers of emails that hold more than ASCII, as every mail program reads them (RFC 2047)."""

from base64 import b64encode
from typing import Any

from django.core.mail import EmailMultiAlternatives

_PREFIX, _SUFFIX = "=?utf-8?b?", "?="
_MAX_WORD = 75
_MAX_LINE = 76


def encoded_words(name: str, text: str) -> str:
    """The text of the header of that name in encoded words, if it needs them.

    The first is short enough for the line that the name begins: were it pushed to the second line, programs that look
    at the first alone would show nothing.
    """
    room = _MAX_LINE - len(f"{name}: ")
    has_short_words = all(len(word) <= room for word in text.split(" "))
    if text.isascii() and has_short_words and "=?" not in text:
        return text
    words, chunk = [], b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _bytes_within(room):
            words.append(chunk)
            room, chunk = _MAX_WORD, b""
        # A character is never divided between two words.
        chunk += encoded
    return " ".join(f"{_PREFIX}{b64encode(word).decode()}{_SUFFIX}" for word in [*words, chunk])


def _bytes_within(room: int) -> int:
    """How many bytes an encoded word of so many characters holds."""
    return (room - len(_PREFIX) - len(_SUFFIX)) // 4 * 3


class Email(EmailMultiAlternatives):
    """An email whose subject may be long and in any script."""

    def message(self, **kwargs: Any) -> Any:
        message = super().message(**kwargs)
        message.replace_header("Subject", encoded_words("Subject", str(self.subject)))
        return message
