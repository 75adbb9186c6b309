"""The history of one object, read from the audit log in place of Django's log entries."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel import storage
from kernel.dynamo_admin.audit import AuditItem, describe, subject_of
from kernel.dynamo_admin.base import BaseItemAdmin

_HISTORY_PAGE = 50


class AuditedAdmin(BaseItemAdmin):
    """Shows the audit log as an object's history, and writes no log entries of Django's."""

    object_history_template = "dynamo_admin/object_history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the audit log says of the object, the newest first."""
        instance = self.get_object(request, unquote(object_id))
        if instance is None:
            return self._missing(request, object_id)
        if not self.has_view_or_change_permission(request, instance):
            raise PermissionDenied
        subject = subject_of(self.opts.label_lower, str(instance.pk))
        rows = storage.query_rows(AuditItem, subject, limit=_HISTORY_PAGE, forward=False, consistent=True).rows
        names = self.admin_site.names_of([row["actor_id"] for row in rows])  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change history: %s") % instance,
            "subtitle": None,
            "entries": [
                {"at": row["at"], "who": names.get(row["actor_id"], row["actor_id"]), "what": describe(row)}
                for row in rows
            ],
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": instance,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_history_template, context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the entry was written with the object."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the entry was written with the change."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Nothing: the entry is written with the deletion."""
