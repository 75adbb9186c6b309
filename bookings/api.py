"""The API of bookings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import queries, services
from bookings.domain import Booking, BookingDetails, Caller, Status, checked_details
from bookings.representation import (
    represent_availability,
    represent_booking,
    represent_details,
    represent_invoice_link,
    represent_summary,
    represent_terms,
)
from bookings.serializers import (
    AvailabilityQuery,
    AvailabilitySchema,
    BookingRequest,
    BookingSchema,
    BookingsQuery,
    BookingSummarySchema,
    CallerBooking,
    Cancellation,
    InvoiceSchema,
    MoveProposal,
    Nothing,
    Reschedule,
    StatusChange,
)
from catalog.queries import get_availability
from kernel.actors import Role
from kernel.web.integrators import absolute_address
from kernel.web.permissions import AnyOne, HasRole, SignedIn
from kernel.web.rest import ApiView, documented
from kernel.web.throttling import ApiThrottle, SearchThrottle


class _AgreeingView(ApiView):
    """Base of the views by which people take on obligations: who was shown something else is told what is new."""

    permission_classes: Sequence[Any] = (SignedIn,)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.OfferChangedError):
            exc.members = {"offer": represent_terms(exc.terms, exc.fee_now, exc.questions)}
        return super().handle_exception(exc)


class AvailabilityView(ApiView):
    """The times of one provider."""

    permission_classes = (AnyOne,)
    throttle_classes = (ApiThrottle, SearchThrottle)

    @documented(
        summary="List free times",
        parameters=[AvailabilityQuery],
        responses={200: AvailabilitySchema},
        refusals=("not_found", "conflict", "unprocessable"),
    )
    def get(self, request: Request, provider_id: str) -> HttpResponseBase:
        """The appointments that can be requested, or, with `booking_id`, moved to; over at most 62 days.

        With `booking_id`, for those whose booking it is: its own time counts as free, and it keeps its length.
        """
        query, now = self.query(AvailabilityQuery, request), self.now()
        span = {"provider_id": provider_id, "first": query["from"], "last": query["to"], "now": now}
        if query["booking_id"] is None:
            availability = get_availability(service_id=query["service_id"], **span)
        else:
            actor = self.actor(request)
            availability = queries.get_times_to_move_to(actor=actor, booking_id=query["booking_id"], **span)
        return self.detail(represent_availability(availability))


class BookingListView(_AgreeingView):
    """Requesting appointments, and the lists of them."""

    @documented(
        summary="List your bookings",
        parameters=[BookingsQuery],
        responses={200: BookingSummarySchema(many=True)},
        refusals=("forbidden",),
    )
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

    @documented(
        summary="Request an appointment",
        request=BookingRequest,
        responses={201: BookingSchema},
        refusals=("forbidden", "not_found", "conflict", "unprocessable"),
        repeatable=True,
    )
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
            offer_version=body["offer_version"],
            starts_at=body["starts_at"],
            address=body["address"],
            notes=body["notes"],
            answers=body["answers"],
            upload_ids=body["uploads"],
            position=body["position"],
            idempotency=idempotency,
            now=now,
        )
        # Equal fingerprints: on a repetition, the first request had the same.
        details: BookingDetails | None = checked_details(body["address"], body["notes"])
        if body["answers"] or body["uploads"]:
            # Answers are kept beside the words of their questions, which may be others by now; photos become ready.
            _, details = queries.get_booking(actor=actor, booking_id=requested.answer["id"])
        return self.created(
            requested.answer | represent_details(details, requested.answer["id"]),
            replayed=requested.replayed,
            version=requested.answer["version"],
            # What `reverse` would find: a booking looks nothing up that it knows.
            location=absolute_address(request, f"{request.path}/{requested.answer['id']}"),
        )


class CallerBookingView(_AgreeingView):
    """Bookings that providers make for people without an account."""

    permission_classes = (HasRole(Role.PROVIDER),)

    @documented(
        summary="Book for a caller",
        request=CallerBooking,
        responses={201: BookingSchema},
        refusals=("not_found", "conflict", "unprocessable"),
        repeatable=True,
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Book one of your services for somebody on the telephone: it is confirmed at once, by the same rules."""
        actor, now = self.actor(request), self.now()

        def represent(booking: Booking) -> dict[str, Any]:
            # What is remembered has no personal part.
            return represent_booking(booking, None, actor, now)

        idempotency = self.idempotent_request(request, actor, represent)
        body = self.validated(CallerBooking, request.data)
        caller = Caller(**{name: body.pop(name) for name in ("name", "phone", "email", "language")})
        address = body.pop("address") or ""
        booked = services.book_for_caller(
            actor=actor, caller=caller, address=address, **body, idempotency=idempotency, now=now
        )
        booking_id = booked.answer["id"]
        _, details = queries.get_booking(actor=actor, booking_id=booking_id)
        return self.created(
            booked.answer | represent_details(details, booking_id),
            replayed=booked.replayed,
            version=booked.answer["version"],
            location=absolute_address(request, reverse("api-booking", args=[booking_id])),
        )


