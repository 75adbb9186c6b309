"""Every screen of the site: who sees it, what it reads, and how large it is. A new page has its row here.

Session and person are one BatchGetItem, before anything else. Each list of a page is one Query, however long it is; a
search costs what docs/access-patterns.md says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit
from uuid import uuid4

from django.conf import settings

from accounts.domain import MAX_SAVED_ADDRESSES
from accounts.services import ensure_account, save_address
from bookings.domain import Booking, Status
from catalog.domain import MAX_OWN_TIMES, OwnTimeKind, category_slugs
from catalog.queries import GLANCE
from catalog.queries.search.partitions import MAX_FURTHER_QUERIES
from catalog.representation import represent_own_service, represent_own_time
from catalog.services import OwnTimeValues, add_service, block_time, count_city
from kernel.actors import Actor, Role
from kernel.clock import now, to_rfc3339
from kernel.money import Money
from notifications.links import unsubscribe_url
from notifications.services import announce
from reviews.latest import keep_latest
from tests.factories.bookings import idempotency_of, make_scene, next_day
from tests.factories.catalog import unique_city
from tests.factories.letters import event_of
from tests.factories.reviews import be_known, review

ROLES = ("anonymous", "customer", "provider", "admin")
# As the demo's people have it, so that browsers sign these in, too.
PASSWORD = "Demo-Password-1"
_MOST_SERVICES = 20
# Of a search without a trade: one for each, and the further ones of trades that have more rows.
_ALL_TRADES = len(category_slugs()) + MAX_FURTHER_QUERIES
_ONE_TRADE = 1 + MAX_FURTHER_QUERIES
_HOURS = range(0, 24, 2)
# As long as a name may be, and without a place to break a line at.
_LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
# A review that the start page shows.
_TELLING = "On time, tidy and fair, and nothing has dripped since."


class Street:
    """A provider and its customer with so many rows of everything that a page lists, and the addresses of theirs.

    `logins` are the local parts of the addresses with which each role signs in.
    """

    def __init__(self, rows: int) -> None:
        self.city, stamp = unique_city(), uuid4().hex[:12]
        self.logins = {name: f"{name}-{stamp}" for name in ROLES[1:]}
        self.people: dict[str, Actor | None] = {"anonymous": None} | {name: self._person(name) for name in ROLES[1:]}
        self.scene = make_scene(
            provider=self.people["provider"],
            customer=self.people["customer"],
            city=self.city,
            minimum_notice_minutes=0,
            name=_LONG_WORD,
        )
        be_known(self.scene.customer.user_id)
        for number in range(1, min(rows, _MOST_SERVICES)):
            self._add_service(f"Repair {number}" if number > 1 else _LONG_WORD)
        count_city(provider_id=self.scene.provider_id)
        self.bookings = [self._ahead(number) for number in range(rows)]
        self.reviewed = [self._behind(number) for number in range(rows)]
        for booking in self.reviewed[:1]:
            keep_latest(review_id=booking.booking_id)
        addresses = [self._keep_address(number) for number in range(min(rows, MAX_SAVED_ADDRESSES))]
        own_times = [self._own_time(number) for number in range(min(rows, MAX_OWN_TIMES))]
        self.kept_address_id, self.own_time_id = "".join(addresses[:1]), "".join(own_times[:1])
        Path(str(settings.INBOX_DIR), "1.eml").write_bytes(b"Subject: Hello\nTo: ada@example.com\n\nHello!\n")

    def _own_time(self, number: int) -> str:
        day = next_day(days=200 + number).date()
        blocked = block_time(
            actor=self.scene.provider,
            provider_id=self.scene.provider_id,
            values=OwnTimeValues(OwnTimeKind.PRIVATE, day, day),
            idempotency=idempotency_of(self.scene.provider, {}, represent_own_time),
            now=now(),
        )
        return str(blocked.answer["id"])

    @property
    def results(self) -> str:
        """The search that finds the provider's services."""
        return f"/search?place={quote_plus(self.city)}"

    @cached_property
    def called_off(self) -> Booking:
        """What the provider booked for a caller, who has called it off."""
        return self.scene.bring(self.scene.book_for_caller(next_day(3, days=2)), Status.CANCELLED)

    @cached_property
    def request(self) -> Booking:
        """A request that the provider has not answered."""
        return self.scene.book(next_day(1, days=2))

    @cached_property
    def completed(self) -> Booking:
        """A booking that has taken place and was not reviewed."""
        booking = self._past(days=1, hour=1)
        return self.scene.bring(booking, Status.COMPLETED, now=booking.ends_at)

    def booking(self, suffix: str = "") -> str:
        """The address of a confirmed booking that lies ahead."""
        return f"/bookings/{self.bookings[0].booking_id}{suffix}"

    def unsubscribe(self) -> str:
        """The address that an email has for stopping such emails."""
        return urlsplit(unsubscribe_url(self.scene.customer.user_id, "reminder.review")).path

    def _person(self, name: str) -> Actor:
        role, email = Role(name), f"{self.logins[name]}@example.com"
        user_id = ensure_account(email=email, password=PASSWORD, name="Robin Reed", role=role, now=now())
        return Actor(user_id=user_id, role=role)

    def _keep_address(self, number: int) -> str:
        actor = self.scene.customer
        address = f"{number + 1} Elm Street, {self.city}"
        return save_address(actor=actor, user_id=actor.user_id, label=f"Place {number}", address=address).address_id

    def _add_service(self, name: str) -> None:
        add_service(
            actor=self.scene.provider,
            provider_id=self.scene.provider_id,
            values={"name": name, "category": "plumbing", "price": Money(9000, "USD"), "duration_minutes": 60},
            idempotency=idempotency_of(self.scene.provider, {}, represent_own_service),
            now=now(),
        )

    def _ahead(self, number: int) -> Booking:
        days, hour = divmod(number, len(_HOURS))
        booking = self.scene.book(next_day(_HOURS[hour], days=3 + days))
        booking = self.scene.bring(booking, Status.CONFIRMED)
        announce(event=event_of(booking), now=now())
        return booking

    def _behind(self, number: int) -> Booking:
        days, hour = divmod(number, len(_HOURS))
        booking = self._past(days=2 + days, hour=_HOURS[hour])
        booking = self.scene.bring(booking, Status.COMPLETED, now=booking.ends_at)
        review(self.scene, booking, comment=_TELLING)
        return booking

    def _past(self, *, days: int, hour: int) -> Booking:
        starts_at = next_day(hour, days=-days)
        booked_at = starts_at - timedelta(days=1)
        return self.scene.bring(self.scene.book(starts_at, now=booked_at), Status.CONFIRMED, now=booked_at)


