"""`ItemAdmin`: Django's `ModelAdmin`, with the hooks that assume SQL answered by items of DynamoDB."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import csrf_protect_m
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel import storage
from kernel.clock import from_epoch
from kernel.dynamo_admin.audit import AuditEntry
from kernel.dynamo_admin.changelists import CountlessPaginator, ItemChangeList
from kernel.dynamo_admin.exports import ExportingAdmin
from kernel.dynamo_admin.forms import ItemForm, OptionalJSONField
from kernel.dynamo_admin.history import AuditedAdmin
from kernel.dynamo_admin.querysets import DynamoQuerySet
from kernel.dynamo_admin.running import UseCaseAdmin
from kernel.errors import ConflictError, DomainError
from kernel.sentences import sentence
from kernel.wording.sentences import in_words

# How often a form that lost a race is looked at again; each time it is told what changed.
_TRIES = 3


class ItemAdmin(ExportingAdmin, UseCaseAdmin, AuditedAdmin):
    """The admin of one item class."""

    form = ItemForm
    change_list_template = "dynamo_admin/change_list.html"
    change_form_template = "dynamo_admin/change_form.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 25
    formfield_overrides: ClassVar[Any] = {models.JSONField: {"form_class": OptionalJSONField}}

    # The attributes whose values the audit log may hold: none that is personal.
    open_attributes: ClassVar[Sequence[str]] = ()
    # The fields that a change form lets people edit; None for all of them.
    editable: ClassVar[Sequence[str] | None] = None

    # --- Lists ------------------------------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ItemChangeList]:
        return ItemChangeList

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Those that a key or an index answers, together with what is filtered by already."""
        filters = {self._filtered_name(entry): entry for entry in super().get_list_filter(request)}
        present = {name: request.GET[name] for name in filters if request.GET.get(name)}
        return [
            entry
            for name, entry in filters.items()
            if self.model.objects.filter(**{name: "any", **present}).plan.is_readable
        ]

    def _filtered_name(self, entry: Any) -> str:
        """The parameter of a filter: one by the value of a field."""
        field: Any = self.opts.get_field(entry if isinstance(entry, str) else entry[0])
        return f"{field.attname}__exact"

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,  # noqa: FBT001, FBT002  (Django's signature)
    ) -> CountlessPaginator:
        return CountlessPaginator(queryset, per_page, orphans, allow_empty_first_page)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[DynamoQuerySet, bool]:
        """The results of the first search field in which a key or an index finds the term.

        The value of a field is met exactly, or by its beginning where it is written `^field`.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        for field in self.get_search_fields(request):
            name = field.lstrip("^=")
            lookup = "startswith" if field.startswith("^") else "exact"
            value = self.search_value(name, term)
            # Ids are of small letters; whoever was told one by telephone may have written capitals.
            for spelling in dict.fromkeys((value, value.lower())):
                found = queryset.order_by().filter(**{f"{name}__{lookup}": spelling})
                plan = found.plan
                if plan.is_readable and (plan.keys is not None or not plan.is_selective) and found.exists():
                    return found, False
        return queryset.none(), False

    def search_value(self, name: str, term: str) -> str:
        """The term as the attribute would hold it."""
        return term

    @staticmethod
    @admin.display(description=gettext_lazy("kept until"))
    def kept_until(instance: Any) -> str:
        """When the item goes by itself, which DynamoDB counts in seconds; to be named among the read-only fields."""
        if instance.expires_at is None:
            return ""
        return date_format(timezone.localtime(from_epoch(instance.expires_at)), "DATETIME_FORMAT")

    # --- Forms ------------------------------------------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A key never changes; the version counts by itself."""
        names = [*super().get_readonly_fields(request, obj)]
        if obj is not None:
            names += [name for name in (*obj.key_names(), "version") if name in self._field_names()]
        if self.editable is not None:
            names += [field.name for field in self.opts.concrete_fields if field.name not in self.editable]
        return list(dict.fromkeys(names))

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        excluded = super().get_exclude(request, obj)
        return excluded if obj is not None else [*(excluded or ()), *({"version"} & self._field_names())]

    def _field_names(self) -> set[str]:
        return {field.attname for field in self.opts.concrete_fields}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "admin_refusal", None)
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:  # noqa: FBT001
        """What was not touched stays what is stored, to the letter."""
        instance = super().save_form(request, form, change)
        for field in self.opts.concrete_fields if change else ():
            if field.name in form.fields and field.name not in form.changed_data:
                setattr(instance, field.attname, instance.row.get(field.attname))
        return instance

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The object with all that it refers to, in two calls; None for what is no key, or not there."""
        key = self.model.split_key(object_id)
        references = [field.name for field in self.opts.concrete_fields if field.remote_field]
        found = self.get_queryset(request).select_related(*references).filter(pk=object_id) if key else ()
        return next(iter(found), None)

    @csrf_protect_m  # type: ignore[untyped-decorator]
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """As Django's, without a transaction of SQL: what the write refuses is shown in the form, which keeps all."""
        for _attempt in range(_TRIES):
            try:
                return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]
            except storage.ConditionFailedError:
                # Somebody was faster: the form reads again, and says so.
                continue
            except DomainError as refusal:
                request.admin_refusal = refusal  # type: ignore[attr-defined]
        raise ConflictError(sentence("Somebody else changes this at the same time. Try again in a moment."))

    # --- Writing ----------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write the object and its audit entry in one transaction.

        Raises `ConditionFailedError` where somebody was faster, and the `DomainError` that a service refuses with.
        """
        changed = obj.changed_values()
        if not changed:
            return
        entry = self.entry(request, obj, "change" if change else "add", changes=self._open_changes(obj, changed))
        self.write(request, obj, form, entry)

    def write(self, request: HttpRequest, instance: Any, form: Any, entry: AuditEntry) -> None:
        """Store what the form made of the object. Where a service has this use case, override this and call it."""
        storage.transact([instance.save_write(), entry.put_write()])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        entry = self.entry(request, obj, "delete")
        storage.transact([obj.delete_write(), entry.put_write()])

    def _open_changes(self, instance: Any, changed: Mapping[str, Any]) -> dict[str, Any]:
        """The names of what changed, with values only where these may be kept."""
        return {
            name: [_plain(instance.row.get(name)), _plain(value)] if name in self.open_attributes else None
            for name, value in changed.items()
        }

    # --- Deleting ---------------------------------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The objects themselves: nothing is deleted along with an item."""
        may_delete = all(self.has_delete_permission(request, obj) for obj in objs)
        lacking = set() if may_delete else {str(self.opts.verbose_name)}
        return [str(obj) for obj in objs], {str(self.opts.verbose_name_plural): len(objs)}, lacking, []

    @csrf_protect_m  # type: ignore[untyped-decorator]
    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """As Django's, without a transaction of SQL."""
        try:
            return self._delete_view(request, object_id, extra_context)  # type: ignore[attr-defined]
        except storage.ConditionFailedError:
            message = _("Somebody else changed it meanwhile. Nothing was deleted: look at it again.")
        except DomainError as refusal:
            message = in_words(refusal.message)
        self.message_user(request, message, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> Any:
        """As Django's, and then the list: also for who may look at it and change nothing."""
        super().response_delete(request, obj_display, obj_id)
        return HttpResponseRedirect(self._url("changelist"))


def _plain(value: Any) -> Any:
    """The value as JSON knows it."""
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
