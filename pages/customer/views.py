"""A customer's bookings, at one glance."""

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from bookings.queries import list_bookings
from kernel.actors import Role
from kernel.clock import from_rfc3339, now, to_rfc3339
from pages.base import Page
from pages.customer.screens import bookings_lists, past_list
from reviews.queries import list_own_reviews

_AHEAD, _BEHIND, _REVIEWS = 50, 10, 50


class Bookings(Page):
    """What comes next, what needs an answer, and what was. Three Queries, flat however many bookings there are."""

    template_name = "pages/customer/bookings.html"
    roles = (Role.CUSTOMER,)
    partials: ClassVar[frozenset[str]] = frozenset({"bookings", "more"})

    def context(self) -> dict[str, Any]:
        moment, cursor = now(), self.request.GET.get("cursor")
        # A cursor goes on where its list began: the instant of the first page travels with it.
        before = self._begun_at(moment) if cursor else moment
        behind = list_bookings(
            actor=self.actor, starts_before=before, latest_first=True, limit=_BEHIND, cursor=cursor, now=moment
        )
        if cursor:
            # More of what was; what is ahead, and what is to be done, is on the first page.
            lists = past_list(behind.results, moment)
        else:
            ahead = list_bookings(actor=self.actor, starts_from=moment, latest_first=False, limit=_AHEAD, now=moment)
            reviews = list_own_reviews(actor=self.actor, limit=_REVIEWS)
            reviewed = {review.review_id for review in reviews.results}
            lists = bookings_lists(ahead.results, behind.results, reviewed, moment)
        query = {"before": to_rfc3339(before), "cursor": behind.next_cursor}
        more = behind.next_cursor and f"{self.request.path}?{urlencode(query)}"
        return {"lists": lists, "more_href": more, "is_more": bool(cursor)}

    def _begun_at(self, default: datetime) -> datetime:
        """When the list began that a cursor goes on with; the default for what the page did not write itself."""
        try:
            begun_at = from_rfc3339(self.request.GET.get("before", ""))
        except ValueError:
            return default
        return begun_at if begun_at.tzinfo else default
