"""Choosing a time and asking for the appointment: `/services/<id>/book`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.services import remember_address, set_phone
from bookings.domain import MAX_JOB_PHOTOS, Booking, new_booking
from bookings.services import OfferChangedError, request_booking
from catalog.domain import Availability, Offer, check_reach
from catalog.queries import NotOfferedError, get_availability, get_offer, get_public_offer
from kernel.actors import Actor, Role
from kernel.clock import now, to_rfc3339
from kernel.errors import ConflictError, DomainError, ForbiddenError, InvalidInputError, UnprocessableError
from kernel.idempotency import IdempotentRequest
from kernel.ids import parent_provider_id
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from kernel.web.problems import problem_type_of
from kernel.wording.money import format_money
from kernel.wording.sentences import in_words
from kernel.wording.times import (
    format_briefly,
    format_instant,
    format_length,
    format_span,
    format_span_elsewhere,
    format_zone_throughout,
)
from pages.addresses import read_date, read_instant, read_point
from pages.base import FormPage, go_to
from pages.booking.forms import AppointmentForm, BookingForm, read_answers
from pages.booking.reads import free_times
from pages.booking.screens import nearest, offered
from pages.booking.terms import changes_since, note_terms
from pages.pictures import Picking, cover_of
from pages.words import format_minutes
from photos.domain import cover

# How far around a lost time the nearest free ones are looked for.
_AROUND = timedelta(days=7)
# And how far ahead, where none is there: as far as most providers take bookings.
_AHEAD = timedelta(days=60)


# Stands for a stranger where the terms of a booking are worked out.
_NOBODY = Actor(user_id="", role=Role.CUSTOMER)


class Book(FormPage):
    """Book a service: first a time, which needs no account; then the address, a look at the terms, and one button.

    The chosen time is part of the address, so that signing in or up leads back to it.
    """

    template_name = "pages/booking/book.html"
    form_class: ClassVar[type[SiteForm]] = BookingForm
    takes_uploads = True
    partials: ClassVar[frozenset[str]] = frozenset({"times"})
    partials_template = "pages/booking/_times.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotOfferedError as error:
            # Past bookings lead here, and what somebody kept: what else the provider offers is there, or others are.
            messages.info(request, _("This service takes no bookings at the moment."))
            others = f"{reverse('search')}?{urlencode({'like': self.service_id})}"
            return go_to(request, reverse("provider", args=[error.provider_id]) if error.provider_id else others)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        unsent = self.unsent()
        if unsent is not None:
            return unsent
        start = read_instant(request.GET.get("start", ""))
        if start is not None and start > self.now:
            return self.render(self._agreement(get_public_offer(self.service_id), start, self.form()))
        return self.render(self._calendar())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.sign_in_first()
        if self.person.role != Role.CUSTOMER:
            raise ForbiddenError(sentence("Only customers can book."))
        return super().post(request, *args, **kwargs)

    def form(self, data: Any = None) -> AppointmentForm:
        """The form. What was sent is judged by the questions that were shown, if they are still those on offer."""
        if not self.request.user.is_authenticated:
            return BookingForm(data)
        form = self.new_form(data)
        if data is not None:
            shown = data.get("offer_version", "")
            offers = (get_offer(self.service_id, fresh=fresh) for fresh in (False, True))
            form.ask(next((offer.service.questions for offer in offers if offer.terms.version == shown), ()))
        return form

    def new_form(self, data: Any) -> AppointmentForm:
        """The form without the provider's questions, for whoever is signed in."""
        return BookingForm(data, addresses=self.person.addresses, initial={"phone": self.person.phone})

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        self._keep(values)
        outcome = request_booking(
            actor=self.actor,
            service_id=self.service_id,
            offer_version=values["offer_version"],
            starts_at=values["starts_at"],
            address=values["address"],
            notes=values["notes"],
            answers=read_answers(form.data),
            upload_ids=self._uploads,
            position=read_point(values["near"]),
            idempotency=IdempotentRequest.of(
                user_id=self.actor.user_id,
                key=values["idempotency_key"],
                method="POST",
                path=self.request.path,
                body=[
                    values["offer_version"],
                    to_rfc3339(values["starts_at"]),
                    values["address"],
                    values["notes"],
                    read_answers(form.data),
                    values["near"],
                    *self._uploads,
                ],
                represent=lambda booking: {"id": booking.booking_id},
            ),
            now=self.now,
        )
        return self.done(reverse("booking", args=[outcome.answer["id"]]))

    def _keep(self, values: dict[str, Any]) -> None:
        """Keep number and address with the person, where they are new; sent again, both are kept already."""
        person, phone = self.person, values["phone"]
        if phone != (person.phone or ""):
            country = get_public_offer(self.service_id).provider.country
            set_phone(actor=self.actor, user_id=person.user_id, phone=phone or None, country=country)
        if values.get("save_address"):
            remember_address(actor=self.actor, user_id=person.user_id, address=values["address"])

    def refuse(self, form: SiteForm, error: DomainError) -> HttpResponse:
        """What was typed is kept. What is other than it was shown is named.

        For a time that cannot be had (any more) the nearest three are offered.
        """
        if isinstance(error, OfferChangedError):
            form.add_error(None, [in_words(error.message), *changes_since(form.cleaned_data["terms"], error.terms)])
            return self.refused(form, status=problem_type_of(type(error)).status)
        if not _is_lost_time(error):
            return super().refuse(form, error)
        form.add_error(None, in_words(error.message))
        wanted: datetime = form.cleaned_data["starts_at"]
        offer, alternatives = self._nearest(wanted)
        zone = offer.provider.time_zone
        agreement = self._agreement(offer, wanted, cast("AppointmentForm", form))
        values = {
            "alternatives": offered(alternatives, zone),
            "zone": format_zone_throughout(alternatives[0], alternatives[-1], zone) if alternatives else "",
            "cancelling": self._cancelling_any(offer, alternatives),
            "is_lost": True,
        }
        return self.render(agreement | values, status=problem_type_of(type(error)).status)

    def refused(self, form: SiteForm, *, status: int) -> HttpResponse:
        start = read_instant(form.data.get("starts_at", ""))
        if start is None:
            return self.render(self._calendar(), status=status)
        agreement = self._agreement(get_public_offer(self.service_id), start, cast("AppointmentForm", form))
        return self.render(agreement, status=status)

    @property
    def _uploads(self) -> list[str]:
        """The uploads that go with the form, as its script noted them."""
        return self.sent.getlist("uploads")[:MAX_JOB_PHOTOS]

    @property
    def service_id(self) -> str:
        service_id: str = self.kwargs["service_id"]
        return service_id

    @property
    def near(self) -> str:
        """The point near which was searched, as the results hand it on; empty if there is none."""
        text = self.sent.get("near", "") or self.request.GET.get("near", "")
        return text if read_point(text) else ""

    def _here(self, **values: str) -> str:
        """The address of this page with these values, for a job near the same point."""
        given = {name: value for name, value in {**values, "near": self.near}.items() if value}
        return f"{self.request.path}?{urlencode(given)}" if given else self.request.path

    @property
    def now(self) -> datetime:
        """The instant at which the request is judged, the same throughout."""
        if not hasattr(self, "_now"):
            self._now = now()
        return self._now

    def _calendar(self) -> dict[str, Any]:
        """The first step: two weeks of free times."""
        start = read_instant(self.request.GET.get("start", ""))
        availability, calendar = free_times(
            self.service_id,
            first=read_date(self.request.GET.get("from", "")),
            chosen=read_date(self.request.GET.get("day", "")),
            start=start,
            now=self.now,
        )
        offer = availability.offer
        return self._offer(offer) | {
            "calendar": calendar,
            "has_passed": start is not None,
            "near": self.near,
        }

    def _agreement(self, offer: Offer, start: datetime, form: AppointmentForm) -> dict[str, Any]:
        """The second and third step: where the job is, and what booking this time means."""
        provider, zone = offer.provider, offer.provider.time_zone
        end = start + timedelta(minutes=offer.service.duration_minutes)
        here = self._here(start=to_rfc3339(start))
        form.fields["starts_at"].initial = to_rfc3339(start)
        form.fields["offer_version"].initial = offer.terms.version
        form.fields["terms"].initial = note_terms(offer.terms)
        form.fields["near"].initial = self.near
        form.ask(offer.service.questions)
        if form.is_bound:
            # The page shows the offer as it is now: sent again, the form agrees to that.
            form.replace(offer_version=offer.terms.version, terms=note_terms(offer.terms))
        return self._offer(offer) | {
            "form": form,
            "start": to_rfc3339(start),
            "here": here,
            "span": format_span(start, end, zone),
            "own_span": format_span_elsewhere(start, end, zone, self._own_zone),
            "briefly": format_briefly(start, zone),
            "cancelling": self._cancelling(offer, start),
            "other_times": self._here(day=start.astimezone(ZoneInfo(zone)).date().isoformat()),
            "sign_in": f"{reverse('accounts:sign-in')}?{urlencode({'next': here})}",
            "sign_up": f"{reverse('accounts:sign-up')}?{urlencode({'next': here})}",
            "may_book": self.request.user.is_authenticated and self.person.role == Role.CUSTOMER,
            "provider": provider,
            "picture": cover_of(cover(provider.photos)),
            "uploads": self._uploads,
            "picking": Picking(MAX_JOB_PHOTOS),
        }

    @property
    def _own_zone(self) -> str | None:
        """By whose clocks whoever is signed in lives, if they chose any."""
        return self.person.time_zone if self.request.user.is_authenticated else None

    def _offer(self, offer: Offer) -> dict[str, Any]:
        return {
            "service": offer.service,
            "provider": offer.provider,
            "price": format_money(offer.service.price),
            "length": format_minutes(offer.service.duration_minutes),
            "is_bookable": offer.is_bookable,
            "too_far": self._too_far(offer),
        }

    def _too_far(self, offer: Offer) -> str:
        """Why the provider does not come to where was searched; empty if they do, or nobody knows where that is."""
        try:
            check_reach(offer.provider, read_point(self.near))
        except UnprocessableError as refusal:
            return in_words(refusal.message)
        return ""

    def _cancelling(self, offer: Offer, start: datetime) -> str:
        """What cancelling would cost once the provider has confirmed, in one sentence that is true now."""
        booking = self._booking_at(offer, start)
        fee, until = booking.late_cancellation_fee, booking.free_cancellation_until
        if not fee.amount:
            return _("Free until the appointment starts.")
        values = {"fee": format_money(fee), "until": format_instant(until, offer.provider.time_zone)}
        if self.now < until:
            return _("Free until %(until)s; after that %(fee)s.") % values
        grace = offer.terms.cancellation_grace_minutes
        if not grace and offer.service.instant:
            return _("%(fee)s from the moment you book, because the appointment is so soon.") % values
        if not grace:
            return _("Free until they confirm; after that %(fee)s, because the appointment is so soon.") % values
        values["grace"] = format_length(timedelta(minutes=grace))
        return (
            _("Free until %(grace)s after it is confirmed; then %(fee)s, because the appointment is so soon.") % values
        )

    def _cancelling_any(self, offer: Offer, starts: Sequence[datetime]) -> str:
        """What cancelling would cost whichever of the starts is chosen, in one sentence that is true of each."""
        if not starts:
            return ""
        first = self._booking_at(offer, starts[0])
        fee, hours = first.late_cancellation_fee, first.free_cancellation_hours
        if not fee.amount or not hours:
            return _("Free until the appointment starts.")
        length, grace = timedelta(hours=hours), timedelta(minutes=first.cancellation_grace_minutes)
        values = {"fee": format_money(fee), "length": format_length(length), "grace": format_length(grace)}
        if grace and self.now >= starts[0] - length:
            return (
                _("Free until %(length)s before the start, and for %(grace)s after it is confirmed; then %(fee)s.")
                % values
            )
        return _("Free until %(length)s before the start; after that %(fee)s.") % values

    def _booking_at(self, offer: Offer, start: datetime) -> Booking:
        """The booking that asking for this start would make; for a stranger, nobody's."""
        customer = self.actor if self.request.user.is_authenticated else _NOBODY
        return new_booking(offer, customer=customer, starts_at=start, booking_id="", now=self.now, entry_id="")

    def _nearest(self, wanted: datetime) -> tuple[Offer, list[datetime]]:
        """The offer, and the free times nearest to the one that cannot be had: around it, else the first ones."""
        found = self._free_between(max(self.now, wanted - _AROUND), max(self.now, wanted) + _AROUND)
        if not found.starts:
            found = self._free_between(self.now, self.now + _AHEAD)
        return found.offer, nearest(found.starts, wanted)

    def _free_between(self, first: datetime, last: datetime) -> Availability:
        return get_availability(
            provider_id=parent_provider_id(self.service_id) or "",
            service_id=self.service_id,
            first=first,
            last=last,
            now=self.now,
        )


def _is_lost_time(error: DomainError) -> bool:
    """Whether it is the time that cannot be had: somebody took it, or it came too close, or the hours have changed."""
    if isinstance(error, InvalidInputError):
        return [each.field for each in error.errors] == ["starts_at"]
    return isinstance(error, ConflictError) and error.code == "slot_taken"
