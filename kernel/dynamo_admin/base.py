"""What each part of `ItemAdmin` stands on: permissions, addresses of views, entries for the audit log."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from kernel.actors import Actor
from kernel.clock import now
from kernel.dynamo_admin.audit import AuditEntry, subject_of


class BaseItemAdmin(admin.ModelAdmin):
    """Permissions by role and operation, addresses of an item class's views, and entries for the audit log."""

    # What can be done to objects of this class at all, beside looking; the role decides as well.
    operations: ClassVar[frozenset[str]] = frozenset({"add", "change", "delete"})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return "add" in self.operations and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "change" in self.operations and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return "delete" in self.operations and super().has_delete_permission(request, obj)

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may run use cases."""
        return self._may(request, "act")

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may run the use cases that are for admins alone."""
        return self._may(request, "manage")

    def _may(self, request: HttpRequest, action: str) -> bool:
        user: Any = request.user
        return bool(user.has_perm(f"{self.opts.app_label}.{action}_{self.opts.model_name}"))

    def _url(self, view_name: str, *args: str) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{view_name}"
        return reverse(name, args=args)

    def _missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The answer of Django's views for an object that is not there: back to the index, with a message."""
        gone: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return gone

    def entry(
        self,
        request: HttpRequest,
        instance: Any,
        action: str,
        *,
        changes: Mapping[str, Any] | None = None,
        reason: str | None = None,
    ) -> AuditEntry:
        """The audit entry of what is going to be done to the object."""
        actor: Actor = request.user.actor  # type: ignore[union-attr]
        subject = subject_of(self.opts.label_lower, str(instance.pk))
        return AuditEntry(subject, actor, action, now(), changes or {}, reason or None)