@dataclass(frozen=True, slots=True)
class Screen:
    """A page: who sees it, the lists that it shows (a Query each), its further reads, and its kilobytes at most.

    The kilobytes are those of its HTML, compressed, with many rows. `search_queries` is how many a search costs
    at most; `role_reads` are what is read in place of `reads` for a role.
    """

    route: str
    address: Callable[[Street], str]
    roles: tuple[str, ...] = ROLES
    lists: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    role_reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kilobytes: int = 5
    title: str = ""
    search_queries: int = 0

    def reads_for(self, role: str) -> tuple[str, ...]:
        """The further reads of the page for that role."""
        return self.role_reads.get(role, self.reads)

    def __str__(self) -> str:
        return f"{self.route} {self.title}".strip()


def _plain(path: str) -> Callable[[Street], str]:
    return lambda _: path


def _of_booking(suffix: str) -> Callable[[Street], str]:
    return lambda street: street.booking(suffix)


STRANGER = ("anonymous",)
SIGNED_IN = ROLES[1:]
CUSTOMER = ("customer",)
PROVIDER = ("provider",)
_FAVOURITES = "the favourites: GetItem"
_OWN = "the provider: GetItem"
_CITIES = "the cities: GetItem"
_BOOKING = "the booking with its details: BatchGetItem"

