"""What the README says of the cost is what the command says, from the one file of prices."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from marketplace.operations.cost import monthly_cost, prices_as_of
from marketplace.settings.env import BASE_DIR


@pytest.mark.parametrize("bookings", [1_000, 1_000_000])
def test_the_readme_says_what_it_costs(bookings: int) -> None:
    total = sum(item.dollars for item in monthly_cost(bookings))
    said = re.search(rf"{bookings:,} bookings a month cost \$([\d,]+)", (BASE_DIR / "README.md").read_text())
    assert said
    assert int(said[1].replace(",", "")) == round(total)


def test_what_is_free_costs_nothing_and_more_costs_more() -> None:
    totals = [sum(item.dollars for item in monthly_cost(count)) for count in (0, 1_000, 10_000, 1_000_000)]
    assert totals == sorted(totals)
    assert totals[0] < 5
    assert all(item.dollars >= 0 for item in monthly_cost(1))


def test_the_command_names_the_sum_the_dearest_and_the_month_of_the_prices() -> None:
    out = StringIO()
    call_command("cost", "--bookings", "1000000", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split(" $ ", 1)[1].strip().startswith(max(monthly_cost(1_000_000), key=lambda i: i.dollars).name)
    assert prices_as_of() in lines[-1]


def test_prices_are_in_one_file() -> None:
    """A second place would be wrong as soon as AWS changes one."""
    texts = [path.read_text() for path in (BASE_DIR / "marketplace" / "operations").rglob("*.py")]
    assert not [text for text in texts if re.search(r"0\.0000166667|\b0\.625\b", text)]
