"""A provider's working day."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse

from catalog.queries import get_provider, list_provider_services
from kernel.wording.money import format_money
from pages.addresses import read_date
from pages.parts import chart_bars
from pages.provider.base import ProviderPage
from pages.provider.reads import get_day, list_requests
from pages.provider.screens import day_screen, request_row
from pages.words import format_minutes


class ShowDay(ProviderPage):
    """Requests to answer, today's appointments, and the month in figures."""

    template_name = "pages/provider/day.html"
    partials: ClassVar[frozenset[str]] = frozenset({"day"})

    def context(self) -> dict[str, Any]:
        screen = day_screen(get_day(actor=self.actor, now=self.now), self.actor, self.now)
        return {"screen": screen, "requests": screen.requests, "bars": chart_bars(list(screen.bars))}


class Requests(ProviderPage):
    """All that waits for an answer."""

    template_name = "pages/provider/requests.html"
    partials: ClassVar[frozenset[str]] = frozenset({"requests"})

    def context(self) -> dict[str, Any]:
        page = list_requests(actor=self.actor, now=self.now, cursor=self.request.GET.get("cursor"))
        rows = [request_row(booking, self.now) for booking in page.results]
        return {"requests": rows, "next_cursor": page.next_cursor}


class ChooseService(ProviderPage):
    """For which of the services somebody calls. One GetItem and one BatchGetItem."""

    template_name = "pages/provider/call.html"

    def context(self) -> dict[str, Any]:
        services = list_provider_services(get_provider(self.provider_id))
        day = read_date(self.request.GET.get("day", ""))
        query = f"?{urlencode({'day': day.isoformat(), 'from': day.isoformat()})}" if day else ""
        rows = [
            {
                "href": reverse("book-for-caller", args=[service.service_id]) + query,
                "name": service.name,
                "price": format_money(service.price),
                "length": format_minutes(service.duration_minutes),
            }
            for service in services
            if service.active
        ]
        return {"services": rows}