class _ChangingView(_AgreeingView):
    """Base of the views that answer with one booking."""

    def _change_status(self, request: Request, booking_id: str, status: Status, **values: Any) -> HttpResponseBase:
        now = self.now()
        changed = services.change_status(
            actor=self.actor(request),
            booking_id=booking_id,
            status=status,
            expected_version=self.expected_version(request),
            now=now,
            **values,
        )
        return self._booking(request, changed, now)

    def _booking(self, request: Request, found: queries.FoundBooking, now: datetime) -> HttpResponseBase:
        booking, details = found
        return self.detail(represent_booking(booking, details, self.actor(request), now), booking.version)


class BookingView(_ChangingView):
    """One booking."""

    @documented(summary="Show a booking", responses={200: BookingSchema}, refusals=("not_found",))
    def get(self, request: Request, booking_id: str) -> HttpResponseBase:
        """The booking with its history; its provider sees address and notes once they have confirmed it."""
        found = queries.get_booking(actor=self.actor(request), booking_id=booking_id)
        return self._booking(request, found, self.now())


class BookingStatusView(_ChangingView):
    """The status of a booking."""

    @documented(
        summary="Change a booking's status",
        request=StatusChange,
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict"),
        versioned=True,
    )
    def put(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Confirm, decline, cancel, complete, mark paid, or record a no-show. Repeating it changes nothing.

        A job can be completed from 15 minutes before its start on; only an admin can earlier, and says why.
        """
        return self._change_status(request, booking_id, **self.validated(StatusChange, request.data))


class BookingCancellationView(_ChangingView):
    """The cancellation of a booking."""

    @documented(
        summary="Cancel a booking",
        request=Cancellation,
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict"),
        versioned=True,
    )
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Free the time. A customer who cancels a confirmed booking late owes the fee. Repeating it changes nothing."""
        return self._change_status(request, booking_id, Status.CANCELLED, **self.validated(Cancellation, request.data))


class BookingCallerView(_ChangingView):
    """The contact of whom a booking was made for."""

    @documented(
        summary="Erase a caller",
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict"),
    )
    def delete(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Erase name, number, address and notes, once the appointment is over or cancelled. May be repeated."""
        actor, now = self.actor(request), self.now()
        services.erase_caller(actor=actor, booking_id=booking_id, now=now)
        return self._booking(request, queries.get_booking(actor=actor, booking_id=booking_id), now)


class BookingRescheduleView(_ChangingView):
    """The move of a booking to another start."""

    @documented(
        summary="Move a booking",
        request=Reschedule,
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict", "unprocessable"),
        versioned=True,
    )
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Take another start at the booking's own terms. Either both times change hands or none.

        Once it is confirmed, a customer can do so twice; after that, by a proposal.
        """
        now = self.now()
        changed = services.reschedule_booking(
            actor=self.actor(request),
            booking_id=booking_id,
            **self.validated(Reschedule, request.data),
            expected_version=self.expected_version(request),
            now=now,
        )
        return self._booking(request, changed, now)


class BookingProposalView(_ChangingView):
    """The proposal of another start."""

    @documented(
        summary="Propose another time",
        request=MoveProposal,
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict", "unprocessable"),
        versioned=True,
    )
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Ask the other party, who has 24 hours to accept or refuse. Nothing is held or moved until they accept."""
        now = self.now()
        changed = services.propose_move(
            actor=self.actor(request),
            booking_id=booking_id,
            **self.validated(MoveProposal, request.data),
            expected_version=self.expected_version(request),
            now=now,
        )
        return self._booking(request, changed, now)


class BookingProposalAcceptanceView(_ChangingView):
    """Agreement to the other party's proposal."""

    @documented(
        summary="Accept the proposed time",
        request=Nothing,
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict", "unprocessable"),
        versioned=True,
    )
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Confirm the booking at the proposed start, if that is still free."""
        self.validated(Nothing, request.data)
        now = self.now()
        changed = services.accept_move(
            actor=self.actor(request),
            booking_id=booking_id,
            expected_version=self.expected_version(request),
            now=now,
        )
        return self._booking(request, changed, now)


class BookingProposalRefusalView(_ChangingView):
    """Refusal of the other party's proposal."""

    @documented(
        summary="Refuse the proposed time",
        request=Nothing,
        responses={200: BookingSchema},
        refusals=("forbidden", "not_found", "conflict"),
        versioned=True,
    )
    def post(self, request: Request, booking_id: str) -> HttpResponseBase:
        """Leave everything as it was."""
        self.validated(Nothing, request.data)
        now = self.now()
        changed = services.refuse_move(
            actor=self.actor(request),
            booking_id=booking_id,
            expected_version=self.expected_version(request),
            now=now,
        )
        return self._booking(request, changed, now)


class BookingInvoiceView(ApiView):
    """The invoice of a booking."""

    permission_classes = (SignedIn,)

    @documented(summary="Show a booking's invoice", responses={200: InvoiceSchema}, refusals=("not_found",))
    def get(self, request: Request, booking_id: str) -> HttpResponseBase:
        """The invoice of a paid booking, with an address that gives its PDF to anyone who knows it for five minutes."""
        link = services.get_invoice_link(actor=self.actor(request), booking_id=booking_id, now=self.now())
        return self.detail(represent_invoice_link(link.invoice, url=link.url, url_expires_at=link.expires_at))
