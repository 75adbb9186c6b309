"""Booking for somebody on the telephone: a time, then who they are and where the job is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy

from bookings.domain import Caller
from bookings.services import book_for_caller, erase_caller
from kernel.actors import Role
from kernel.clock import to_rfc3339
from kernel.errors import NotFoundError
from kernel.idempotency import IdempotentRequest
from kernel.ids import parent_provider_id
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from pages.base import FormPage
from pages.booking.book import Book
from pages.booking.follow import OfBooking
from pages.booking.forms import AppointmentForm, CallForm, read_answers


class BookForCaller(Book):
    """A provider books one of their services for somebody without an account; it is confirmed at once."""

    template_name = "pages/booking/call.html"
    form_class = CallForm
    takes_uploads = False
    roles = (Role.PROVIDER,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        is_others = user.is_authenticated and parent_provider_id(self.service_id) != self.actor.provider_id
        if is_others and self.person.role == Role.PROVIDER:
            raise NotFoundError(sentence("There is no such service."))
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return FormPage.post(self, request, *args, **kwargs)

    def new_form(self, data: Any) -> AppointmentForm:
        return CallForm(data, initial={"language": get_language()})

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        caller = Caller(values["name"], values["phone"], values["email"] or None, values["language"])
        answers = read_answers(form.data)
        outcome = book_for_caller(
            actor=self.actor,
            service_id=self.service_id,
            offer_version=values["offer_version"],
            starts_at=values["starts_at"],
            caller=caller,
            address=values["address"],
            notes=values["notes"],
            answers=answers,
            idempotency=IdempotentRequest.of(
                user_id=self.actor.user_id,
                key=values["idempotency_key"],
                method="POST",
                path=self.request.path,
                body=[
                    values["offer_version"],
                    to_rfc3339(values["starts_at"]),
                    [caller.name, caller.phone, caller.email, caller.language],
                    values["address"],
                    values["notes"],
                    answers,
                ],
                represent=lambda booking: {"id": booking.booking_id},
            ),
            now=self.now,
        )
        return self.done(reverse("booking", args=[outcome.answer["id"]]))


class EraseCaller(OfBooking, FormPage):
    """Erase who called, and all that was noted of it."""

    template_name = "pages/booking/form.html"
    form_class = SiteForm
    roles = (Role.PROVIDER,)
    heading = gettext_lazy("Erase the caller?")
    button = gettext_lazy("Erase")
    consequence = gettext_lazy(
        "Name, number, address and notes are gone for good. The appointment stays in your books, with its invoice."
    )

    def context(self) -> dict[str, Any]:
        return {**super().context(), "consequence": self.consequence, "is_dangerous": True}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        erase_caller(actor=self.actor, booking_id=self.booking_id, now=self.now)
        return self.done(self.address)
