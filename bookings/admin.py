"""Bookings and invoices in the admin. Every action goes through the services, with everybody's rules."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import display
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import Person
from accounts.words import ROLE_NAMES
from bookings.domain import STATUS_WORDS, Action, PaymentMethod, Status
from bookings.models import BookingDetailsItem, BookingItem, InvoiceItem
from bookings.records import BOOKINGS, DETAILS
from bookings.services import change_status, erase_caller, get_invoice_link, reschedule_booking
from bookings.words import answers_in_words, history_words
from catalog.admin import Provider
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import now, to_rfc3339
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import AuditEntry, recording
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.forms import ReasonForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.orders import place_order
from kernel.dynamo_admin.uses import ConfirmForm, Handout, Use
from kernel.listing import LIST_KEYS
from kernel.wording.sentences import in_words
from kernel.wording.times import format_span

# What follows once nothing comes of a booking.
_ENDED = gettext_lazy("The customer owes nothing. Customer and provider are told at once, and read the reason.")
_STATUSES: Any = [(status.value, lazy(in_words, str)(words)) for status, words in STATUS_WORDS.items()]
# Who does something to a booking, in words: people, and the system.
_ROLES: Any = {**dict(ROLE_NAMES), Role.SYSTEM.value: gettext_lazy("System")}


class Booking(DynamoModel):
    """A booking, without address and notes; one that a provider made for a caller is no customer's."""

    item = BookingItem
    labels: ClassVar[Any] = {"booking_id": gettext_lazy("booking id")}
    partitions: ClassVar[Any] = {
        "list_key": ((), lambda: LIST_KEYS),
    }

    status = models.CharField(gettext_lazy("status"), max_length=20, choices=_STATUSES)
    provider = models.ForeignKey(Provider, models.DO_NOTHING, verbose_name=gettext_lazy("provider"))
    customer = models.ForeignKey(Person, models.DO_NOTHING, null=True, verbose_name=gettext_lazy("customer"))
    service_name = models.CharField(gettext_lazy("service"), max_length=100)
    starts_at = models.DateTimeField(gettext_lazy("starts at"))
    ends_at = models.DateTimeField(gettext_lazy("ends at"))
    price_amount = models.IntegerField(gettext_lazy("price in minor units"))
    price_currency = models.CharField(gettext_lazy("currency"), max_length=3)
    created_at = models.DateTimeField(gettext_lazy("requested at"))

    class Meta:
        app_label = "bookings"
        verbose_name = gettext_lazy("booking")
        verbose_name_plural = gettext_lazy("bookings")

    def __str__(self) -> str:
        return f"{self.service_name} · {date_format(timezone.localtime(self.starts_at), 'SHORT_DATETIME_FORMAT')}"


class PaymentForm(forms.Form):
    """How it was paid."""

    payment_method = forms.ChoiceField(
        label=gettext_lazy("Paid by"),
        choices=[
            (PaymentMethod.CARD.value, gettext_lazy("card")),
            (PaymentMethod.CASH.value, gettext_lazy("cash")),
            (PaymentMethod.TRANSFER.value, gettext_lazy("bank transfer")),
        ],
    )


class MoveForm(ReasonForm):
    """Where to."""

    starts_at: Any = forms.SplitDateTimeField(
        label=gettext_lazy("New start, in your time zone"), widget=AdminSplitDateTime
    )


