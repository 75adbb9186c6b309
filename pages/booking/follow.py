"""Following a booking: its page for both sides, and what each side may do about it."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.domain import Action, PaymentMethod, Status
from bookings.queries import FoundBooking, get_booking
from bookings.services import (
    Assent,
    OfferChangedError,
    accept_move,
    change_status,
    may_change_job_photos,
    refuse_move,
)
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import ConflictError, DomainError, NotFoundError, StaleVersionError, UnprocessableError
from kernel.idempotency import IdempotentRequest
from kernel.money import Money
from kernel.sentences import sentence
from kernel.web.forms import SiteForm
from kernel.web.problems import problem_type_of
from kernel.wording.money import format_money
from kernel.wording.sentences import in_words
from kernel.wording.times import format_instant
from notifications.queries import get_bell
from pages.base import FormPage, Page, is_from_htmx, safe_next
from pages.booking import forms
from pages.booking.reads import find_other_side, read_booking
from pages.booking.screens import BookingScreen, booking_screen
from pages.pictures import gallery, shown
from photos.domain import Owner, OwnerKind
from reviews.services import submit_review

# What a button does at once; the others lead to a page that asks for more.
_AT_ONCE = frozenset({Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW})


class OfBooking(Page):
    """A page about the booking of the address, for those whose booking it is; anybody else is told there is none."""

    needs_sign_in = True

    @property
    def booking_id(self) -> str:
        booking_id: str = self.kwargs["booking_id"]
        return booking_id

    @property
    def found(self) -> FoundBooking:
        """The booking and its details, read once. Raises `NotFoundError`."""
        if not hasattr(self, "_found"):
            self._found = get_booking(actor=self.actor, booking_id=self.booking_id)
        return self._found

    @property
    def now(self) -> datetime:
        """The instant at which the request is judged, the same throughout."""
        if not hasattr(self, "_now"):
            self._now = now()
        return self._now

    @property
    def address(self) -> str:
        """The booking's own page."""
        return reverse("booking", args=[self.booking_id])

    @property
    def afterwards(self) -> str:
        """Where to go once it is done: the page of this site that the form named, or the booking's own."""
        return safe_next(self.request, self.address)

    def screen(self) -> BookingScreen:
        """The booking as its pages show it."""
        booking, details = self.found
        return booking_screen(booking, details, self.actor, self.now, own_zone=self.person.time_zone)

    def context(self) -> dict[str, Any]:
        return {"screen": self.screen()}


class ShowBooking(OfBooking):
    """A booking: how it stands, what to do next, what was agreed, and what happened."""

    template_name = "pages/booking/booking.html"
    partials: ClassVar[frozenset[str]] = frozenset({"booking"})
    takes_uploads = True

    @property
    def found(self) -> FoundBooking:
        """The booking and its details, read once, with its review and whose number a customer may be shown."""
        if not hasattr(self, "_found"):
            self._found, self._review, self._provider = read_booking(actor=self.actor, booking_id=self.booking_id)
        return self._found

    def context(self) -> dict[str, Any]:
        booking, _details = self.found
        is_to_come = booking.status_at(self.now) is Status.CONFIRMED and self.now < booking.ends_at
        other = find_other_side(booking, self.actor, provider=self._provider, now=self.now)
        screen = self.screen()
        return {
            "screen": screen,
            "customer": other.name,
            "phone": other.phone,
            # Of one that is suspended, or gone, a customer would be told that there is none.
            "has_provider_page": not screen.is_customer or bool(self._provider and self._provider.is_public),
            "has_calendar_file": is_to_come,
            "can_review": screen.is_reviewable and self._review is None,
            **self._photos(),
            # In the title of a page that follows what happens; at first its script counts.
            "unread": get_bell(actor=self.actor).unread if is_from_htmx(self.request) else 0,
            # A hidden one is for its author.
            "review": self._review if self._review and (screen.is_customer or not self._review.is_hidden) else None,
        }

    def _photos(self) -> dict[str, Any]:
        """The photos of the job: to be changed by the customer while it is open, shown to whom its address is."""
        booking, details = self.found
        if details is None or not booking.shows_details_to(self.actor, self.now):
            return {}
        if may_change_job_photos(booking, details, self.actor, self.now):
            owner = Owner(OwnerKind.BOOKING, self.booking_id)
            return {"gallery": gallery(owner, details.photos, back=self.address)}
        return {"photos": shown(details.photos, self.booking_id)}


