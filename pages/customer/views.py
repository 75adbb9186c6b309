"""A customer's bookings, at one glance."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from bookings.queries import list_bookings
from kernel.actors import Role
from kernel.clock import now
from pages.base import Page
from pages.customer.screens import bookings_lists
from reviews.queries import list_own_reviews

_AHEAD, _BEHIND, _REVIEWS = 50, 10, 50


class Bookings(Page):
    """What comes next, what needs an answer, and what was. Three Queries, flat however many bookings there are."""

    template_name = "pages/customer/bookings.html"
    roles = (Role.CUSTOMER,)
    partials: ClassVar[frozenset[str]] = frozenset({"bookings", "more"})

    def context(self) -> dict[str, Any]:
        moment, cursor = now(), self.request.GET.get("cursor")
        behind = list_bookings(
            actor=self.actor, starts_before=moment, latest_first=True, limit=_BEHIND, cursor=cursor, now=moment
        )
        if cursor:
            # More of what was: the rest of the page stands already.
            lists = bookings_lists([], behind.results, set(), moment)
        else:
            ahead = list_bookings(actor=self.actor, starts_from=moment, latest_first=False, limit=_AHEAD, now=moment)
            reviews = list_own_reviews(actor=self.actor, limit=_REVIEWS)
            reviewed = {review.review_id for review in reviews.results}
            lists = bookings_lists(ahead.results, behind.results, reviewed, moment)
        more = behind.next_cursor and f"{self.request.path}?{urlencode({'cursor': behind.next_cursor})}"
        return {"lists": lists, "more_href": more, "is_more": bool(cursor)}
