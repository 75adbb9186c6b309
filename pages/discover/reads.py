"""What the results of a search read."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from catalog.domain import ListedService, Provider, Service
from catalog.queries import (
    GLANCE,
    City,
    favourite_ids,
    favourites_read,
    get_offer,
    get_public_provider,
    list_cities,
    list_provider_services,
    public_provider_read,
    search_services,
)
from kernel import storage
from kernel.actors import Role
from kernel.errors import InvalidInputError, NotFoundError, UnprocessableError
from kernel.ids import is_provider_id
from kernel.lists import ListPage
from kernel.money import Money
from kernel.values import dataclass
from pages.addresses import address_of
from pages.discover.forms import Filters
from pages.discover.screens import booking_address
from pages.pictures import Picture, cover_of
from reviews.domain import Review
from reviews.queries import list_provider_reviews

PAGE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A service as the results show it; `average` in stars, None without reviews."""

    service_id: str
    provider_id: str
    provider_name: str
    service_name: str
    description: str
    category: str
    city: str
    price: Money
    minutes: int
    average: float | None
    reviews: int
    distance_km: float | None
    near: str
    on: date | None
    is_verified: bool
    photo: Picture | None

    @property
    def provider_href(self) -> str:
        return address_of("provider", self.provider_id)

    @property
    def booking_href(self) -> str:
        return booking_address(self.service_id, near=self.near, day=self.on)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of results, the cursor of the next, and the cities that can be chosen."""

    rows: Sequence[Row]
    next_cursor: str | None
    city: City | None
    cities: Sequence[City]


def filters_like(service_id: str) -> Filters:
    """The search for others who offer the same in the same city; for everything, if there is no such service.

    One BatchGetItem at most.
    """
    try:
        offer = get_offer(service_id)
    except NotFoundError:
        return Filters()
    place = f"{offer.provider.city}, {offer.provider.country}" if offer.provider.city else ""
    return Filters(category=offer.service.category, place=place)


def find(filters: Filters, *, cursor: str | None, now: datetime) -> Found:
    """The services that satisfy the filters: one GetItem of the cities, and the Queries of the search.

    A place without providers finds nothing. What a search looks through without finding anything is looked through
    further, once: what is rare in a large list may come late. Raises `InvalidInputError` for filters that contradict
    each other.
    """
    cities = list_cities()
    city = filters.city(cities)
    if filters.place and city is None:
        return Found([], None, None, cities)
    search = filters.search(city)
    page = search_services(search, limit=PAGE_ROWS, cursor=cursor, now=now)
    if page.next_cursor and not page.results:
        page = search_services(search, limit=PAGE_ROWS, cursor=page.next_cursor, now=now)
    return Found([_row(service, filters) for service in page.results], page.next_cursor, city, cities)


def count(filters: Filters, cities: Sequence[City], *, now: datetime) -> tuple[int, bool]:
    """How many services a glance at a page of that search finds, and whether there may be more.

    It costs few Queries: the answer to a search that finds nothing asks for three of them.
    """
    city = filters.city(cities)
    if filters.place and city is None:
        return 0, False
    try:
        page = search_services(filters.search(city), limit=PAGE_ROWS, effort=GLANCE, now=now)
    except (InvalidInputError, UnprocessableError):
        return 0, False
    return len(page.results), page.next_cursor is not None


def favourites_of(user: Any) -> set[str] | None:
    """The ids of the providers whom a customer keeps (one GetItem); None for everyone who keeps none: no customer."""
    return favourite_ids(actor=user.actor) if _keeps_favourites(user) else None


def _row(service: ListedService, filters: Filters) -> Row:
    rating, metres = service.rating, service.distance_meters
    return Row(
        service_id=service.service_id,
        provider_id=service.provider_id,
        provider_name=service.provider_name,
        service_name=service.name,
        description=service.description,
        category=service.category,
        city=service.city,
        price=service.price,
        minutes=service.duration_minutes,
        average=rating.average / 100 if rating.count else None,
        reviews=rating.count,
        distance_km=None if metres is None else metres / 1000,
        near=filters.near,
        on=filters.on,
        is_verified=service.provider_verified,
        photo=cover_of(service.photo),
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider as everyone sees it: what it offers now, and the first page of its reviews.

    `favourites` are the ids of those whom a customer keeps; None for everyone else.
    """

    provider: Provider
    services: Sequence[Service]
    reviews: ListPage[Review]
    favourites: set[str] | None


def get_profile(provider_id: str, user: Any, *, cursor: str | None) -> Profile:
    """The provider (with the favourites of a customer), its services, and a page of its reviews.

    One GetItem or BatchGetItem, one BatchGetItem, one Query. Raises `NotFoundError`.
    """
    provider, favourites = _provider_and_favourites(provider_id, user)
    services = [service for service in list_provider_services(provider) if service.active]
    reviews = list_provider_reviews(provider_id=provider_id, limit=10, cursor=cursor)
    return Profile(provider, services, reviews, favourites)


def _provider_and_favourites(provider_id: str, user: Any) -> tuple[Provider, set[str] | None]:
    if not _keeps_favourites(user) or not is_provider_id(provider_id):
        return get_public_provider(provider_id), None
    return storage.read_all(public_provider_read(provider_id), favourites_read(user.actor))


def _keeps_favourites(user: Any) -> bool:
    return bool(user.is_authenticated and user.role == Role.CUSTOMER)
