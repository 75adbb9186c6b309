"""The audit log in the admin: to be read, by nobody to be changed."""

from typing import Any, ClassVar

from django.contrib.admin import display
from django.db import models
from django.utils.translation import gettext_lazy as _

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
    actor_id = models.CharField(_("who"), max_length=64)
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
    list_display = ("at", "actor_id", "actor_role", "subject", "what")
    fields = ("at", "actor_id", "actor_role", "subject", "action", "outcome", "changes", "reason")
    list_filter = (("actor_id", ValueFilter), ("subject", ValueFilter))
    search_fields = ("subject", "actor_id")

    @staticmethod
    @display(description=_("what"))
    def what(entry: Any) -> str:
        """What was done, and why."""
        return describe(entry.row)


ADMIN_CLASSES = ((AuditEntry, AuditEntryAdmin),)
