"""The audit log in the admin: to be read, by nobody to be changed."""

from typing import Any, ClassVar

from django.contrib.admin import display
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.admin import Person
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import LIST_KEY, AuditItem, describe
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.models import DynamoModel


class AuditEntry(DynamoModel):
    """One entry of the audit log."""

    item = AuditItem
    labels: ClassVar[Any] = {"outcome": _("outcome"), "changes": _("changes"), "reason": _("reason")}
    partitions: ClassVar[Any] = {"list_key": ((), lambda: [LIST_KEY])}

    subject = models.CharField(_("subject"), max_length=2048)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(Person, models.DO_NOTHING, verbose_name=_("who"))
    actor_role = models.CharField(_("role"), max_length=20)
    action = models.CharField(_("action"), max_length=50)

    class Meta:
        app_label = "marketplace"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")

    def __str__(self) -> str:
        return f"{self.action} · {self.subject}"


class AuditEntryAdmin(ItemAdmin):
    """A list by time, of one person, or of one subject."""

    operations = frozenset()
    list_display = ("at", "who", "actor_role", "subject", "what")
    list_select_related = ("actor",)
    fields = ("at", "who", "user_id", "actor_role", "subject", "action", "outcome", "changes", "reason")
    readonly_fields = ("who", "user_id")
    list_filter = (("actor", ValueFilter), ("subject", ValueFilter))
    search_fields = ("subject", "actor_id")
    export_columns = ("at", "actor_id", "actor_role", "subject", "what")

    @staticmethod
    @display(description=_("who"))
    def who(entry: Any) -> str:
        """Their name; the id of those whose account is gone."""
        return str(entry.actor or entry.actor_id)

    @staticmethod
    @display(description=_("user id"))
    def user_id(entry: Any) -> str:
        """Their id, by which the list is filtered."""
        return str(entry.actor_id)

    @staticmethod
    @display(description=_("what"))
    def what(entry: Any) -> str:
        """What was done, and why."""
        return describe(entry.row)


ADMIN_CLASSES = ((AuditEntry, AuditEntryAdmin),)
