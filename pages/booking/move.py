"""Moving an appointment, or proposing another time for it: `/bookings/<id>/move`."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext as _

from bookings.domain import Action, Status, was_moved_to
from bookings.queries import get_times_for
from bookings.services import propose_move, reschedule_booking
from kernel.actors import Role
from kernel.web.forms import SiteForm
from kernel.wording.money import format_money
from kernel.wording.times import format_length, format_moment
from pages.addresses import read_date, read_instant
from pages.booking import forms
from pages.booking.follow import FormOfBooking
from pages.booking.screens import DAYS_SHOWN, calendar, today_in


class Move(FormOfBooking):
    """Move the appointment to another free time, or propose one where the other side must agree."""

    template_name = "pages/booking/move.html"
    form_class = forms.MoveForm
    partials: ClassVar[frozenset[str]] = frozenset({"times"})
    partials_template = "pages/booking/_times.html"

    @property
    def is_possible(self) -> bool:
        return self._moves_at_once or self.found[0].can(Action.PROPOSE, self.actor, self.now)

    def context(self) -> dict[str, Any]:
        booking, _details = self.found
        first, chosen = self._days()
        availability = get_times_for(booking, actor=self.actor, first=first, last=None, now=self.now)
        today = today_in(booking.time_zone, self.now)
        times = calendar(
            [start for start in availability.starts if start != booking.starts_at],
            zone=booking.time_zone,
            first=max(first, today) if first else today,
            today=today,
            horizon=today_in(booking.time_zone, self.now, days=availability.offer.provider.horizon_days),
            chosen=chosen,
            start=self._wanted,
        )
        return {
            **super().context(),
            "calendar": times,
            "moves_at_once": self._moves_at_once,
            "consequence": self._consequence,
            "now_at": format_moment(booking.starts_at, booking.time_zone),
        }

    def _days(self) -> tuple[date | None, date | None]:
        """From which day on times are shown, and the chosen one: of a time that could not be had its own day."""
        first, chosen = (read_date(self.request.GET.get(name, "")) for name in ("from", "day"))
        wanted = self._wanted
        if first or chosen or wanted is None:
            return first, chosen
        zone = self.found[0].time_zone
        day = today_in(zone, wanted)
        return (day if day >= today_in(zone, self.now, days=DAYS_SHOWN) else None), day

    @property
    def _wanted(self) -> datetime | None:
        """The time that was sent, where the form is shown again."""
        return read_instant(self.sent.get("starts_at", ""))

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        booking, _details = self.found
        # Where the form was sent twice, it may be that by now another move can only be proposed.
        is_repetition = was_moved_to(values["starts_at"], booking, self.actor)
        move = reschedule_booking if self._moves_at_once or is_repetition else propose_move
        move(
            actor=self.actor,
            booking_id=self.booking_id,
            starts_at=values["starts_at"],
            expected_version=values["version"],
            now=self.now,
        )
        return self.done(self.address)

    @property
    def _moves_at_once(self) -> bool:
        return self.found[0].can(Action.RESCHEDULE, self.actor, self.now)

    @property
    def _consequence(self) -> str:
        """What follows from choosing a time, as whoever chooses it reads it."""
        booking = self.found[0]
        if not self._moves_at_once:
            return _(
                "The other side has a day to accept it. Until then the appointment stays as it is, and the new time is "
                "not held."
            )
        if booking.is_for_caller:
            return _("It is moved at once. They get an email if they left an address; else call them.")
        told = _("It is moved at once, and the other side is told.")
        return f"{told} {self._cancelling_then}".strip()

    @property
    def _cancelling_then(self) -> str:
        """What cancelling costs the customer once they have moved the appointment; empty for others, and if nothing."""
        booking, _details = self.found
        fee, hours = booking.late_cancellation_fee, booking.free_cancellation_hours
        is_agreed = booking.status is Status.CONFIRMED and booking.party(self.actor) is Role.CUSTOMER
        if not is_agreed or not fee.amount:
            return ""
        values = {"fee": format_money(fee), "length": format_length(timedelta(hours=hours))}
        if self.now >= booking.free_cancellation_until:
            return _("Cancelling costs %(fee)s at the new time, too.") % values
        if not hours:
            return ""
        return _("Cancelling is free until %(length)s before the new time; after that it costs %(fee)s.") % values
