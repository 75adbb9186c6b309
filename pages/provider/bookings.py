"""A provider's bookings as a list and as a file, by status, service, customer and span."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from bookings.domain import BookingSummary, Status
from bookings.queries import list_bookings
from catalog.domain import Provider
from catalog.queries import get_provider
from kernel.actors import Role
from kernel.clock import to_rfc3339
from kernel.dynamo_admin.exports import csv_lines
from kernel.ids import parent_provider_id
from kernel.lists import ListPage
from kernel.values import dataclass
from kernel.wording.money import format_money
from kernel.wording.times import format_briefly
from pages.addresses import read_date
from pages.provider.base import ProviderPage
from pages.provider.files import csv_file
from pages.provider.reads import has_words, read_names, read_names_and_services
from pages.words import booking_badge

_ROWS = 30
_EXPORT_ROWS = 500
# Names are not in bookings: they are read beside so many, at most so often for one page.
_READ_FOR_NAMES = 50
_MOST_READS = 6
_LONGEST_NAME = 100

# The views of the list, by what they are called in the address; nothing filters nothing.
_FILTERS: dict[str, tuple[Any, Status | None]] = {
    "": (gettext_lazy("All"), None),
    "pending": (gettext_lazy("Waiting"), Status.PENDING),
    "confirmed": (gettext_lazy("Confirmed"), Status.CONFIRMED),
    "completed": (gettext_lazy("To be paid"), Status.COMPLETED),
    "paid": (gettext_lazy("Paid"), Status.PAID),
    "no_show": (gettext_lazy("Nobody was in"), Status.NO_SHOW),
    "cancelled": (gettext_lazy("Cancelled"), Status.CANCELLED),
    "declined": (gettext_lazy("Declined"), Status.DECLINED),
    "expired": (gettext_lazy("Not answered"), Status.EXPIRED),
    "unconfirmed": (gettext_lazy("Closed"), Status.UNCONFIRMED),
}


@dataclass(frozen=True, slots=True)
class _Filters:
    """What the address asks for; what is malformed is as if it were not there."""

    status: str
    service_id: str
    person: str
    first: date | None
    last: date | None

    def accepts(self, name: str) -> bool:
        """Whether it is the customer's name that was typed, or none was."""
        return not self.person or has_words(name, self.person)


class _Filtered(ProviderPage):
    """Bookings by what the address asks for."""

    @cached_property
    def filters(self) -> _Filters:
        query = self.request.GET
        service_id = query.get("service", "")
        first, last = read_date(query.get("from", "")), read_date(query.get("to", ""))
        if first and last and last < first:
            # Typed the other way round it is the same span.
            first, last = last, first
        return _Filters(
            status=query.get("status", "") if query.get("status", "") in _FILTERS else "",
            service_id=service_id if parent_provider_id(service_id) == self.provider_id else "",
            person=query.get("person", "").strip()[:_LONGEST_NAME],
            first=first,
            last=last,
        )

    def page(self, provider: Provider, *, limit: int, cursor: str | None) -> ListPage[BookingSummary]:
        """One page of the bookings of all customers, the latest first."""
        filters, zone = self.filters, ZoneInfo(provider.time_zone)
        first, last = filters.first, filters.last
        starts_from = datetime.combine(first, time(), zone).astimezone(UTC) if first else None
        starts_before = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC) if last else None
        return list_bookings(
            actor=self.actor,
            status=_FILTERS[filters.status][1],
            service_id=filters.service_id or None,
            starts_from=starts_from,
            starts_before=starts_before,
            limit=limit,
            cursor=cursor,
            now=self.now,
        )


class Bookings(_Filtered):
    """All bookings, by status, service, customer and span; one of them by its number.

    One GetItem, one Query and one BatchGetItem; looking for a customer's, up to six of each of the latter.
    """

    template_name = "pages/provider/bookings.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        number = request.GET.get("number", "").strip().lower()
        if number and parent_provider_id(number) == self.provider_id:
            return HttpResponseRedirect(reverse("booking", args=[number]))
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        filters = self.filters
        rows, services, next_cursor = self._rows(get_provider(self.provider_id))
        names = ("from", "to", "service", "person")
        kept = {name: self.request.GET[name] for name in names if self.request.GET.get(name)}
        query = {**kept, **({"status": filters.status} if filters.status else {})}
        return {
            "rows": rows,
            "services": services,
            "filters": filters,
            "tabs": [
                {
                    "label": label,
                    "href": f"{self.request.path}?{urlencode({**kept, 'status': name} if name else kept)}",
                    "is_current": name == filters.status,
                    "count": None,
                }
                for name, (label, _status) in _FILTERS.items()
            ],
            "number": self.request.GET.get("number", ""),
            "is_narrowed": bool(query),
            "export_href": f"{reverse('provider-bookings-export')}?{urlencode(query)}",
            "more_href": next_cursor and f"?{urlencode({**query, 'cursor': next_cursor})}",
        }

    def _rows(self, provider: Provider) -> tuple[list[dict[str, Any]], Sequence[tuple[str, str]], str | None]:
        """The lines of one page, the services to choose from, and the cursor of the next page."""
        cursor = self.request.GET.get("cursor")
        rows: list[dict[str, Any]] = []
        services: Sequence[tuple[str, str]] = ()
        for number in range(_MOST_READS):
            found = self.page(provider, limit=_READ_FOR_NAMES if self.filters.person else _ROWS, cursor=cursor)
            if number == 0:
                names, services = read_names_and_services(self.actor, provider, found.results, self.now)
            else:
                names = read_names(self.actor, found.results, self.now)
            rows += [
                booking_row(booking, self.now, name)
                for booking, name in zip(found.results, names, strict=True)
                if self.filters.accepts(name)
            ]
            cursor = found.next_cursor
            if cursor is None or not self.filters.person or len(rows) >= _ROWS:
                break
        return rows, services, cursor


def booking_row(booking: BookingSummary, now: datetime, name: str = "") -> dict[str, Any]:
    """A line of a list of bookings, as its provider reads it, with the customer's name where it is known."""
    return {
        "booking_id": booking.booking_id,
        "service": booking.service_name,
        "customer": name,
        "when": format_briefly(booking.starts_at, booking.time_zone),
        "price": format_money(booking.price),
        "badge": booking_badge(booking, Role.PROVIDER, now),
    }


class ExportBookings(_Filtered):
    """The filtered bookings as CSV: all of them, some hundreds a Query."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = get_provider(self.provider_id)
        return csv_file("bookings.csv", csv_lines(self._rows(provider)))

    def _rows(self, provider: Provider) -> Iterator[Sequence[Any]]:
        yield "number", "status", "service", "customer", "starts_at", "ends_at", "time_zone", "price", "currency"
        cursor = None
        while True:
            found = self.page(provider, limit=_EXPORT_ROWS, cursor=cursor)
            names = read_names(self.actor, found.results, self.now)
            for booking, name in zip(found.results, names, strict=True):
                if self.filters.accepts(name):
                    yield (
                        booking.booking_id,
                        booking.status_at(self.now).value,
                        booking.service_name,
                        name,
                        to_rfc3339(booking.starts_at),
                        to_rfc3339(booking.ends_at),
                        booking.time_zone,
                        booking.price.decimal,
                        booking.price.currency,
                    )
            cursor = found.next_cursor
            if cursor is None:
                return
