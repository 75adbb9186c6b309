"""The results of a search."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, islice
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.domain import Provider, Sort, category_slugs
from catalog.queries import list_cities, list_next_free, list_upcoming_starts
from kernel.clock import now
from kernel.errors import InvalidInputError, UnprocessableError
from kernel.rate_limits import charge_in_batches
from kernel.values import dataclass
from kernel.web.client_address import client_address
from kernel.web.throttling import SEARCHES
from kernel.wording.sentences import in_words
from pages.addresses import read_point
from pages.base import Page, is_of_another_list
from pages.discover.forms import DEFAULT_KM, DISTANCES_KM, RATINGS, SORTS, Filters
from pages.discover.reads import Found, Profile, count, favourites_of, filters_like, find, get_profile
from pages.discover.screens import bars_of, booking_address, free_days
from pages.discover.sitemap import read_sitemap
from pages.discover.structured import describe_provider
from pages.pictures import shown
from pages.words import category_name, days_to_choose, format_day, format_soon, today_of_search, zone_of_days


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the address of the results without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Loosened:
    """A search like one that found nothing: what is changed, what it would find (0: not counted), and its address."""

    label: str
    found: int
    has_more: bool
    href: str


class _SearchPage(Page):
    """A page that searches, within the limit of searches."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        subject = self.actor.user_id if request.user.is_authenticated else client_address(request)
        charge_in_batches(SEARCHES, subject, now=now())
        return super().dispatch(request, *args, **kwargs)