class FormOfBooking(OfBooking, FormPage):
    """One thing that a party does to a booking; `action` says which one it is in the table of transitions.

    Who may not take it (any more) is sent to the booking's page, which says how it stands.
    """

    action: ClassVar[Action]
    heading: ClassVar[Any]
    button: ClassVar[Any]

    @property
    def is_possible(self) -> bool:
        """Whether whoever is signed in may take the action now."""
        return self.found[0].can(self.action, self.actor, self.now)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.is_possible:
            return HttpResponseRedirect(self.address)
        return super().get(request, *args, **kwargs)

    def initial(self) -> dict[str, Any]:
        return {"version": self.found[0].version}

    def refuse(self, form: SiteForm, error: DomainError) -> HttpResponse:
        """What somebody else changed meanwhile is told where it can be seen, and what was typed is not lost to it.

        The form is shown again, of the booking as it is now; or the booking's page, if there is nothing to do any more.
        """
        if not isinstance(error, StaleVersionError | ConflictError) or error.code in ("slot_taken", "offer_changed"):
            return super().refuse(form, error)
        self._found = get_booking(actor=self.actor, booking_id=self.booking_id)
        if error.code in ("stale_version", "concurrent_change") and self.is_possible:
            form.replace(version=self.found[0].version)
            form.add_error(None, _("The booking was changed meanwhile; nothing was done. This is how it stands now."))
            return self.refused(form, status=problem_type_of(type(error)).status)
        messages.error(self.request, in_words(error.message))
        return self.done(self.afterwards)


class ChangeStatus(OfBooking):
    """The buttons that act at once: accept, done, nobody was in."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = forms.StatusForm(request.POST)
        if not form.is_valid() or form.cleaned_data["status"] not in _AT_ONCE:
            raise NotFoundError(sentence("There is no such action."))
        try:
            change_status(
                actor=self.actor,
                booking_id=self.booking_id,
                status=Status(form.cleaned_data["status"]),
                expected_version=form.cleaned_data["version"],
                now=self.now,
            )
        except (StaleVersionError, ConflictError) as error:
            messages.error(request, in_words(error.message))
        return HttpResponseRedirect(self.afterwards)


class AnswerProposal(OfBooking):
    """Accept the time that the other side proposed, or keep the one that there is."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = forms.VersionedForm(request.POST)
        answer = {"accept": accept_move, "refuse": refuse_move}.get(request.POST.get("answer", ""))
        if not form.is_valid() or answer is None:
            raise NotFoundError(sentence("There is no such action."))
        try:
            answer(
                actor=self.actor,
                booking_id=self.booking_id,
                expected_version=form.cleaned_data["version"],
                now=self.now,
            )
        except (StaleVersionError, ConflictError, UnprocessableError) as error:
            messages.error(request, in_words(error.message))
        return HttpResponseRedirect(self.afterwards)


class Decline(FormOfBooking):
    """Refuse a request, with a reason that the customer reads."""

    template_name = "pages/booking/form.html"
    form_class = forms.ReasonForm
    action = Action.DECLINE
    heading = gettext_lazy("Decline this request?")
    button = gettext_lazy("Decline")

    def context(self) -> dict[str, Any]:
        consequence = _("The customer owes nothing, and is told at once. Others can book the time.")
        return {**super().context(), "consequence": consequence}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        change_status(
            actor=self.actor,
            booking_id=self.booking_id,
            status=Status.DECLINED,
            expected_version=values["version"],
            reason=values["reason"],
            now=self.now,
        )
        return self.done(self.afterwards)


