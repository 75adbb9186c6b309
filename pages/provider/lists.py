"""A provider's bookings as lists and files: calendar, bookings, money, reviews."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from bookings.domain import BookingSummary, Earned, Invoice, Status
from bookings.queries import earnings_read, list_bookings, list_invoices
from bookings.words import status_words
from catalog.domain import Provider
from catalog.queries import get_provider, own_times_read, provider_read
from kernel import storage
from kernel.actors import Role
from kernel.clock import to_rfc3339
from kernel.dynamo_admin.exports import csv_lines
from kernel.idempotency import IdempotentRequest
from kernel.ids import parent_provider_id
from kernel.web.forms import SiteForm
from kernel.wording.money import format_money
from kernel.wording.times import format_briefly, format_zone
from pages.addresses import read_date
from pages.base import FormPage
from pages.parts import chart_bars
from pages.provider.base import ProviderPage
from pages.provider.forms import AnswerForm
from pages.provider.reads import list_span
from pages.provider.screens import main_currency, month_bars, review_row
from pages.provider.week import monday_of, week
from pages.words import booking_badge
from reviews.domain import review_not_found
from reviews.queries import get_review, list_own_reviews
from reviews.services import answer_review

_WEEK_ROWS = 600
_ROWS = 30
_EXPORT_ROWS = 500
_MONTHS_SHOWN = 12


class Calendar(ProviderPage):
    """A week in columns. One BatchGetItem and one Query, however full the week is."""

    template_name = "pages/provider/calendar.html"
    partials: ClassVar[frozenset[str]] = frozenset({"week"})

    def context(self) -> dict[str, Any]:
        provider, own_times = storage.read_all(provider_read(self.provider_id), own_times_read(self.provider_id))
        today = self.now.astimezone(ZoneInfo(provider.time_zone)).date()
        first = monday_of(_near(read_date(self.request.GET.get("week", "")), today))
        bookings = list_span(actor=self.actor, provider=provider, first=first, days=7, limit=_WEEK_ROWS, now=self.now)
        return {
            "week": week(provider, bookings, own_times, first=first, now=self.now),
            "day": max(first, today).isoformat(),
            "before": (first - timedelta(days=7)).isoformat(),
            "after": (first + timedelta(days=7)).isoformat(),
            "zone": format_zone(self.now, provider.time_zone),
        }


def _near(day: date | None, today: date) -> date:
    """The day, if it is within some years of today: calendars end."""
    return day if day is not None and abs((day - today).days) < 3660 else today


# The views of the list, by what they are called in the address; nothing filters nothing.
_FILTERS: dict[str, tuple[Any, Status | None]] = {
    "": (gettext_lazy("All"), None),
    "pending": (gettext_lazy("Waiting"), Status.PENDING),
    "confirmed": (gettext_lazy("Confirmed"), Status.CONFIRMED),
    "completed": (gettext_lazy("To be paid"), Status.COMPLETED),
    "paid": (gettext_lazy("Paid"), Status.PAID),
    "no_show": (gettext_lazy("Nobody was in"), Status.NO_SHOW),
    "cancelled": (gettext_lazy("Cancelled"), Status.CANCELLED),
}


class _Filtered(ProviderPage):
    """Bookings by status and span, from the address."""

    @property
    def status(self) -> str:
        status = self.request.GET.get("status", "")
        return status if status in _FILTERS else ""

    @property
    def span(self) -> tuple[date | None, date | None]:
        return read_date(self.request.GET.get("from", "")), read_date(self.request.GET.get("to", ""))

    def page(self, provider: Provider, *, limit: int, cursor: str | None) -> Any:
        """One page of the bookings, the latest first."""
        first, last = self.span
        zone = ZoneInfo(provider.time_zone)
        starts_from = datetime.combine(first, time(), zone).astimezone(UTC) if first else None
        starts_before = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC) if last else None
        if starts_from and starts_before and starts_from >= starts_before:
            starts_before = None
        return list_bookings(
            actor=self.actor,
            status=_FILTERS[self.status][1],
            starts_from=starts_from,
            starts_before=starts_before,
            limit=limit,
            cursor=cursor,
            now=self.now,
        )


class Bookings(_Filtered):
    """All bookings, by status and span; one of them by its number. One GetItem and one Query."""

    template_name = "pages/provider/bookings.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        number = request.GET.get("number", "").strip().lower()
        if number and parent_provider_id(number) == self.provider_id:
            return HttpResponseRedirect(reverse("booking", args=[number]))
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        provider = get_provider(self.provider_id)
        found = self.page(provider, limit=_ROWS, cursor=self.request.GET.get("cursor"))
        kept = {name: self.request.GET[name] for name in ("from", "to") if self.request.GET.get(name)}
        query = {**kept, **({"status": self.status} if self.status else {})}
        return {
            "rows": [booking_row(booking, self.now) for booking in found.results],
            "tabs": [
                {
                    "label": label,
                    "href": f"{self.request.path}?{urlencode({**kept, 'status': name} if name else kept)}",
                    "is_current": name == self.status,
                    "count": None,
                }
                for name, (label, _status) in _FILTERS.items()
            ],
            "status": self.status,
            "number": self.request.GET.get("number", ""),
            "export_href": f"{reverse('provider-bookings-export')}?{urlencode(query)}",
            "more_href": found.next_cursor and f"?{urlencode({**query, 'cursor': found.next_cursor})}",
        }


def booking_row(booking: BookingSummary, now: datetime) -> dict[str, Any]:
    """A line of a list of bookings, as its provider reads it."""
    words = status_words(booking, Role.PROVIDER, now)
    return {
        "booking_id": booking.booking_id,
        "service": booking.service_name,
        "when": format_briefly(booking.starts_at, booking.time_zone),
        "price": format_money(booking.price),
        "badge": booking_badge(booking.status_at(now), words.word),
    }


class ExportBookings(_Filtered):
    """The filtered bookings as CSV: all of them, some hundreds a Query."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = get_provider(self.provider_id)
        return _csv("bookings.csv", csv_lines(self._rows(provider)))

    def _rows(self, provider: Provider) -> Iterator[Sequence[Any]]:
        yield "number", "status", "service", "starts_at", "ends_at", "time_zone", "price", "currency"
        cursor = None
        while True:
            found = self.page(provider, limit=_EXPORT_ROWS, cursor=cursor)
            for booking in found.results:
                yield (
                    booking.booking_id,
                    booking.status_at(self.now).value,
                    booking.service_name,
                    to_rfc3339(booking.starts_at),
                    to_rfc3339(booking.ends_at),
                    booking.time_zone,
                    booking.price.decimal,
                    booking.price.currency,
                )
            cursor = found.next_cursor
            if cursor is None:
                return


