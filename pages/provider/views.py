"""A provider's working day."""

from typing import Any, ClassVar

from pages.parts import chart_bars
from pages.provider.base import ProviderPage
from pages.provider.reads import get_day, list_requests
from pages.provider.screens import day_screen, request_row


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
        return {"requests": [request_row(booking) for booking in page.results], "next_cursor": page.next_cursor}
