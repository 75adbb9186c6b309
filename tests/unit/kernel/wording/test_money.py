"""Amounts of money in words."""

import pytest
from django.utils import translation

from kernel.money import Money
from kernel.wording.money import format_money


@pytest.mark.parametrize(
    ("language", "money", "text"),
    [
        ("en", Money(125_050, "EUR"), "1,250.50\xa0EUR"),
        ("fr", Money(125_050, "EUR"), "1\xa0250,50\xa0EUR"),
        ("en", Money(1_250, "JPY"), "1,250\xa0JPY"),
        ("en", Money(5, "USD"), "0.05\xa0USD"),
    ],
)
def test_money(language: str, money: Money, text: str) -> None:
    with translation.override(language):
        assert format_money(money) == text
