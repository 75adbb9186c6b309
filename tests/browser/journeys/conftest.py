"""The provider of a module's journeys, and the customer of a single one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.journeys.people import Business, new_customer, new_provider, open_business
from tests.browser.visitors import Site, Visit, Visitor


@pytest.fixture(scope="module")
def owner(site: Site, chromium: Browser) -> Iterator[Visitor]:
    """A provider who has just signed up; with `business`, whose business is open day and night."""
    visitor = Visitor(site, chromium)
    yield new_provider(visitor)
    visitor.leave()
    assert not visitor.problems


@pytest.fixture(scope="module")
def business(owner: Visitor) -> Business:
    return open_business(owner)


@pytest.fixture
def customer(visit: Visit) -> Visitor:
    """A customer who has just signed up."""
    return new_customer(visit())