class Cancel(FormOfBooking):
    """Cancel for the fee that is shown, and for no other."""

    template_name = "pages/booking/form.html"
    form_class = forms.CancelForm
    action = Action.CANCEL
    heading = gettext_lazy("Cancel this booking?")
    button = gettext_lazy("Cancel the booking")

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "fee": self._fee.amount}

    def context(self) -> dict[str, Any]:
        booking, _details = self.found
        fee = self._fee
        until = booking.free_cancellation_until
        if fee.amount:
            consequence = _("You owe %(fee)s for cancelling now.") % {"fee": format_money(fee)}
        elif booking.is_for_caller:
            consequence = _("Nothing is owed. They get an email if they left an address; else call them.")
        elif booking.party(self.actor) is not Role.CUSTOMER:
            consequence = _("The customer owes nothing, and is told at once.")
        elif booking.status is Status.CONFIRMED and booking.late_cancellation_fee.amount and self.now < until:
            consequence = _("It costs nothing until %(until)s. %(provider)s is told at once.") % {
                "until": format_instant(until, booking.time_zone),
                "provider": booking.provider_name,
            }
        else:
            consequence = _("It costs nothing. %(provider)s is told at once.") % {"provider": booking.provider_name}
        return {**super().context(), "consequence": consequence, "is_dangerous": True}

    def refuse(self, form: SiteForm, error: DomainError) -> HttpResponse:
        """A fee that began or went meanwhile is told beside the one that was shown."""
        if not isinstance(error, OfferChangedError):
            return super().refuse(form, error)
        before = Money(form.cleaned_data["fee"], self._fee.currency)
        values = {"before": format_money(before), "now": format_money(self._fee)}
        form.add_error(None, _("Nothing was done: cancelling cost %(before)s, and costs %(now)s by now.") % values)
        return self.refused(form, status=problem_type_of(type(error)).status)

    def refused(self, form: SiteForm, *, status: int) -> HttpResponse:
        # What is shown now is what the next press of the button agrees to.
        form.replace(fee=self._fee.amount, version=self.found[0].version)
        return super().refused(form, status=status)

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        booking, _details = self.found
        change_status(
            actor=self.actor,
            booking_id=self.booking_id,
            status=Status.CANCELLED,
            expected_version=values["version"],
            assent=Assent(fee=Money(values["fee"], booking.price.currency)),
            reason=values["reason"],
            now=self.now,
        )
        return self.done(self.address)

    @property
    def _fee(self) -> Money:
        booking, _details = self.found
        return booking.fee_for(booking.party(self.actor) or Role.CUSTOMER, self.now)


class Pay(FormOfBooking):
    """Note how the customer paid; the invoice is made with it."""

    template_name = "pages/booking/form.html"
    form_class = forms.PaymentForm
    action = Action.PAY
    heading = gettext_lazy("Record the payment")
    button = gettext_lazy("Record it")

    def context(self) -> dict[str, Any]:
        booking, _details = self.found
        consequence = _("The customer paid %(price)s. The invoice is made and sent to them at once.") % {
            "price": format_money(booking.price)
        }
        return {**super().context(), "consequence": consequence}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        change_status(
            actor=self.actor,
            booking_id=self.booking_id,
            status=Status.PAID,
            expected_version=values["version"],
            payment_method=PaymentMethod(values["payment_method"]),
            now=self.now,
        )
        return self.done(self.afterwards)


class Review(OfBooking, FormPage):
    """Say how it was, once the work is done."""

    template_name = "pages/booking/form.html"
    form_class = forms.ReviewForm
    # A provider has what they booked before they became one.
    roles = (Role.CUSTOMER, Role.PROVIDER)
    heading = gettext_lazy("How was it?")
    button = gettext_lazy("Publish the review")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where there is nothing to review (yet, or any more), the booking's page says how it stands."""
        self._found, review, _provider = read_booking(actor=self.actor, booking_id=self.booking_id)
        if review is not None or not self.screen().is_reviewable:
            return HttpResponseRedirect(self.address)
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        consequence = _("Everyone can read it, without your name. %(provider)s may answer.") % {
            "provider": self.found[0].provider_name
        }
        return {**super().context(), "consequence": consequence}

    def act(self, values: dict[str, Any], form: SiteForm) -> HttpResponse:
        submit_review(
            actor=self.actor,
            booking_id=self.booking_id,
            rating=values["rating"],
            comment=values["comment"],
            idempotency=IdempotentRequest.of(
                user_id=self.actor.user_id,
                key=values["idempotency_key"],
                method="POST",
                path=self.request.path,
                body=[values["rating"], values["comment"]],
                represent=lambda review: {"id": review.review_id},
            ),
            now=self.now,
        )
        messages.success(self.request, _("Thank you. Your review is published."))
        return self.done(self.address)