SCREENS = (
    # --- For everyone ---
    Screen(
        "/",
        _plain("/"),
        reads=("the cities and the latest reviews: BatchGetItem", "the reviewed providers: BatchGetItem"),
    ),
    *(Screen(path, _plain(path), kilobytes=8) for path in ("/how-it-works", "/help", "/terms", "/privacy")),
    Screen("/offline", _plain("/offline"), kilobytes=2),
    Screen("/problems", _plain("/problems")),
    Screen("/problems/{code}", _plain("/problems/forbidden")),
    Screen(
        "/search",
        lambda street: f"{street.results}&category=plumbing",
        title="of a trade",
        reads=(_CITIES,),
        role_reads={"customer": (_CITIES, _FAVOURITES)},
        search_queries=1,
        kilobytes=10,
    ),
    Screen(
        "/search",
        lambda street: street.results,
        title="of all trades",
        reads=(_CITIES,),
        role_reads={"customer": (_CITIES, _FAVOURITES)},
        search_queries=_ALL_TRADES,
        kilobytes=10,
    ),
    Screen(
        "/search",
        lambda street: f"{street.results}&category=plumbing&rating=4.5&q=nothing",
        title="that finds nothing, with what would find something",
        reads=(_CITIES,),
        role_reads={"customer": (_CITIES, _FAVOURITES)},
        search_queries=_ONE_TRADE + 2 * (1 + GLANCE.further_queries) + len(category_slugs()) + GLANCE.further_queries,
    ),
    Screen(
        "/search/free",
        lambda street: f"/search/free?services={street.scene.service_id}",
        reads=("services and providers: BatchGetItem", "their claims: BatchGetItem"),
    ),
    Screen(
        "/providers/{provider_id}",
        lambda street: f"/providers/{street.scene.provider_id}",
        lists=("claims", "reviews"),
        reads=(_OWN, "its services: BatchGetItem"),
        role_reads={"customer": ("the provider and the favourites: BatchGetItem", "its services: BatchGetItem")},
        kilobytes=8,
    ),
    Screen(
        "/services/{service_id}/book",
        lambda street: f"/services/{street.scene.service_id}/book",
        lists=("claims",),
        reads=("service and provider: BatchGetItem",),
    ),
    Screen(
        "/services/{service_id}/book",
        lambda s: f"/services/{s.scene.service_id}/book?start={quote(to_rfc3339(next_day(5, days=2)))}",
        title="at a chosen time",
        reads=("service and provider: BatchGetItem",),
    ),
    Screen("/notifications/unsubscribe/{token}", Street.unsubscribe),
    # --- Following a booking ---
    Screen(
        "/bookings/{booking_id}",
        _of_booking(""),
        SIGNED_IN,
        reads=(_BOOKING, "the other side: GetItem"),
        role_reads={"admin": (_BOOKING,)},
        kilobytes=6,
    ),
    Screen("/bookings/{booking_id}/cancel", _of_booking("/cancel"), SIGNED_IN, reads=(_BOOKING,)),
    Screen(
        "/bookings/{booking_id}/decline",
        lambda street: f"/bookings/{street.request.booking_id}/decline",
        ("provider", "admin"),
        reads=(_BOOKING,),
    ),
    Screen(
        "/bookings/{booking_id}/payment",
        lambda street: f"/bookings/{street.completed.booking_id}/payment",
        ("provider", "admin"),
        reads=(_BOOKING,),
    ),
    Screen(
        "/bookings/{booking_id}/move",
        _of_booking("/move"),
        SIGNED_IN,
        lists=("claims",),
        reads=(_BOOKING, "service and provider: BatchGetItem"),
    ),
    Screen(
        "/bookings/{booking_id}/review",
        lambda street: f"/bookings/{street.completed.booking_id}/review",
        CUSTOMER,
        reads=(_BOOKING,),
    ),
    # --- One's own ---
    Screen("/bookings", _plain("/bookings"), CUSTOMER, lists=("ahead", "behind", "reviews"), kilobytes=8),
    Screen("/favourites", _plain("/favourites"), CUSTOMER, reads=(_FAVOURITES,)),
    Screen(
        "/providers/{provider_id}/report",
        lambda street: f"/providers/{street.scene.provider_id}/report",
        SIGNED_IN,
        reads=(_OWN,),
    ),
    Screen(
        "/reviews/{review_id}/report",
        lambda street: f"/reviews/{street.reviewed[0].booking_id}/report",
        SIGNED_IN,
        reads=("the review: GetItem",),
    ),
    Screen("/notifications", _plain("/notifications"), SIGNED_IN, lists=("notes",)),
    # --- A provider's own ---
    Screen(
        "/provider",
        _plain("/provider"),
        PROVIDER,
        lists=("requests", "what is left open", "today", "reviews"),
        reads=("the provider, its sums and its own time: BatchGetItem",),
        kilobytes=10,
    ),
    Screen("/provider/requests", _plain("/provider/requests"), PROVIDER, lists=("requests",), kilobytes=8),
    Screen(
        "/provider/calendar",
        _plain("/provider/calendar"),
        PROVIDER,
        lists=("the week",),
        reads=(_OWN, "its own time and the customers: BatchGetItem"),
        kilobytes=10,
    ),
    Screen(
        "/provider/bookings",
        _plain("/provider/bookings"),
        PROVIDER,
        lists=("bookings",),
        reads=(_OWN, "customers and services: BatchGetItem"),
        kilobytes=8,
    ),
    Screen(
        "/provider/money",
        _plain("/provider/money"),
        PROVIDER,
        lists=("invoices",),
        reads=("the provider and its sums: BatchGetItem",),
        kilobytes=8,
    ),
    Screen("/provider/reviews", _plain("/provider/reviews"), PROVIDER, lists=("reviews",), reads=(_OWN,), kilobytes=8),
    Screen("/provider/start", _plain("/provider/start"), PROVIDER, reads=(_OWN,), kilobytes=8),
    Screen("/provider/start/trade", _plain("/provider/start/trade"), PROVIDER, reads=(_OWN,)),
    Screen("/provider/profile", _plain("/provider/profile"), PROVIDER, reads=(_OWN,), kilobytes=11),
    Screen(
        "/provider/services",
        _plain("/provider/services"),
        PROVIDER,
        reads=(_OWN, "its services: BatchGetItem"),
        kilobytes=8,
    ),
    Screen("/provider/services/add", _plain("/provider/services/add"), PROVIDER, reads=(_OWN,), kilobytes=8),
    Screen("/provider/hours", _plain("/provider/hours"), PROVIDER, reads=(_OWN,), kilobytes=8),
    Screen("/provider/hours/days", _plain("/provider/hours/days"), PROVIDER, reads=(_OWN,), kilobytes=8),
    Screen(
        "/provider/bookings/add",
        _plain("/provider/bookings/add"),
        PROVIDER,
        reads=(_OWN, "its services: BatchGetItem"),
        kilobytes=8,
    ),
    Screen(
        "/provider/services/{service_id}/book",
        lambda street: f"/provider/services/{street.scene.service_id}/book",
        PROVIDER,
        lists=("free times",),
        reads=("service and provider: BatchGetItem",),
        kilobytes=10,
    ),
    Screen(
        "/bookings/{booking_id}/caller",
        lambda street: f"/bookings/{street.called_off.booking_id}/caller",
        PROVIDER,
        reads=("the booking and its details: BatchGetItem",),
    ),
    Screen(
        "/provider/own-time",
        _plain("/provider/own-time"),
        PROVIDER,
        reads=("the provider and its own time: BatchGetItem",),
        kilobytes=8,
    ),
    Screen(
        "/provider/own-time/{own_time_id}",
        lambda street: f"/provider/own-time/{street.own_time_id}",
        PROVIDER,
        reads=("the provider's own time: GetItem",),
    ),
    Screen("/provider/hours/rules", _plain("/provider/hours/rules"), PROVIDER, reads=(_OWN,), kilobytes=8),
    Screen(
        "/provider/services/{service_id}",
        lambda street: f"/provider/services/{street.scene.service_id}",
        PROVIDER,
        reads=("the service: GetItem",),
    ),
    Screen(
        "/photos/{kind}/{owner_id}",
        lambda street: f"/photos/provider/{street.scene.provider_id}",
        ("provider", "admin"),
        reads=(_OWN,),
    ),
    Screen(
        "/photos/{kind}/{owner_id}/add",
        lambda street: f"/photos/provider/{street.scene.provider_id}/add",
        ("provider", "admin"),
        reads=(_OWN, "the limit of uploads: UpdateItem"),
    ),
    Screen(
        "/provider/reviews/{review_id}/answer",
        lambda street: f"/provider/reviews/{street.reviewed[0].booking_id}/answer",
        PROVIDER,
        reads=("the review: GetItem",),
    ),
    # --- The account ---
    Screen("/account/notifications", _plain("/account/notifications"), SIGNED_IN, reads=("what is muted: GetItem",)),
    Screen("/account/sign-up", _plain("/account/sign-up")),
    Screen("/account/confirm", _plain("/account/confirm")),
    Screen("/account/confirm/new-code", _plain("/account/confirm/new-code")),
    Screen("/account/sign-in", _plain("/account/sign-in"), STRANGER),
    Screen("/account/forgotten-password", _plain("/account/forgotten-password")),
    Screen("/account/reset-password", _plain("/account/reset-password")),
    Screen(
        "/account/profile",
        _plain("/account/profile"),
        SIGNED_IN,
        role_reads={"provider": ("whether they booked before: GetItem",)},
        kilobytes=8,
    ),
    Screen("/account/addresses/add", _plain("/account/addresses/add"), CUSTOMER),
    Screen(
        "/account/addresses/{address_id}",
        lambda street: f"/account/addresses/{street.kept_address_id}",
        CUSTOMER,
    ),
    Screen("/account/password", _plain("/account/password"), SIGNED_IN),
    Screen("/account/second-factor", _plain("/account/second-factor"), SIGNED_IN),
    Screen("/account/second-factor/remove", _plain("/account/second-factor/remove"), SIGNED_IN),
    Screen("/account/erase", _plain("/account/erase"), SIGNED_IN),
    # --- On a laptop alone ---
    Screen("/inbox", _plain("/inbox")),
    Screen("/inbox/{email_id}", _plain("/inbox/1")),
    Screen("/metrics", _plain("/metrics")),
    Screen("/styleguide", _plain("/styleguide"), kilobytes=10),
)

