"""Money in the active language, and text of people made safe to show in a line."""

import unicodedata
from decimal import Decimal

from django.utils.formats import number_format

from kernel.money import CURRENCY_EXPONENTS, Money

# They let text read otherwise than it is stored: "gpj.exe" for "exe.jpg".
_DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def format_money(money: Money) -> str:
    """`1,250.00 EUR`, or `1 250,00 EUR` in French."""
    exponent = CURRENCY_EXPONENTS[money.currency]
    return f"{number_format(Decimal(money.amount).scaleb(-exponent), exponent, force_grouping=True)} {money.currency}"


def one_line(text: str) -> str:
    """The text without line breaks, control characters and changes of direction, spaces joined."""
    # Not `split()`: it would take the no-break spaces of French.
    return " ".join(filter(None, "".join(map(_visible, text)).split(" ")))


def _visible(character: str) -> str:
    # Line and paragraph separators count as space.
    if unicodedata.category(character) in ("Cc", "Zl", "Zp"):
        return " "
    return "" if character in _DIRECTION_CONTROLS else character
