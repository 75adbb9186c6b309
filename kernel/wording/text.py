"""Text that people wrote, made safe to show."""

import unicodedata

# They let text read otherwise than it is stored: "gpj.exe" for "exe.jpg".
_DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """The text without line breaks, control characters and changes of direction, spaces joined."""
    # Not `split()`: it would take the no-break spaces of French.
    return " ".join(filter(None, "".join(map(_visible, text)).split(" ")))


def lines(text: str) -> str:
    """The text with each of its lines made safe to show."""
    return "\n".join(map(one_line, text.split("\n")))


def _visible(character: str) -> str:
    # Line and paragraph separators count as space.
    if unicodedata.category(character) in ("Cc", "Zl", "Zp"):
        return " "
    return "" if character in _DIRECTION_CONTROLS else character
