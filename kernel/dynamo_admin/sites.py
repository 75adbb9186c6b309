"""`ItemAdminSite`: Django's admin site without SQL, and with its recent actions read from the audit log."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest
from django.template.response import TemplateResponse

from kernel import storage
from kernel.dynamo_admin.audit import ACTOR_INDEX, AuditItem, describe

_RECENT_ENTRIES = 10
_LEFT_OUT = frozenset({"password_change", "password_change_done", "view_on_site"})


class ItemAdminSite(admin.AdminSite):
    """An admin site that stores nothing in SQL: without Django's log entries, deletion in bulk and passwords."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.index_template = "dynamo_admin/index.html"
        self.disable_action("delete_selected")

    def get_urls(self) -> list[Any]:
        """As Django's, without what asks SQL or knows passwords."""
        return [found for found in super().get_urls() if getattr(found, "name", "") not in _LEFT_OUT]

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """As Django's; the content types that its forms ask for live in memory."""
        super().register(model_or_iterable, admin_class, **options)
        registered: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        for model in registered:
            label = model._meta.label_lower
            content_type = ContentType(zlib.crc32(label.encode()), *label.split("."))
            ContentType.objects._add_to_cache(DEFAULT_DB_ALIAS, content_type)  # type: ignore[attr-defined]

    def names_of(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """What the history calls the people with these ids; those without a name go by their id."""
        return {}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """As Django's; what the person did last comes from the audit log."""
        rows = storage.query_rows(
            AuditItem, str(request.user.pk), index=ACTOR_INDEX, limit=_RECENT_ENTRIES, forward=False
        ).rows
        recent = [{"subject": row["subject"], "at": row["at"], "what": describe(row)} for row in rows]
        return super().index(request, {"recent_entries": recent, **(extra_context or {})})
