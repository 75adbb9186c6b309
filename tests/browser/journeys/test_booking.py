"""A job from the search to the review, in two browsers."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.journeys.people import (
    Business,
    agree,
    choose_time,
    open_business,
    request_appointment,
    sign_up,
    submit,
    verdict,
)
from tests.browser.visitors import Visitor

Visit = Callable[..., Visitor]


def test_a_stranger_books_and_the_page_follows_what_the_provider_does(visit: Visit) -> None:
    provider, customer = visit(), visit()
    provider.go("/account/sign-up")
    sign_up(provider, role="provider")
    business = open_business(provider)

    choose_time(customer, business)
    customer.page.get_by_role("link", name="Create an account").click()
    sign_up(customer)
    booking = agree(customer)
    expect(verdict(customer)).to_contain_text(re.compile("wait|answer", re.IGNORECASE))

    provider.go("/provider/requests")
    provider.page.get_by_role("button", name=re.compile("^Accept")).click()

    expect(verdict(customer)).to_contain_text(re.compile("confirmed|comes", re.IGNORECASE), timeout=20_000)
    assert customer.page.url == booking
