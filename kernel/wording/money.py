"""Amounts of money in the active language."""

from django.utils.formats import number_format

from kernel.money import CURRENCY_EXPONENTS, Money
from kernel.wording.kept import kept_by_language


@kept_by_language
def format_money(money: Money) -> str:
    """`1,250.00 EUR`, or `1 250,00 EUR` in French; it stays on one line."""
    exponent = CURRENCY_EXPONENTS[money.currency]
    return f"{number_format(money.decimal, exponent, force_grouping=True)}\u00a0{money.currency}"
