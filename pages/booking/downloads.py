"""The files of a booking: for calendars, and its invoice."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from bookings.domain import Status
from bookings.services import get_invoice_link
from kernel.errors import NotFoundError
from kernel.sentences import sentence
from pages.booking.follow import OfBooking


class DownloadCalendarEntry(OfBooking):
    """The appointment as a file for calendars, while it is confirmed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Here, so that the site need not load what writes calendars.
        from notifications.messages.calendar import calendar_entry

        booking, details = self.found
        if booking.status_at(self.now) is not Status.CONFIRMED:
            raise NotFoundError(sentence("Only a confirmed appointment has a calendar entry."))
        shown = details if details is not None and booking.shows_details_to(self.actor, self.now) else None
        entry = calendar_entry(
            booking,
            method="PUBLISH",
            summary=f"{booking.service_name} – {booking.provider_name}",
            location=shown.address if shown else "",
            stamped_at=booking.updated_at,
        )
        return HttpResponse(
            entry,
            content_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
        )


class DownloadInvoice(OfBooking):
    """Leads to the invoice's PDF, at an address that is valid for some minutes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        link = get_invoice_link(actor=self.actor, booking_id=self.booking_id, now=self.now)
        return HttpResponseRedirect(link.url)