# Addresses that show nothing of their own, and why. The API and the admin have tests of their own.
NO_SCREENS = {
    "/providers/{provider_id}/favourite": "takes a button",
    "/provider/services/{service_id}/arrange": "takes a button",
    "/provider/bookings/export": "a file",
    "/provider/money/export": "a file",
    "/health": "JSON",
    "/photos/uploads": "JSON",
    "/photos/claims/{token}": "leads on",
    "/media/public/{photo_id}/{name}": "a file",
    "/media/bookings/{booking_id}/{photo_id}/{name}": "a file",
    "/robots.txt": "a file",
    "/service-worker.js": "a script",
    "/sitemap.xml": "a file",
    "/bookings/{booking_id}/calendar.ics": "a file",
    "/language": "takes a choice and leads back",
    "/account/addresses/{address_id}/remove": "takes a button",
    "/account/addresses/{address_id}/suggest": "takes a button",
    "/account/export": "a file",
    "/account/sign-in/step": "only after a first step: its form is the one of signing in",
    "/account/second-factor/code": "only after a first step: its form is the one before",
    "/account/sign-out": "takes a button",
    "/account/sign-out-everywhere": "takes a button",
    "/account/stop-seeing-as": "takes a button",
    "/bookings/{booking_id}/status": "takes a button",
    "/bookings/{booking_id}/proposal": "takes a button",
    "/bookings/{booking_id}/invoice.pdf": "leads to a file",
    "/inbox/{email_id}/{number}": "a file",
    "/static/{path}": "a file",
}