class Results(_SearchPage):
    """Services that satisfy the filters in the address."""

    template_name = "pages/discover/results.html"
    partials: ClassVar[frozenset[str]] = frozenset({"results", "more"})

    @cached_property
    def filters(self) -> Filters:
        return Filters.from_query(self.request.GET)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The results. `like` names a service instead of filters: it leads to its trade where it is."""
        service_id = request.GET.get("like")
        if service_id is None:
            return super().get(request, *args, **kwargs)
        return HttpResponseRedirect(filters_like(service_id).address())

    def context(self) -> dict[str, Any]:
        error = ""
        try:
            found = find(self.filters, cursor=self.request.GET.get("cursor"), now=now())
        except (InvalidInputError, UnprocessableError) as refused:
            if is_of_another_list(refused):
                raise
            cities = list_cities()
            found, error = Found([], None, self.filters.city(cities), cities), in_words(refused.message)
        today = today_of_search(self.request.user, found.city, found.cities, now=now())
        return {
            "filters": self.filters,
            "found": found,
            "favourites": favourites_of(self.request.user),
            "error": error,
            "heading": self._heading(found),
            # What the filters beside the results are about, as they were sent.
            "shown": self.request.GET,
            "sort": self.filters.sort or self.filters.usual_sort.value,
            "currency": self.filters.currency or (found.rows[0].price.currency if found.rows else ""),
            "chips": list(self._chips()),
            "loosened": [] if found.rows else list(self._narrowed() if error else self._loosened(found)),
            "is_mixed": self._sorts_by_price and len({row.price.currency for row in found.rows}) > 1,
            "canonical": settings.SITE_URL.rstrip("/") + self._canonical_address(),
            "is_more": "cursor" in self.request.GET,
            "more_href": found.next_cursor and self._more_address(found.next_cursor),
            "ids": ",".join(row.service_id for row in found.rows),
            "days": days_to_choose(today, self.filters.on),
            "choices": {
                "ratings": RATINGS,
                "kilometres": DISTANCES_KM,
                "default_km": DEFAULT_KM,
                "sorts": self._sorts(),
            },
            "categories": category_slugs(),
        }

    def render(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        response = super().render(context, status=status)
        # Fields that are empty, and what was understood as something else, are not in the address.
        if self.request.headers.get("HX-Target", "").endswith("#results"):
            response.headers["HX-Push-Url"] = self.filters.address()
        return response

    def _heading(self, found: Found) -> str:
        filters = self.filters
        what = str(category_name(filters.category)) if filters.category else ""
        if filters.q:
            quoted = _("“%(words)s”") % {"words": filters.q}
            what = f"{what}, {quoted}" if what else quoted
        what = what or _("Services")
        if filters.near:
            return _("%(what)s near you") % {"what": what}
        place = found.city.name if found.city else filters.place
        return _("%(what)s in %(place)s") % {"what": what, "place": place} if place else what

    def _more_address(self, cursor: str) -> str:
        address = self.filters.address()
        return f"{address}{'&' if '?' in address else '?'}cursor={cursor}"

    def _canonical_address(self) -> str:
        """The same services whatever their order, the day, the price, and where somebody stands."""
        filters = self.filters
        return Filters(q=filters.q, category=filters.category, place=filters.place).address()

    @property
    def _sorts_by_price(self) -> bool:
        return self.filters.sort in (Sort.PRICE, Sort.PRICE_DESCENDING)

    def _sorts(self) -> list[tuple[str, Any]]:
        return [(value, label) for value, label in SORTS if value != "distance" or self.filters.near]

    def _chips(self) -> Iterator[Chip]:
        filters = self.filters
        if filters.category:
            yield Chip(str(category_name(filters.category)), filters.address(category=""))
        if filters.q:
            yield Chip(_("“%(words)s”") % {"words": filters.q}, filters.address(q=""))
        if filters.near:
            label = _("Up to %(km)d\u00a0km from you") % {"km": filters.km or DEFAULT_KM}
            yield Chip(label, filters.address(near="", km=None))
        if filters.on:
            yield Chip(_("Free on %(day)s") % {"day": format_day(filters.on)}, filters.address(on=None))
        if filters.has_price:
            yield Chip(self._price(), filters.address(min=None, max=None, currency=""))
        if filters.rating:
            yield Chip(str(dict(RATINGS)[filters.rating]), filters.address(rating=""))

    def _price(self) -> str:
        filters = self.filters
        low, high = ("" if each is None else number_format(each) for each in (filters.min, filters.max))
        values = {"least": low, "most": high, "currency": filters.currency}
        if not low:
            return _("Up to %(most)s\u00a0%(currency)s") % values
        if not high:
            return _("From %(least)s\u00a0%(currency)s") % values
        return _("%(least)s to %(most)s\u00a0%(currency)s") % values

    def _loosened(self, found: Found) -> Iterator[Loosened]:
        """Up to three searches with one filter less, or in another place, that find something."""
        is_unknown_place = self.filters.place and found.city is None
        tried = self._elsewhere(found) if is_unknown_place else chain(self._city_apart(found), self._with_one_less())
        for label, other in islice(tried, 3):
            number, has_more = count(other, found.cities, now=now())
            if number:
                yield Loosened(label, number, has_more, other.address())

    def _narrowed(self) -> Iterator[Loosened]:
        """Smaller circles, where one was too wide to be searched. What they find is not counted."""
        radius = self.filters.km or DEFAULT_KM
        for km in (km for km in reversed(DISTANCES_KM) if self.filters.near and km < radius):
            yield Loosened(
                _("Up to %(km)d\u00a0km away") % {"km": km}, 0, has_more=False, href=self.filters.address(km=km)
            )

    def _city_apart(self, found: Found) -> Iterator[tuple[str, Filters]]:
        """What was typed as words, with the city among them as the place."""
        other = None if self.filters.place else self.filters.with_city_apart(found.cities)
        if other is not None:
            yield _("In %(place)s") % {"place": other.place}, other

    def _with_one_less(self) -> Iterator[tuple[str, Filters]]:
        filters, widest = self.filters, DISTANCES_KM[-1]
        without = [
            (filters.on, _("On any day"), replace(filters, on=None)),
            (filters.has_price, _("At any price"), replace(filters, min=None, max=None, currency="")),
            (filters.rating, _("With any rating"), replace(filters, rating="")),
            (
                filters.near and filters.km != widest,
                _("Up to %(km)d\u00a0km away") % {"km": widest},
                replace(filters, km=widest),
            ),
            *self._single_words(),
            (filters.q, _("Without “%(words)s”") % {"words": filters.q}, replace(filters, q="")),
            (filters.category, _("In any trade"), replace(filters, category="")),
            (filters.place or filters.near, _("Anywhere"), replace(filters, place="", near="", km=None)),
        ]
        tried = [(label, other) for applies, label, other in without if applies]
        if sum(map(bool, (filters.on, filters.has_price, filters.rating))) > 1:
            # Where each of them alone excludes everybody, leaving out one finds nobody. No more than three are tried.
            wide = replace(filters, on=None, min=None, max=None, currency="", rating="")
            tried.insert(2, (_("On any day, at any price, with any rating"), wide))
        return iter(tried)

    def _single_words(self) -> Iterator[tuple[bool, str, Filters]]:
        """Of several words the two longest, each alone: not all that was said need stand in what is offered."""
        words = self.filters.q.split()
        if len(words) > 1:
            for word in sorted(words, key=len, reverse=True)[:2]:
                yield True, _("“%(words)s”") % {"words": word}, replace(self.filters, q=word)

    def _elsewhere(self, found: Found) -> Iterator[tuple[str, Filters]]:
        """Where no provider is, no other filter is to blame: the cities that may be meant, and all of them."""
        for city in self.filters.cities_meant(found.cities)[:2]:
            place = f"{city.name}, {city.country}"
            yield _("In %(place)s") % {"place": place}, replace(self.filters, place=place)
        yield _("Anywhere"), replace(self.filters, place="")


class NextFreeTimes(_SearchPage):
    """The next free times of the services that a page of results shows, which puts them into its rows."""

    template_name = "pages/discover/next_free.html"

    def context(self) -> dict[str, Any]:
        moment = now()
        service_ids = self.request.GET.get("services", "").split(",")
        near, day = self.request.GET.get("near", ""), Filters.from_query(self.request.GET).on
        times = [
            {
                "service_id": free.service_id,
                "text": format_soon(free.starts_at, free.time_zone, now=moment) if free.starts_at else "",
                "href": booking_address(free.service_id, free.starts_at, near=near if read_point(near) else ""),
            }
            for free in list_next_free(service_ids, now=moment, first_day=day)
        ]
        return {"times": times, "day": day}


@require_safe
def show_sitemap(request: HttpRequest) -> HttpResponse:
    """The addresses of all public pages, as they were written last; absent until they are."""
    try:
        content = read_sitemap(now())
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(content, content_type="application/xml")


class ShowProvider(Page):
    """A provider for everyone: what it offers, when it works, and what its customers say."""

    template_name = "pages/discover/provider.html"
    partials: ClassVar[frozenset[str]] = frozenset({"more", "next-free"})

    def context(self) -> dict[str, Any]:
        profile = get_profile(self.kwargs["provider_id"], self.request.user, cursor=self.request.GET.get("cursor"))
        provider, cursor = profile.provider, profile.reviews.next_cursor
        site = settings.SITE_URL.rstrip("/")
        canonical = site + reverse("provider", args=[provider.provider_id])
        photos = shown(provider.photos)
        photo_address = site + photos[0].large if photos else ""
        rating, is_further = provider.rating, "cursor" in self.request.GET
        return {
            "profile": profile,
            "canonical": canonical,
            "described": describe_provider(provider, profile.services, url=canonical)
            | ({"image": photo_address} if photo_address else {}),
            "photos": photos,
            "photo_address": photo_address,
            "offered": [(service, shown(service.photos)) for service in profile.services],
            "favourites": profile.favourites,
            "trades": sorted({*provider.trades, *provider.categories}),
            "is_own": self.request.user.is_authenticated and self.actor.provider_id == provider.provider_id,
            "average": rating.average / 100 if rating.count else None,
            "bars": bars_of(rating) if rating.count and rating.adds_up and not is_further else None,
            "hours": list(_hours(provider)),
            "crumbs": [
                *[(category_name(slug), Filters(category=slug).address()) for slug in _main_trade(profile)],
                (provider.city, Filters(place=f"{provider.city}, {provider.country}").address()),
                (provider.name, ""),
            ],
            "more_href": cursor and f"{self.request.path}?cursor={cursor}",
            "free": None if is_further else self._free(profile),
        }

    def _free(self, profile: Profile) -> dict[str, Any] | None:
        """When the service that the address names, else the first one, can be booked next; None while nothing can."""
        if not profile.services or not profile.provider.accepting_bookings:
            return None
        wanted, moment, zone = self.request.GET.get("service"), now(), profile.provider.time_zone
        service = next((each for each in profile.services if each.service_id == wanted), profile.services[0])
        starts = list_upcoming_starts(profile.provider, service, now=moment)
        days = free_days(starts, service.service_id, zone, now=moment)
        shown = [date.fromisoformat(day.value) for day in days]
        return {
            "service": service,
            "days": days,
            "zone": zone_of_days(shown[0], shown[-1], zone) if shown else "",
            "soonest": format_soon(starts[0], zone, now=moment) if starts else "",
            "href": booking_address(service.service_id),
        }


def _main_trade(profile: Profile) -> Sequence[str]:
    """The trade of the service that the provider puts first, else its first one; none without any."""
    return [service.category for service in profile.services[:1]] or profile.provider.categories[:1]


def _hours(provider: Provider) -> Iterator[tuple[str, str]]:
    """Each day of the week with its hours, closed days with none."""
    plan = provider.hours.weekly_plan()
    for number, key in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun")):
        spans = (f"{start}–{end}" for start, end in plan.get(key, []))
        yield str(WEEKDAYS[number]), ", ".join(spans)
