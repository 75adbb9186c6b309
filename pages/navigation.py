"""The ways through the site that every page offers: by role in the header, for everyone in the footer."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.actors import STAFF, Actor, Role
from kernel.values import dataclass
from pages.addresses import address_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A way to a page: what it is called, the name of its address, its icon in a menu, and who is offered it.

    Without `roles` everyone is, strangers too, except for the roles in `but`. Pages that lie elsewhere and belong to it
    all the same are named in `holds`, with all below them. `query` is what the link adds to the address.
    """

    label: Any
    url_name: str
    icon: str = ""
    roles: tuple[Role, ...] = ()
    but: tuple[Role, ...] = ()
    holds: tuple[str, ...] = ()
    query: str = ""


# What people come for, in the header.
MAIN: tuple[Entry, ...] = (
    Entry(_("Find"), "search", but=(Role.PROVIDER,)),
    Entry(_("Bookings"), "bookings", roles=(Role.CUSTOMER,)),
    Entry(_("Today"), "provider-day", roles=(Role.PROVIDER,), holds=("provider-requests",)),
    Entry(_("Week"), "provider-calendar", roles=(Role.PROVIDER,)),
    Entry(_("Bookings"), "provider-bookings", roles=(Role.PROVIDER,), holds=("bookings",)),
    Entry(_("Services"), "provider-services", roles=(Role.PROVIDER,)),
    Entry(_("Hours"), "provider-hours", roles=(Role.PROVIDER,), holds=("provider-own-times",)),
    Entry(_("Favourites"), "favourites", roles=(Role.CUSTOMER,)),
    Entry(_("Offer services"), "accounts:sign-up", but=tuple(Role), query="?role=provider"),
)
# What concerns the person, in the menu below their initials.
ACCOUNT = (
    Entry(_("Your business"), "provider-profile", "store", roles=(Role.PROVIDER,)),
    Entry(_("Money"), "provider-money", "wallet", roles=(Role.PROVIDER,)),
    Entry(_("Reviews"), "provider-reviews", "star", roles=(Role.PROVIDER,)),
    Entry(_("Your profile"), "accounts:profile", "user"),
    Entry(_("Emails"), "notification-preferences", "mail"),
    Entry(_("Admin"), "admin:index", "shield-check", roles=tuple(STAFF)),
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
_HOMES = {
    Role.CUSTOMER: "bookings",
    Role.PROVIDER: "provider-day",
    Role.ADMIN: "admin:index",
    Role.SUPPORT: "admin:index",
    Role.AUDITOR: "admin:index",
}


def home_of(actor: Actor) -> str:
    """Where the person begins who asked for no page in particular."""
    return address_of(_HOMES.get(actor.role, "accounts:profile"))


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
        """Whoever is signed in, or None; on pages of the API, which know of people what they may do alone, nobody."""
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) else None

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
        return address_of(BELL)

    @property
    def sign_in(self) -> str:
        """The page for signing in, which leads back to where one is."""
        target = address_of("accounts:sign-in")
        here = self._request.get_full_path()
        is_page_to_return_to = self._request.method == "GET" and not here.startswith(address_of("home") + "account/")
        return f"{target}?{urlencode({'next': here})}" if is_page_to_return_to and here != "/" else target

    def _links(self, entries: tuple[Entry, ...]) -> Iterator[Link]:
        role = self.person.role if self.person else None
        path = self._request.path
        offered = [
            (entry, address_of(entry.url_name))
            for entry in entries
            if role not in entry.but and (not entry.roles or role in entry.roles)
        ]
        for entry, href in offered:
            # What has others below it stands for itself alone.
            is_above = any(other.startswith(f"{href}/") for _entry, other in offered)
            places = [address_of(name) for name in entry.holds] if is_above else [href, *map(address_of, entry.holds)]
            is_within = path == href or any(f"{path}/".startswith(f"{place}/") for place in places)
            # What a link adds to an address is not all that is done there.
            is_current = is_within and not entry.query
            yield Link(entry.label, href + entry.query, entry.icon, is_current)


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """Context processor: `navigation` for every template."""
    return {"navigation": Navigation(request)}
