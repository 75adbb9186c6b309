"""What was told to whom, whether it arrived, and which addresses are not written to, in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.addresses import canonical_email
from kernel.clock import now
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import AuditEntry
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.forms import ItemForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.errors import DomainError
from kernel.wording.sentences import in_words
from notifications.models import DeliveryItem, NoteItem, SuppressionItem
from notifications.queries import address_hash
from notifications.services import suppress_address


class Note(DynamoModel):
    """An entry of someone's list in the app."""

    item = NoteItem
    labels: ClassVar[Any] = {
        "notification_id": _("number"),
        "recipient_role": _("as"),
        "subject_kind": _("kind of thing"),
        "subject_id": _("id of the thing"),
        "values": _("what it says"),
    }

    recipient_id = models.CharField(_("recipient"), max_length=64)
    type = models.CharField(_("about"), max_length=50)
    occurred_at = models.DateTimeField(_("when"))

    class Meta:
        app_label = "notifications"
        verbose_name = _("note")
        verbose_name_plural = _("notes")


class NoteAdmin(ItemAdmin):
    """One person's notes, the newest first."""

    operations = frozenset()
    list_display = ("notification_id", "type", "subject", "occurred_at")
    fields = (
        "recipient_id",
        "recipient_role",
        "notification_id",
        "type",
        "subject_kind",
        "subject_id",
        "values",
        "occurred_at",
        "kept_until",
    )
    readonly_fields = ("kept_until",)
    list_filter = (("recipient_id", ValueFilter),)

    @admin.display(description=_("subject"))
    def subject(self, note: Any) -> str:
        """The id of what the note is about; on old items it is the booking's."""
        return str(note.subject_id or note.booking_id)

    def get_queryset(self, request: Any) -> Any:
        """Notes are numbered; what lies beside them is no note."""
        return super().get_queryset(request).filter(notification_id__lt="~")


class Delivery(DynamoModel):
    """One event for one recipient over one channel."""

    item = DeliveryItem
    labels: ClassVar[Any] = {
        "delivery_id": _("delivery id"),
        "event": _("event"),
        "recipient_id": _("recipient"),
        "recipient_role": _("as"),
        "channel": _("channel"),
        "message_id": _("id at SES"),
    }

    status = models.CharField(_("status"), max_length=20)
    attempts = models.IntegerField(_("attempts"))
    updated_at = models.DateTimeField(_("when"))

    class Meta:
        app_label = "notifications"
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")


class DeliveryAdmin(ItemAdmin):
    """Found by its id: the event's, the recipient's and the channel, with # between them."""

    operations = frozenset()
    list_display = ("delivery_id", "status", "attempts", "updated_at")
    fields = (
        "delivery_id",
        "recipient_id",
        "recipient_role",
        "channel",
        "status",
        "attempts",
        "message_id",
        "event",
        "created_at",
        "updated_at",
        "kept_until",
    )
    readonly_fields = ("kept_until",)
    search_fields = ("delivery_id",)


class Suppression(DynamoModel):
    """An address that is not written to again, known by its hash."""

    item = SuppressionItem
    labels: ClassVar[Any] = {"address_hash": _("hash of the address")}

    reason = models.CharField(_("reason"), max_length=50)
    suppressed_at = models.DateTimeField(_("since"))

    class Meta:
        app_label = "notifications"
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")


class SuppressForm(ItemForm):
    """Asks for the address, of which only the hash is kept."""

    address = forms.EmailField(label=_("Email address"))

    def clean_address(self) -> str:
        try:
            return canonical_email(self.cleaned_data["address"])
        except DomainError as refusal:
            raise forms.ValidationError(in_words(refusal.message)) from refusal


class SuppressionAdmin(ItemAdmin):
    """Found by the address itself; put on the list when somebody asks for it, and taken from it when they may be
    written to again.
    """

    operations = frozenset({"add", "delete"})
    list_display = ("address_hash", "reason", "suppressed_at")
    search_fields = ("address_hash",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        own = {} if obj else {"form": SuppressForm}
        return super().get_form(request, obj, change, **own, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ("address",)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:  # noqa: FBT001
        instance = super().save_form(request, form, change)
        instance.address_hash = address_hash(form.cleaned_data["address"])
        return instance

    def write(self, request: HttpRequest, instance: Any, form: Any, entry: AuditEntry) -> None:
        suppress_address(email=form.cleaned_data["address"], reason="admin", now=now(), also=[entry.put_write()])

    def search_value(self, name: str, term: str) -> str:
        try:
            return address_hash(term) if "@" in term else term
        except DomainError:
            return term


ADMIN_CLASSES = ((Note, NoteAdmin), (Delivery, DeliveryAdmin), (Suppression, SuppressionAdmin))
