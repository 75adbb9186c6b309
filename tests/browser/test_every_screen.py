"""Every screen in both themes: no fault that axe finds, no error, nothing from elsewhere, nothing cut off."""

import json
import os
import subprocess
import sys
from typing import Literal

import pytest
from playwright.sync_api import ViewportSize, expect

from marketplace.settings.env import BASE_DIR
from tests.browser.screens import SCREENS, Screen
from tests.browser.visitors import WIDTHS, Site, Visit

# A theme and a language: what one breaks the other shows, too.
LOOKS: tuple[tuple[Literal["light", "dark"], str], ...] = (("light", "en"), ("dark", "fr"))
ROWS = (0, 1, 500)
# To a style sheet that measures in letters, 375 by 667 points with letters of 32 in place of 16.
LARGE_LETTERS: ViewportSize = {"width": 188, "height": 334}
# Whose words have no room, of those in which each letter may stand on a line of its own.
_NARROW = "all => all.filter(each => each.scrollWidth > each.clientWidth || each.clientWidth < 30).length"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_accessible(visit: Visit, screen: Screen) -> None:
    visitor = visit(screen.role)

    visitor.see(screen)
    visitor.assert_accessible()

    visitor.page.set_viewport_size({"width": 320, "height": 640})
    visitor.assert_accessible()

    # The other theme has other colours, and nothing else.
    visitor.page.emulate_media(color_scheme="dark")
    visitor.assert_accessible(rules=["color-contrast"])

    # A phone whose letters are twice as large; developers have none.
    visitor.page.set_viewport_size(LARGE_LETTERS)
    assert screen.name == "styleguide" or not visitor.scrolls_sideways()


@pytest.mark.parametrize(
    ("role", "address", "link", "rows"),
    [
        (None, "/search?place=Austin", "main a[href$='/book']", ".day"),
        ("provider", "/provider/calendar", "", ".event > span:not(.visually-hidden)"),
    ],
)
def test_rows_have_room_for_their_words_on_a_phone_with_large_letters(
    visit: Visit, role: str | None, address: str, link: str, rows: str
) -> None:
    visitor = visit(role)
    visitor.see(Screen("rows", address, links=("article h2 a", link) if link else ()))

    visitor.page.set_viewport_size(LARGE_LETTERS)

    found = visitor.page.locator(rows)
    expect(found.first).to_be_visible()
    assert not found.evaluate_all(_NARROW)


def test_times_and_names_of_the_week_stay_apart_with_more_room_between_letters(visit: Visit) -> None:
    provider = visit("provider", width=320)
    provider.go("/provider/calendar")

    # What people who need it have their browsers do (WCAG 1.4.12).
    provider.page.evaluate("document.querySelectorAll('*').forEach(each => (each.style.letterSpacing = '0.12em'))")

    times = provider.page.locator(".event > b >> visible=true")
    expect(times.first).to_be_visible()
    assert not times.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length")


def test_the_bar_below_a_page_leaves_room_for_it_with_large_letters(visit: Visit) -> None:
    visitor = visit()
    visitor.see(Screen("provider", "/search?place=Austin", links=("article h2 a",)))
    visitor.page.set_viewport_size({"width": 250, "height": 445})

    assert visitor.page.locator(".bottom-bar").evaluate("bar => getComputedStyle(bar).position") == "static"


@pytest.mark.parametrize("rows", ROWS)
def test_screens_are_accessible_however_many_rows_they_have(
    visit: Visit, site: Site, rows: int, is_torture: bool
) -> None:
    if not is_torture:
        pytest.skip("looks at each screen a dozen times")
    faults = []
    for login, address in _screens(site, rows):
        for theme, language in LOOKS:
            visitor = visit(login or None, theme=theme, language=language)
            visitor.go(address)
            for width in WIDTHS:
                visitor.page.set_viewport_size({"width": width, "height": 800})
                faults += [f"{width} {theme} {language} {fault}" for fault in visitor.faults()]
            visitor.leave()
    assert not faults, "\n".join(faults)


def _screens(site: Site, rows: int) -> list[tuple[str, str]]:
    """Who sees which screens, of people made for this who have so many rows."""
    command = [sys.executable, "-m", "tests.browser.streets", str(rows)]
    environment = {**os.environ, **site.environment}
    made = subprocess.run(command, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, check=True)
    screens: list[tuple[str, str]] = json.loads(made.stdout)
    return screens
