"""A provider's bookings as lists and files: calendar, bookings, money, reviews."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from catalog.queries import get_provider
from kernel.idempotency import IdempotentRequest
from kernel.web.forms import SiteForm
from pages.addresses import read_date
from pages.base import FormPage
from pages.provider.base import ProviderPage
from pages.provider.forms import AnswerForm
from pages.provider.reads import list_span, read_names_and_own_times
from pages.provider.screens import review_row
from pages.provider.week import monday_of, week
from pages.words import zone_of_days
from reviews.domain import Review, review_not_found
from reviews.queries import get_review, list_own_reviews
from reviews.services import answer_review

_ROWS = 30


class Calendar(ProviderPage):
    """A week in columns. One GetItem, one Query and one BatchGetItem, however full the week is."""

    template_name = "pages/provider/calendar.html"
    partials: ClassVar[frozenset[str]] = frozenset({"week"})

    def context(self) -> dict[str, Any]:
        provider = get_provider(self.provider_id)
        today = self.now.astimezone(ZoneInfo(provider.time_zone)).date()
        first = monday_of(_near(read_date(self.request.GET.get("week", "")), today))
        bookings = list_span(actor=self.actor, provider=provider, first=first, days=7, now=self.now)
        names, own_times = read_names_and_own_times(self.actor, bookings, self.now)
        return {
            "week": week(provider, bookings, own_times, names=names, first=first, now=self.now),
            "day": max(first, today).isoformat(),
            "before": (first - timedelta(days=7)).isoformat(),
            "after": (first + timedelta(days=7)).isoformat(),
            "zone": zone_of_days(first, first + timedelta(days=6), provider.time_zone),
        }


def _near(day: date | None, today: date) -> date:
    """The day, if it is within some years of today: calendars end."""
    return day if day is not None and abs((day - today).days) < 3660 else today


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

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where there is an answer already, the list shows it."""
        if self.review.answer:
            return HttpResponseRedirect(reverse("provider-reviews"))
        return super().get(request, *args, **kwargs)

    @cached_property
    def review(self) -> Review:
        """The review of the address. Raises `NotFoundError` for one of others."""
        review = get_review(self.kwargs["review_id"])
        if review.provider_id != self.provider_id:
            raise review_not_found()
        return review

    def context(self) -> dict[str, Any]:
        return {"review": review_row(self.review, "UTC")}

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
