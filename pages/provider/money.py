"""What was paid: sums by the month of the job, invoices, and the file for the accountant."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format

from bookings.domain import Earned, Invoice, Status
from bookings.queries import earnings_read, list_bookings
from catalog.domain import Provider
from catalog.queries import get_provider, provider_read
from kernel import storage
from kernel.dynamo_admin.exports import csv_lines
from kernel.wording.money import format_money
from kernel.wording.times import format_calendar_day
from pages.addresses import read_date
from pages.parts import chart_bars
from pages.provider.base import ProviderPage
from pages.provider.files import csv_file
from pages.provider.reads import Billed, has_words, read_billed
from pages.provider.screens import main_currency, month_bars

_ROWS = 30
# By this much at the most the calendars of two places differ.
_A_DAY = timedelta(days=1)
# Numbers and names are not in bookings: they are read beside so many, at most so often for one page of a search.
_READ_FOR_SEARCH = 50
_MOST_READS = 6
_LONGEST_SEARCH = 100


class _OfMonth(ProviderPage):
    """The paid jobs of the month that the address names, with their invoices."""

    def month(self, zone: str) -> date:
        """The month's first day; the present one's unless another is named."""
        named = read_date(f"{self.request.GET.get('month', '')}-01")
        local = self.now.astimezone(ZoneInfo(zone)).date()
        return (named or local).replace(day=1)

    def billed(
        self, provider: Provider, first: date | None, *, limit: int, cursor: str | None
    ) -> tuple[list[Billed], str | None]:
        """One page of paid jobs of the month (None: of all), the latest first, and the cursor of the next page.

        The month is that of the job by the calendar of its place, as in the sums: the provider may have moved since.
        """
        zone = ZoneInfo(provider.time_zone)
        page = list_bookings(
            actor=self.actor,
            status=Status.PAID,
            starts_from=datetime.combine(first - _A_DAY, time(), zone).astimezone(UTC) if first else None,
            starts_before=datetime.combine(_next_month(first) + _A_DAY, time(), zone).astimezone(UTC)
            if first
            else None,
            limit=limit,
            cursor=cursor,
            now=self.now,
        )
        billed = read_billed(self.actor, page.results, self.now)
        return [each for each in billed if not first or each.invoice.month == f"{first:%Y-%m}"], page.next_cursor


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


class Money(_OfMonth):
    """What was paid, by month of the job: sums, a chart, and the invoices of one month, or those that are searched for.

    Two BatchGetItems and one Query; a search, of all months, takes up to six Queries and as many BatchGetItems.
    """

    template_name = "pages/provider/money.html"

    def context(self) -> dict[str, Any]:
        provider, earnings = storage.read_all(provider_read(self.provider_id), earnings_read(actor=self.actor))
        first = self.month(provider.time_zone)
        month = f"{first:%Y-%m}"
        local = self.now.astimezone(ZoneInfo(provider.time_zone))
        wanted = self.request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
        cursor = self.request.GET.get("cursor")
        if wanted:
            billed, next_cursor = self._search(provider, wanted, cursor)
        else:
            billed, next_cursor = self.billed(provider, first, limit=_ROWS, cursor=cursor)
        kept = {"q": wanted} if wanted else {"month": month}
        return {
            "title": date_format(first, "F Y"),
            "month": month,
            "months": _months({each.month for each in earnings or ()} | {month, f"{local:%Y-%m}"}),
            "sums": [_sum(each) for each in earnings or () if each.month == month],
            "bars": chart_bars(month_bars(earnings or (), local, 6)),
            "currency": main_currency(earnings or ()),
            "wanted": wanted,
            "rows": [_invoice(each) for each in billed],
            "more_href": next_cursor and f"?{urlencode({**kept, 'cursor': next_cursor})}",
        }

    def _search(self, provider: Provider, wanted: str, cursor: str | None) -> tuple[list[Billed], str | None]:
        """The invoices with that in their number, or to a customer of that name, the latest job first."""
        rows: list[Billed] = []
        for _number in range(_MOST_READS):
            billed, cursor = self.billed(provider, None, limit=_READ_FOR_SEARCH, cursor=cursor)
            rows += [
                each
                for each in billed
                if wanted.upper() in each.invoice.number_text or has_words(each.customer, wanted)
            ]
            if cursor is None or len(rows) >= _ROWS:
                break
        return rows, cursor


def _months(months: Set[str]) -> list[tuple[str, str]]:
    """The months to choose from, the latest first."""
    return [(month, date_format(date.fromisoformat(f"{month}-01"), "F Y")) for month in sorted(months, reverse=True)]


def _sum(each: Earned) -> dict[str, Any]:
    return {
        "total": format_money(each.total),
        "net": format_money(each.net),
        "tax": format_money(each.tax),
        "count": each.invoices,
    }


def _invoice(billed: Billed) -> dict[str, Any]:
    invoice = billed.invoice
    return {
        "customer": billed.customer,
        "booking_id": invoice.booking_id,
        "number": invoice.number_text,
        "service": invoice.service_name,
        "date": format_calendar_day(invoice.starts_at.astimezone(ZoneInfo(invoice.time_zone)).date(), "j N Y"),
        "total": format_money(invoice.total),
    }


class ExportInvoices(_OfMonth):
    """A month's invoices for the accountant, as CSV; fifty a call."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = get_provider(self.provider_id)
        first = self.month(provider.time_zone)
        return csv_file(f"invoices-{first:%Y-%m}.csv", csv_lines(self._rows(provider, first)))

    def _rows(self, provider: Provider, first: date) -> Iterator[Sequence[Any]]:
        yield (
            *("number", "date_of_job", "date_of_invoice", "service", "customer"),
            *("net", "tax", "gross", "currency", "tax_percent"),
        )
        cursor = None
        while True:
            billed, cursor = self.billed(provider, first, limit=_READ_FOR_SEARCH, cursor=cursor)
            for each in billed:
                invoice: Invoice = each.invoice
                zone = ZoneInfo(invoice.time_zone)
                yield (
                    invoice.number_text,
                    invoice.starts_at.astimezone(zone).date().isoformat(),
                    invoice.issued_at.astimezone(zone).date().isoformat(),
                    invoice.service_name,
                    each.customer,
                    invoice.net.decimal,
                    invoice.tax.decimal,
                    invoice.total.decimal,
                    invoice.total.currency,
                    f"{invoice.tax_rate_basis_points / 100:.2f}",
                )
            if cursor is None:
                return
