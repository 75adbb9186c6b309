"""Money: whole minor units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money


@pytest.mark.parametrize(
    ("amount", "percent", "share"),
    [(1000, 50, 500), (999, 50, 500), (1, 50, 1), (1, 49, 0), (0, 100, 0), (12_345, 7, 864)],
)
def test_a_share_is_rounded_to_whole_units_half_up(amount: int, percent: int, share: int) -> None:
    assert Money(amount, "EUR").percent(percent) == Money(share, "EUR")


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=100))
def test_a_share_is_never_more_than_the_whole(amount: int, percent: int) -> None:
    assert 0 <= Money(amount, "USD").percent(percent).amount <= amount