def _csv(name: str, lines: Iterator[str]) -> HttpResponse:
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- Money -----------------------------------------------------------------------------------------------------------


class _OfMonth(ProviderPage):
    """The paid jobs of the month that the address names, with their invoices."""

    def month(self, zone: str) -> date:
        """The month's first day; the present one's unless another is named."""
        named = read_date(f"{self.request.GET.get('month', '')}-01")
        local = self.now.astimezone(ZoneInfo(zone)).date()
        return (named or local).replace(day=1)

    def invoices(self, provider: Provider, first: date, *, limit: int, cursor: str | None) -> Any:
        """One page of paid jobs, the latest first, each with its invoice, and the cursor of the next page."""
        zone = ZoneInfo(provider.time_zone)
        page = list_bookings(
            actor=self.actor,
            status=Status.PAID,
            starts_from=datetime.combine(first, time(), zone).astimezone(UTC),
            starts_before=datetime.combine(_next_month(first), time(), zone).astimezone(UTC),
            limit=limit,
            cursor=cursor,
            now=self.now,
        )
        found = list_invoices(page.results)
        invoices = [found[booking.booking_id] for booking in page.results if booking.booking_id in found]
        return invoices, page.next_cursor


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


class Money(_OfMonth):
    """What was paid, by month of the job: sums, a chart, and the invoices of one month."""

    template_name = "pages/provider/money.html"

    def context(self) -> dict[str, Any]:
        provider, earnings = storage.read_all(provider_read(self.provider_id), earnings_read(actor=self.actor))
        first = self.month(provider.time_zone)
        invoices, next_cursor = self.invoices(provider, first, limit=_ROWS, cursor=self.request.GET.get("cursor"))
        number = self.request.GET.get("number", "").strip().upper()
        month = f"{first:%Y-%m}"
        local = self.now.astimezone(ZoneInfo(provider.time_zone))
        return {
            "title": date_format(first, "F Y"),
            "month": month,
            "months": _months(earnings or (), local),
            "sums": [_sum(each) for each in earnings or () if each.month == month],
            "bars": chart_bars(month_bars(earnings or (), local, 6)),
            "currency": main_currency(earnings or ()),
            "number": number,
            "rows": [_invoice(invoice) for invoice in invoices if number in invoice.number_text],
            "more_href": next_cursor and f"?{urlencode({'month': month, 'cursor': next_cursor})}",
        }


