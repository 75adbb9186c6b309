"""The API of bookings."""

from datetime import datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request

from bookings import queries, services
from bookings.domain import Booking, Status, checked_details
from bookings.representation import represent_booking, represent_details, represent_invoice_link, represent_summary
from bookings.serializers import (
    BookingListSchema,
    BookingRequest,
    BookingSchema,
    BookingsQuery,
    InvoiceSchema,
    Nothing,
    Reschedule,
    StatusChange,
)
from kernel.web.permissions import SignedIn
from kernel.web.rest import ApiView, documented


class BookingListView(ApiView):
    """Requesting appointments, and the lists of them."""

    permission_classes = (SignedIn,)

    @documented(summary="List your bookings", parameters=[BookingsQuery], responses={200: BookingListSchema})
    def get(self, request: Request) -> HttpResponseBase:
        """By start. An admin names whose. Requests that have lapsed are left out of the `pending` ones."""
        actor, now = self.actor(request), self.now()
        query = self.query(BookingsQuery, request)
        page = queries.list_bookings(
            actor=actor,
            customer_id=query["customer_id"],
            provider_id=query["provider_id"],
            status=Status(query["status"]) if query["status"] else None,
            starts_from=query["from"],
            starts_before=query["to"],
            latest_first=query["order"] == "desc",
            limit=query["limit"],
            cursor=query["cursor"],
            now=now,
        )
        return self.list_response(request, page, lambda booking: represent_summary(booking, actor, now))

    @documented(summary="Request an appointment", request=BookingRequest, responses={201: BookingSchema})
    def post(self, request: Request) -> HttpResponseBase:
        """Hold a start of a service for a customer until the provider answers, at most 24 hours."""
        actor, now = self.actor(request), self.now()

        def represent(booking: Booking) -> dict[str, Any]:
            # What is remembered has no personal part.
            return represent_booking(booking, None, actor, now)

        idempotency = self.idempotent_request(request, actor, represent)
        body = self.validated(BookingRequest, request.data)
        requested = services.request_booking(
            actor=actor,
            service_id=body["service_id"],
            starts_at=body["starts_at"],
            address=body["address"],
            notes=body["notes"],
            idempotency=idempotency,
            now=now,
        )
        # Equal fingerprints: on a repetition, the first request had the same.
        details = checked_details(body["address"], body["notes"])
        return self.created(
            requested.answer | represent_details(details),
            replayed=requested.replayed,
            version=requested.answer["version"],
            location=request.build_absolute_uri(reverse("booking", args=[requested.answer["id"]])),
        )


class _ChangingView(ApiView):
    """Base of the views that answer with one booking."""

    permission_classes = (SignedIn,)

    def _change_status(self, request: Request, booking_id: str, status: Status) -> HttpResponseBase:
        now = self.now()
        changed = services.change_status(
            actor=self.actor(request),
            booking_id=booking_id,
            status=status,
            expected_version=self.expected_version(request),
            now=now,
        )
        return self._booking(request, changed, now)

    def _booking(self, request: Request, found: queries.FoundBooking, now: datetime) -> HttpResponseBase:
        booking, details = found
        return self.detail(represent_booking(booking, details, self.actor(request), now), booking.version)


class BookingView(_ChangingView):
    """One booking."""

    @documented(summary="Show a booking", responses={200: BookingSchema})
    def get(self, request: Request, booking_id: str) -> HttpResponseBase:
        """The booking with its history; its provider sees address and notes once they have confirmed it."""
        found = queries.get_booking(actor=self.actor(request), booking_id=booking_id)
        return self._booking(request, found, self.now())


class BookingStatusView(_ChangingView):
    """The status of a booking."""

    @documented(summary="Change a booking's status", request=StatusChange, responses={200: BookingSchema})
    def put(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Confirm, decline, cancel, complete, mark paid, or record a no-show. Repeating it changes nothing."""
        status = self.validated(StatusChange, request.data)["status"]
        return self._change_status(request, booking_id, Status(status))


class BookingCancellationView(_ChangingView):
    """The cancellation of a booking."""

    @documented(summary="Cancel a booking", request=Nothing, responses={200: BookingSchema})
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Free the time. A customer who cancels a confirmed booking late owes the fee. Repeating it changes nothing."""
        self.validated(Nothing, request.data)
        return self._change_status(request, booking_id, Status.CANCELLED)


class BookingRescheduleView(_ChangingView):
    """The move of a booking to another start."""

    @documented(summary="Move a booking", request=Reschedule, responses={200: BookingSchema})
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Take another start at the booking's own terms. Either both times change hands or none."""
        now = self.now()
        changed = services.reschedule_booking(
            actor=self.actor(request),
            booking_id=booking_id,
            starts_at=self.validated(Reschedule, request.data)["starts_at"],
            expected_version=self.expected_version(request),
            now=now,
        )
        return self._booking(request, changed, now)


class BookingInvoiceView(ApiView):
    """The invoice of a booking."""

    permission_classes = (SignedIn,)

    @documented(summary="Show a booking's invoice", responses={200: InvoiceSchema})
    def get(self, request: Request, booking_id: str) -> HttpResponseBase:
        """The invoice of a paid booking, with an address that gives its PDF to anyone who knows it for five minutes."""
        link = services.get_invoice_link(actor=self.actor(request), booking_id=booking_id, now=self.now())
        return self.detail(represent_invoice_link(link.invoice, url=link.url, url_expires_at=link.expires_at))
