"""What the README says of the cost is what the command says, from the one file of prices."""

import re
import tomllib
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

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
    # Alarms and metrics, which watch an idle site as well.
    assert totals[0] < 10
    assert all(item.dollars >= 0 for item in monthly_cost(1))


def test_the_command_names_the_sum_the_dearest_and_the_month_of_the_prices() -> None:
    out = StringIO()
    call_command("cost", "--bookings", "1000000", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split(" $ ", 1)[1].strip().startswith(max(monthly_cost(1_000_000), key=lambda i: i.dollars).name)
    assert prices_as_of() in lines[-1]


@pytest.mark.parametrize(
    ("option", "least", "most"),
    [("WITH_FIREWALL", 8, 9), ("WITH_TRACING", 0, 1), ("WITH_SNAPSTART", 6, 8), ("WITH_NETWORK", 80, 90)],
)
def test_each_option_has_its_price(settings: Settings, option: str, least: int, most: int) -> None:
    without = sum(item.dollars for item in monthly_cost(1_000))
    setattr(settings, option, True)
    assert least <= sum(item.dollars for item in monthly_cost(1_000)) - without <= most


def test_options_are_paid_for_by_their_use(settings: Settings) -> None:
    settings.WITH_TRACING = settings.WITH_SNAPSTART = settings.WITH_FIREWALL = True
    at = [{item.name: item.dollars for item in monthly_cost(count)} for count in (1_000, 1_000_000)]
    for name in ("traces (X-Ray)", "starts from snapshots (SnapStart)", "requests (WAF)"):
        assert at[0][name] < at[1][name]


def test_each_price_says_when_it_was_seen_or_that_it_is_from_memory() -> None:
    prices = tomllib.loads((BASE_DIR / "marketplace" / "operations" / "prices.toml").read_text())
    assert prices["seen"].keys() <= {*prices["million"], *prices["each"]}
    assert all(re.fullmatch(r"20\d\d-[01]\d", month) for month in prices["seen"].values())
    out = StringIO()
    call_command("cost", "--bookings", "1000000", stdout=out)
    (people,) = [line for line in out.getvalue().splitlines() if "Cognito" in line]
    assert ("from memory" in people) is ("active_person" not in prices["seen"])


def test_the_documents_say_what_the_options_cost(settings: Settings) -> None:
    text = (BASE_DIR / "docs" / "deployment.md").read_text()
    for option, count in (("WITH_FIREWALL", 1_000), ("WITH_SNAPSTART", 1_000), ("WITH_NETWORK", 1_000)):
        without = sum(item.dollars for item in monthly_cost(count))
        setattr(settings, option, True)
        dollars = round(sum(item.dollars for item in monthly_cost(count)) - without)
        setattr(settings, option, False)
        assert f"`{option}` | ${dollars} |" in re.sub(r" +", " ", text), (option, dollars)


def test_prices_are_in_one_file() -> None:
    """A second place would be wrong as soon as AWS changes one."""
    texts = [path.read_text() for path in (BASE_DIR / "marketplace" / "operations").rglob("*.py")]
    assert not [text for text in texts if re.search(r"0\.0000166667|\b0\.625\b", text)]