def _months(earnings: Sequence[Earned], local: datetime) -> list[tuple[str, str]]:
    """The months to choose from, the present first."""
    months = sorted({each.month for each in earnings} | {f"{local:%Y-%m}"}, reverse=True)
    return [(month, date_format(date.fromisoformat(f"{month}-01"), "F Y")) for month in months[:_MONTHS_SHOWN]]


def _sum(each: Earned) -> dict[str, Any]:
    return {
        "total": format_money(each.total),
        "net": format_money(each.net),
        "tax": format_money(each.tax),
        "count": each.invoices,
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "booking_id": invoice.booking_id,
        "number": invoice.number_text,
        "service": invoice.service_name,
        "date": date_format(invoice.starts_at.astimezone(ZoneInfo(invoice.time_zone)), "j N Y"),
        "total": format_money(invoice.total),
    }


class ExportInvoices(_OfMonth):
    """A month's invoices for the accountant, as CSV; at most a hundred a call."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = get_provider(self.provider_id)
        first = self.month(provider.time_zone)
        return _csv(f"invoices-{first:%Y-%m}.csv", csv_lines(self._rows(provider, first)))

    def _rows(self, provider: Provider, first: date) -> Iterator[Sequence[Any]]:
        yield "number", "date_of_job", "date_of_invoice", "service", "net", "tax", "gross", "currency", "tax_percent"
        cursor = None
        while True:
            invoices, cursor = self.invoices(provider, first, limit=100, cursor=cursor)
            for invoice in invoices:
                zone = ZoneInfo(invoice.time_zone)
                yield (
                    invoice.number_text,
                    invoice.starts_at.astimezone(zone).date().isoformat(),
                    invoice.issued_at.astimezone(zone).date().isoformat(),
                    invoice.service_name,
                    invoice.net.decimal,
                    invoice.tax.decimal,
                    invoice.total.decimal,
                    invoice.total.currency,
                    f"{invoice.tax_rate_basis_points / 100:.2f}",
                )
            if cursor is None:
                return


# --- Reviews ---------------------------------------------------------------------------------------------------------


class Reviews(ProviderPage):
    """What customers wrote, newest first, each with its answer or the way to one."""

    template_name = "pages/provider/reviews.html"

    def context(self) -> dict[str, Any]:
        provider = get_provider(self.provider_id)
        page = list_own_reviews(actor=self.actor, limit=_ROWS, cursor=self.request.GET.get("cursor"))
        return {
            "rating": provider.rating.average / 100,
            "count": provider.rating.count,
            "reviews": [review_row(review, provider.time_zone) for review in page.results],
            "more_href": page.next_cursor and f"?{urlencode({'cursor': page.next_cursor})}",
        }


class AnswerReview(ProviderPage, FormPage):
    """Answer a review, once, for everyone to read."""

    template_name = "pages/provider/answer.html"
    form_class = AnswerForm
    heading = gettext_lazy("Answer this review")
    action = gettext_lazy("Publish the answer")

    def context(self) -> dict[str, Any]:
        review = get_review(self.kwargs["review_id"])
        if review.provider_id != self.provider_id:
            raise review_not_found()
        return {"review": review_row(review, "UTC")}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        answer_review(
            actor=self.actor,
            review_id=self.kwargs["review_id"],
            answer=values["answer"],
            idempotency=IdempotentRequest.of(
                user_id=self.actor.user_id,
                key=values["idempotency_key"],
                method="POST",
                path=self.request.path,
                body=values["answer"],
                represent=lambda review: {"id": review.review_id},
            ),
            now=self.now,
        )
        return self.done(reverse("provider-reviews"))
