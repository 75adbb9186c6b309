"""The ways through the site that every page offers: by role in the header, for everyone in the footer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kernel.actors import Actor, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A way to a page: what it is called, the name of its address, its icon in a menu, and who is offered it.

    Without `roles` everyone is, strangers too.
    """

    label: Any
    url_name: str
    icon: str = ""
    roles: tuple[Role, ...] = ()


# What people come for, in the header.
MAIN: tuple[Entry, ...] = (
    Entry(_("Find"), "search"),
    Entry(_("Bookings"), "bookings", roles=(Role.CUSTOMER,)),
    Entry(_("Favourites"), "favourites", roles=(Role.CUSTOMER,)),
)
# What concerns the person, in the menu below their initials.
ACCOUNT = (
    Entry(_("Your profile"), "accounts:profile", "user"),
    Entry(_("Emails"), "notification-preferences", "mail"),
)
# What explains the site, in the footer.
ABOUT = (
    Entry(_("How it works"), "how-it-works"),
    Entry(_("Help"), "help"),
    Entry(_("Terms"), "terms"),
    Entry(_("Privacy"), "privacy"),
    Entry(_("API documentation"), "api-docs"),
    Entry(_("Health"), "root-health"),
)
# The page behind the bell.
BELL = "notification-list"


# The first page of each role, after signing in; others begin with their profile.
_HOMES = {Role.CUSTOMER: "bookings"}


def home_of(actor: Actor) -> str:
    """Where the person begins who asked for no page in particular."""
    return reverse(_HOMES.get(actor.role, "accounts:profile"))


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one page shows it."""

    label: Any
    href: str
    icon: str
    is_current: bool


class Navigation:
    """The links of one page. Nothing is read before a template asks: strangers and failures cost nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def person(self) -> Any:
        """Whoever is signed in, or None."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def links(self) -> list[Link]:
        return list(self._links(MAIN))

    @property
    def account(self) -> list[Link]:
        return list(self._links(ACCOUNT))

    @property
    def about(self) -> list[Link]:
        return list(self._links(ABOUT))

    @property
    def bell(self) -> str:
        return reverse(BELL)

    @property
    def sign_in(self) -> str:
        """The page for signing in, which leads back to where one is."""
        target = reverse("accounts:sign-in")
        here = self._request.get_full_path()
        is_page_to_return_to = self._request.method == "GET" and not here.startswith(reverse("home") + "account/")
        return f"{target}?{urlencode({'next': here})}" if is_page_to_return_to and here != "/" else target

    def _links(self, entries: tuple[Entry, ...]) -> Iterator[Link]:
        role = self.person.role if self.person else None
        path = self._request.path
        for entry in entries:
            if not entry.roles or role in entry.roles:
                href = reverse(entry.url_name)
                yield Link(entry.label, href, entry.icon, path == href or path.startswith(f"{href}/"))


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """Context processor: `navigation` for every template."""
    return {"navigation": Navigation(request)}
