"""`python -m tests.browser.streets 500`: fills the tables of a running site, whose environment this has.

Writes the screens of people who have so many rows of everything that a page lists: the local part of the address with
which the person signs in (nothing for a stranger), and the page's address.
"""

import json
import sys
from collections.abc import Iterator

import django

django.setup()

from tests.contracts.screens import SCREENS, Screen, Street  # noqa: E402

# What scripts put into a page, and an email of an inbox that is the running site's.
_LEFT_OUT = ("/search/free", "/inbox/{email_id}")


def _screens(rows: int) -> Iterator[tuple[str, str]]:
    street = Street(rows)
    for screen in SCREENS:
        if screen.route not in _LEFT_OUT and (rows or _needs_nothing(screen)):
            for role in screen.roles:
                yield street.logins.get(role, ""), screen.address(street)


def _needs_nothing(screen: Screen) -> bool:
    """Whether there is such a page for people who have nothing yet."""
    return "{" not in screen.route


json.dump(list(_screens(int(sys.argv[1]))), sys.stdout)
