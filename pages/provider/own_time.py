"""Time that a provider keeps for themselves: set, changed and freed, without dragging."""

import contextlib
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.queries import list_bookings_by_id
from catalog.domain import OwnTime
from catalog.queries import get_own_time, own_times_read, provider_read
from catalog.services import TimeIsBookedError, block_time, change_own_time, free_own_time
from kernel import storage
from kernel.clock import to_rfc3339
from kernel.errors import DomainError, NotFoundError
from kernel.idempotency import IdempotentRequest
from kernel.web.forms import SiteForm
from pages.addresses import read_date
from pages.provider.base import OwnForm
from pages.provider.bookings import booking_row
from pages.provider.hours import hours_tabs
from pages.provider.hours_forms import NewOwnTimeForm, OwnTimeForm
from pages.provider.reads import read_names
from pages.words import clock_text, own_time_span, own_time_word

# Of what is booked in a time, so much is named; the rest is counted.
_BOOKINGS_SHOWN = 50


class _OwnTimePage(OwnForm):
    """A form that shows what is booked in the time before anything is written, and takes the word that it stays."""

    template_name = "pages/provider/own_time.html"

    @cached_property
    def keep(self) -> frozenset[str]:
        """The bookings in the time that the provider said to keep, of those that were shown."""
        return frozenset(self.request.POST.get("keep", "").split())

    def refuse(self, form: SiteForm, error: DomainError) -> HttpResponse:
        if not isinstance(error, TimeIsBookedError):
            return super().refuse(form, error)
        form.refuse(error)
        found = list_bookings_by_id(actor=self.actor, booking_ids=error.bookings[:_BOOKINGS_SHOWN])
        shown = sorted(found, key=lambda booking: booking.starts_at)
        names = read_names(self.actor, shown, self.now)
        booked = {
            "rows": [booking_row(booking, self.now, name) for booking, name in zip(shown, names, strict=True)],
            "others": len(error.bookings) - len(shown),
            "keep": " ".join(error.bookings),
        }
        return self.render({"form": form, "booked": booked, **self.context()}, status=409)


class OwnTimes(_OwnTimePage):
    """What is kept free from now on, and the form that keeps more. One BatchGetItem."""

    form_class = NewOwnTimeForm
    heading = gettext_lazy("Own time")
    action = gettext_lazy("Block the time")

    def initial(self) -> dict[str, Any]:
        return {"kind": "private", "first": read_date(self.request.GET.get("day", ""))}

    def context(self) -> dict[str, Any]:
        # The provider, too: who has none is led to the set-up.
        _provider, own_times = storage.read_all(provider_read(self.provider_id), own_times_read(self.provider_id))
        return {
            "tabs": hours_tabs("provider-own-times"),
            "own_times": [own_time_row(each) for each in own_times if self.now < each.ends_at],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "remove" not in request.POST:
            return super().post(request, *args, **kwargs)
        # Pressed twice, or in two windows: it is free all the same.
        with contextlib.suppress(NotFoundError):
            free_own_time(
                actor=self.actor, provider_id=self.provider_id, own_time_id=request.POST["remove"], now=self.now
            )
        return self.saved(request.path, _("The time can be booked again."))

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        wanted = cast("NewOwnTimeForm", form).values(self.provider.time_zone)
        block_time(
            actor=self.actor,
            provider_id=self.provider_id,
            values=wanted,
            keep=self.keep,
            idempotency=IdempotentRequest.of(
                user_id=self.actor.user_id,
                key=values["idempotency_key"],
                method="POST",
                path=self.request.path,
                body=[wanted.kind, _text(wanted.first), _text(wanted.last), sorted(self.keep)],
                represent=lambda own_time: {"id": own_time.own_time_id},
            ),
            now=self.now,
        )
        return self.saved(self.request.path, _("The time is blocked."))


class EditOwnTime(_OwnTimePage):
    """The page of a time that the provider keeps free."""

    form_class = OwnTimeForm
    heading = gettext_lazy("Change own time")

    @cached_property
    def own_time(self) -> OwnTime:
        """The one of the address. Raises `NotFoundError`."""
        return get_own_time(actor=self.actor, provider_id=self.provider_id, own_time_id=self.kwargs["own_time_id"])

    def initial(self) -> dict[str, Any]:
        own_time = self.own_time
        zone, a_moment = ZoneInfo(own_time.time_zone), timedelta(seconds=1)
        start, end = own_time.starts_at.astimezone(zone), own_time.ends_at.astimezone(zone)
        last = (own_time.ends_at - a_moment).astimezone(zone).date()
        # Where clocks are put forward at midnight, the day begins at one.
        is_from_midnight = (own_time.starts_at - a_moment).astimezone(zone).date() != start.date()
        return {
            "version": own_time.version,
            "kind": own_time.kind,
            "first": start.date(),
            "last": last if last != start.date() else None,
            "begins": clock_text(start.hour * 60 + start.minute) if not is_from_midnight else "",
            "ends": clock_text(end.hour * 60 + end.minute) if end.date() == last else "",
        }

    def context(self) -> dict[str, Any]:
        return {
            "own_time": own_time_row(self.own_time),
            "crumbs": [(_("Own time"), reverse("provider-own-times")), (self.heading, "")],
        }

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        change_own_time(
            actor=self.actor,
            provider_id=self.provider_id,
            own_time_id=self.kwargs["own_time_id"],
            # By the clock that the form shows, wherever the provider has moved since.
            values=cast("OwnTimeForm", form).values(self.own_time.time_zone),
            keep=self.keep,
            expected_version=values["version"],
            now=self.now,
        )
        return self.saved(reverse("provider-own-times"))


def _text(value: date | datetime) -> str:
    return to_rfc3339(value) if isinstance(value, datetime) else value.isoformat()


def own_time_row(own_time: OwnTime) -> dict[str, Any]:
    """A line of the list."""
    return {
        "own_time_id": own_time.own_time_id,
        "word": own_time_word(own_time.kind),
        "span": own_time_span(own_time),
    }
