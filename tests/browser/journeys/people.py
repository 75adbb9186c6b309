"""People who use the site in a browser as people do: they sign up, open a business, book, and answer."""

import re
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Locator, expect

from tests.browser.visitors import Visitor

PASSWORD = "Correct-Horse-Battery-1"
SERVICE = "Leak repair"
# How long a page may take to follow what another browser did.
FOLLOWS_WITHIN_MS = 20_000
# For five jobs of an hour, one after the other.
_ENOUGH_TIMES = 40
# More stops of the tabulator than any page has.
_MOST_STOPS = 150


@dataclass(frozen=True, slots=True)
class Business:
    """What a provider opened: where customers find it, and where its only service is booked."""

    name: str
    address: str
    book_address: str


def sign_up(visitor: Visitor, *, role: str = "customer", name: str = "Ada Park") -> None:
    """Fill in the sign-up page that is open, and the code from the email."""
    page, email = visitor.page, f"{uuid4().hex}@example.com"
    page.check(f"[name=role][value={role}]")
    page.fill("[name=name]", name)
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    submit(visitor)
    page.fill("[name=code]", visitor.site.code_for(email))
    page.fill("[name=password]", PASSWORD)
    submit(visitor)
    visitor.email = email


def submit(visitor: Visitor) -> None:
    """Send the form that is the page's subject."""
    visitor.page.click("main form [type=submit] >> visible=true")
    visitor.page.wait_for_load_state()


def choose(control: Locator) -> None:
    """Choose a day or a time. The control itself is clicked: its place on the page may move while that loads."""
    control.evaluate("control => control.click()")


def choose_day(visitor: Visitor, number: int) -> None:
    """Choose one of the days that are shown, and wait for its times; late in the evening the first has but few."""
    day = visitor.page.locator("[name=day]").nth(number)
    if not day.is_checked():
        choose(day)
        # The address follows once the day's times are shown.
        visitor.page.wait_for_url(re.compile(f"day={day.get_attribute('value')}"))


def open_business(visitor: Visitor, *, is_instant: bool = False) -> Business:
    """From the page for setting up, as a new provider: each step but the photo, open day and night."""
    page, name = visitor.page, f"Park Plumbing {uuid4().hex[:8]}"
    visitor.go("/provider/start")
    page.click("main a[href^='/provider/start/trade']")
    page.check("[name=trades][value=plumbing]")
    submit(visitor)
    page.wait_for_url("**/provider/profile?*")
    page.fill("[name=name]", name)
    page.fill("[name=city]", "Springfield")
    page.select_option("[name=country]", "US")
    page.fill("[name=latitude]", "39.80")
    page.fill("[name=longitude]", "-89.65")
    page.select_option("[name=time_zone]", "America/Chicago")
    submit(visitor)
    page.wait_for_url("**/provider/services/add?*")
    page.fill("[name=name]", SERVICE)
    expect(page.locator("[name=category]")).to_have_value("plumbing")
    page.fill("[name=price]", "80")
    page.select_option("[name=currency]", "USD")
    page.check(f"[name=instant][value={is_instant}]")
    submit(visitor)
    page.wait_for_url("**/provider/hours?*")
    page.get_by_label("Monday, stretch 1, from").fill("0")
    page.get_by_label("Monday, stretch 1, to").fill("24")
    page.get_by_text("Copy a day to others").click()
    page.select_option("[name=copy_from]", label="Monday")
    for box in page.locator("[name=copy_to]").all():
        box.check()
    submit(visitor)
    visitor.go("/provider/hours/rules")
    page.fill("[name=minimum_notice_minutes]", "0")
    submit(visitor)
    visitor.go("/provider/start")
    expect(page.get_by_text("Customers can book you.")).to_be_visible()
    page.get_by_role("link", name="See your page as customers do").click()
    page.wait_for_url("**/providers/*")
    address = page.url
    book_address = page.get_by_role("link", name=f"Book {SERVICE}").get_attribute("href") or ""
    return Business(name, address, book_address)


def new_customer(visitor: Visitor) -> Visitor:
    """A customer who has just signed up, in that browser."""
    visitor.go("/account/sign-up")
    sign_up(visitor)
    return visitor


def new_provider(visitor: Visitor, name: str = "Sam Rivers") -> Visitor:
    """A provider who has just signed up, in that browser."""
    visitor.go("/account/sign-up")
    sign_up(visitor, role="provider", name=name)
    return visitor


def choose_time(visitor: Visitor, business: Business, *, position: int = 0, days: int | None = 1) -> str:
    """Choose one of the free times of a day so many days from now; the time as the page's address names it.

    Without `days`, of the first day that has enough of them: what is booked so is over a day later.
    """
    page = visitor.page
    page.goto(business.book_address)
    if days is None:
        days = 0 if page.locator("#times [name=start]").count() > _ENOUGH_TIMES else 1
    choose_day(visitor, days)
    choose(page.locator("#times [name=start]").nth(position))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("start="))
    return page.url


def request_appointment(visitor: Visitor, business: Business, *, position: int = 0, days: int | None = 1) -> str:
    """Ask for a time, as a customer who is signed in; the booking's address."""
    choose_time(visitor, business, position=position, days=days)
    return agree(visitor)


def agree(visitor: Visitor) -> str:
    """Say where the job is, and press the one button; the booking's address."""
    page = visitor.page
    fill_address(visitor)
    page.get_by_role("button", name=re.compile("^(Request|Book) ")).click()
    page.wait_for_url(re.compile(r"/bookings/[^/?]+$"))
    return page.url


def fill_address(visitor: Visitor, text: str = "12 Elm Street, Springfield") -> None:
    """Type where the job is."""
    visitor.page.fill("[name=address]", text)


def verdict(visitor: Visitor) -> Locator:
    """The sentence that says how the booking stands."""
    return visitor.page.locator("main h1")


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press the tabulator until what the selector names has the focus."""
    for _ in range(_MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not get to {selector} on {visitor.page.url}")


def tab_to_text(visitor: Visitor, name: str) -> None:
    """Press the tabulator until a link or button whose text begins so has the focus."""
    for _ in range(_MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        text = visitor.page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()")
        if text.startswith(name):
            return
    raise AssertionError(f"the keyboard does not get to {name} on {visitor.page.url}")
