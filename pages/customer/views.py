"""A customer's bookings, at one glance."""

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bookings.domain import BookingSummary
from bookings.queries import list_bookings
from bookings.services import has_requested
from kernel.actors import Role
from kernel.clock import now, to_rfc3339
from kernel.lists import ListPage
from pages.addresses import read_instant
from pages.base import Page
from pages.customer.screens import ahead_list, bookings_lists, past_list
from reviews.queries import list_own_reviews

_AHEAD, _BEHIND, _REVIEWS = 50, 10, 50


class Bookings(Page):
    """What comes next, what needs an answer, and what was. Three Queries, flat however many bookings there are.

    A provider has what they booked before they became one, or is led to the bookings of their business.
    """

    template_name = "pages/customer/bookings.html"
    roles = (Role.CUSTOMER, Role.PROVIDER)
    partials: ClassVar[frozenset[str]] = frozenset({"bookings", "more"})
    cursors = ("cursor", "later", "from")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.actor.role is Role.PROVIDER and not has_requested(self.actor.user_id):
            return redirect("provider-bookings")
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        moment, cursor = now(), self.request.GET.get("cursor")
        if later := self.request.GET.get("later"):
            return self._ahead(self._begun_at(moment), later, moment)
        # A cursor goes on where its list began: the instant of the first page travels with it.
        before = self._begun_at(moment) if cursor else moment
        behind = self._list(cursor, moment, starts_before=before, latest_first=True, limit=_BEHIND)
        if cursor:
            # More of what was; what is ahead, and what is to be done, is on the first page.
            lists, later_href = past_list(behind.results, moment), None
        else:
            ahead = self._list_ahead(moment, None, moment)
            later_href = self._address(moment, later=ahead.next_cursor)
            reviews = list_own_reviews(actor=self.actor.as_customer, limit=_REVIEWS)
            reviewed = {review.review_id for review in reviews.results}
            lists = bookings_lists(ahead.results, behind.results, reviewed, moment)
        return {
            "lists": lists,
            "more_href": self._address(before, cursor=behind.next_cursor),
            "later_href": later_href,
            "has_ahead": not cursor,
            "is_more": bool(cursor),
        }

    def _ahead(self, begun_at: datetime, cursor: str, moment: datetime) -> dict[str, Any]:
        """More of what is ahead, alone on its page."""
        ahead = self._list_ahead(begun_at, cursor, moment)
        return {
            "lists": ahead_list(ahead.results, moment),
            "later_href": self._address(begun_at, later=ahead.next_cursor),
            "has_ahead": True,
            "is_more": True,
        }

    def _list_ahead(self, begun_at: datetime, cursor: str | None, moment: datetime) -> ListPage[BookingSummary]:
        return self._list(cursor, moment, starts_from=begun_at, latest_first=False, limit=_AHEAD)

    def _list(self, cursor: str | None, moment: datetime, **span: Any) -> ListPage[BookingSummary]:
        return list_bookings(actor=self.actor.as_customer, cursor=cursor, now=moment, **span)

    def _address(self, begun_at: datetime, **cursor: str | None) -> str | None:
        """The address of the page that goes on with a list; none where it ends."""
        query = urlencode({"from": to_rfc3339(begun_at), **cursor})
        return f"{self.request.path}?{query}" if all(cursor.values()) else None

    def _begun_at(self, default: datetime) -> datetime:
        """When the list began that a cursor goes on with; the default for what the page did not write itself."""
        return read_instant(self.request.GET.get("from", "")) or default