def _change(status: Status, *, tells_reason: bool = False) -> Callable[..., str]:
    def run(request: HttpRequest, booking: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
        method = cleaned.get("payment_method")
        changes = {"status": [booking.status, status.value]} | ({"payment_method": [None, method]} if method else {})
        change_status(
            actor=entry.actor,
            booking_id=booking.pk,
            status=status,
            expected_version=booking.row["version"],
            now=now(),
            reason=cleaned["reason"] if tells_reason else "",
            payment_method=PaymentMethod(method) if method else None,
            also=[replace(entry, changes=changes).put_write()],
        )
        return _("The booking is changed. Whom it concerns is told.")

    return run


def _move(request: HttpRequest, booking: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
    starts_at: datetime = cleaned["starts_at"]
    changes = {"starts_at": [to_rfc3339(booking.starts_at), to_rfc3339(starts_at)]}
    reschedule_booking(
        actor=entry.actor,
        booking_id=booking.pk,
        starts_at=starts_at,
        expected_version=booking.row["version"],
        now=now(),
        also=[replace(entry, changes=changes).put_write()],
    )
    return _("The booking is moved. Whom it concerns is told.")


def _erase_caller(request: HttpRequest, booking: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
    erase_caller(actor=entry.actor, booking_id=booking.pk, now=now(), also=[entry.put_write()])
    return _("Who called, where the job was and what was noted is erased.")


def _resend(request: HttpRequest, booking: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
    # Carried out by notifications, which stands on bookings.
    place_order("bookings.resend-mail", {"booking_id": booking.pk}, entry, now=now())
    return _("Ordered: each party gets the last email about the booking again.")


def _is_open_to(action: Action) -> Callable[[Any, Actor], bool]:
    return lambda booking, actor: BOOKINGS.read(booking.row).can(action, actor, now())


def _use(
    name: str,
    label: Any,
    action: Action,
    run: Callable[..., Any],
    form: Any,
    *,
    consequences: Any = "",
    ends: bool = False,
) -> Use:
    return Use(
        name, label, run, form=form, is_offered=_is_open_to(action), consequences=consequences, is_dangerous=ends
    )


class BookingAdmin(ItemAdmin):
    """Listed as a whole, of a provider or of a customer; found by id."""

    operations = frozenset()
    list_display = ("service_name", "status", "provider", "customer", "starts_at", "created_at")
    list_filter = ("status", ("provider", ValueFilter), ("customer", ValueFilter))
    search_fields = ("booking_id",)
    date_hierarchy = "created_at"
    export_columns = (
        "booking_id",
        "status",
        "provider_id",
        "customer_id",
        "service_name",
        "starts_at",
        "ends_at",
        "price_amount",
        "price_currency",
        "created_at",
    )
    fields = (
        "booking_id",
        "status",
        "service_name",
        "provider",
        "customer",
        "starts_at",
        "ends_at",
        "there",
        "price_amount",
        "price_currency",
        "where",
        "timeline",
        "invoice",
        "created_at",
        "version",
    )
    readonly_fields = ("there", "where", "timeline", "invoice")
    uses = (
        _use("confirm", gettext_lazy("Confirm"), Action.CONFIRM, _change(Status.CONFIRMED), ConfirmForm),
        _use(
            "decline",
            gettext_lazy("Decline"),
            Action.DECLINE,
            _change(Status.DECLINED, tells_reason=True),
            ReasonForm,
            consequences=_ENDED,
            ends=True,
        ),
        _use("move", gettext_lazy("Move"), Action.RESCHEDULE, _move, MoveForm),
        _use(
            "complete",
            gettext_lazy("Complete"),
            Action.COMPLETE,
            _change(Status.COMPLETED, tells_reason=True),
            ReasonForm,
            consequences=gettext_lazy("Customer and provider read the reason."),
        ),
        _use("no-show", gettext_lazy("Record a no-show"), Action.NO_SHOW, _change(Status.NO_SHOW), ConfirmForm),
        _use("pay", gettext_lazy("Record the payment"), Action.PAY, _change(Status.PAID), PaymentForm),
        _use(
            "cancel",
            gettext_lazy("Cancel the booking"),
            Action.CANCEL,
            _change(Status.CANCELLED, tells_reason=True),
            ReasonForm,
            consequences=_ENDED,
            ends=True,
        ),
        Use(
            "erase-caller",
            gettext_lazy("Erase the caller"),
            _erase_caller,
            form=ReasonForm,
            permission="manage",
            is_offered=lambda booking, actor: BOOKINGS.read(booking.row).is_for_caller,
            is_dangerous=True,
        ),
        Use("resend", gettext_lazy("Send the last email again"), _resend, form=ReasonForm),
    )

    @staticmethod
    @display(description=gettext_lazy("by the clock of the place"))
    def there(booking: Any) -> str:
        """When it is where the job is: the admin shows times by the clock of whoever looks."""
        return str(format_span(booking.starts_at, booking.ends_at, booking.time_zone))

    @staticmethod
    @display(description=gettext_lazy("address, answers and notes"))
    def where(booking: Any) -> str:
        """The address, the answers and the notes, which are kept apart. One call."""
        row = storage.get_row(BookingDetailsItem, booking.pk)
        if row is None:
            return "–"
        details = DETAILS.read(row)
        answers = (f"{question} {answer}" for question, answer in answers_in_words(details))
        caller = details.caller
        contact = (caller.name, caller.phone, caller.email) if caller else ()
        return " · ".join(filter(None, (*contact, details.address, *answers, details.notes)))

    @staticmethod
    @display(description=gettext_lazy("timeline"))
    def timeline(booking: Any) -> str:
        """What happened to the booking, the oldest first."""
        read = BOOKINGS.read(booking.row)
        entries = (
            (
                date_format(timezone.localtime(entry.at), "DATETIME_FORMAT"),
                _ROLES[entry.role.value],
                history_words(read, entry.action, entry.role, None),
            )
            for entry in read.history
        )
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{} · {} · {}</li>", entries))

    @staticmethod
    @display(description=gettext_lazy("invoice"))
    def invoice(booking: Any) -> str:
        """The way to the invoice, once there is one."""
        if booking.status != Status.PAID.value:
            return "–"
        address = reverse("admin:bookings_invoice_change", args=[booking.pk])
        return format_html('<a href="{}">{}</a>', address, _("Invoice"))


class Invoice(DynamoModel):
    """An invoice, as it was issued."""

    item = InvoiceItem
    labels: ClassVar[Any] = {
        "invoice_id": gettext_lazy("booking id"),
        "provider_name": gettext_lazy("name on the invoice"),
        "provider_city": gettext_lazy("city"),
        "provider_country": gettext_lazy("country"),
        "tax_number": gettext_lazy("tax number"),
        "service_name": gettext_lazy("service"),
        "starts_at": gettext_lazy("starts at"),
        "ends_at": gettext_lazy("ends at"),
        "tax_rate_basis_points": gettext_lazy("tax rate in hundredths of a percent"),
        "tax_amount": gettext_lazy("tax in minor units"),
        "total_amount": gettext_lazy("total in minor units"),
        "currency": gettext_lazy("currency"),
        "stored_at": gettext_lazy("drawn at"),
    }

    provider = models.ForeignKey(Provider, models.DO_NOTHING, verbose_name=gettext_lazy("provider"))
    customer = models.ForeignKey(Person, models.DO_NOTHING, null=True, verbose_name=gettext_lazy("customer"))
    number = models.IntegerField(gettext_lazy("number"))
    issued_at = models.DateTimeField(gettext_lazy("issued at"))

    class Meta:
        app_label = "bookings"
        verbose_name = gettext_lazy("invoice")
        verbose_name_plural = gettext_lazy("invoices")

    def __str__(self) -> str:
        return f"{self.pk} · {self.number}"


def _download(request: HttpRequest, invoice: Any, cleaned: dict[str, Any], entry: AuditEntry) -> Handout:
    with recording(entry):
        link = get_invoice_link(actor=entry.actor, booking_id=invoice.pk, now=now())
    return Handout(link.url)


class InvoiceAdmin(ItemAdmin):
    """Found by the booking's id: invoices are never changed, and have no list."""

    operations = frozenset()
    list_display = ("invoice_id", "number", "provider", "issued_at", "total_amount", "currency")
    search_fields = ("invoice_id",)
    uses = (Use("download", gettext_lazy("Download the PDF"), _download, permission="view"),)


ADMIN_CLASSES = ((Booking, BookingAdmin), (Invoice, InvoiceAdmin))
