"""`ItemAdmin`: Django's `ModelAdmin`, with the hooks that assume SQL answered by items of DynamoDB."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters, csrf_protect_m
from django.contrib.admin.utils import label_for_field, lookup_field, quote, unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel import storage
from kernel.actors import Actor
from kernel.clock import now
from kernel.dynamo_admin.audit import ACTOR_INDEX, AuditEntry, AuditItem, describe, subject_of
from kernel.dynamo_admin.changelists import CountlessPaginator, ItemChangeList
from kernel.dynamo_admin.exports import csv_lines
from kernel.dynamo_admin.forms import ItemForm, OptionalJSONField, ReasonForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.paging import iterate
from kernel.dynamo_admin.querysets import DynamoQuerySet
from kernel.dynamo_admin.uses import Use, offered
from kernel.errors import ConflictError, DomainError
from kernel.sentences import sentence
from kernel.wording.sentences import in_words

_HISTORY_PAGE = 50
_RECENT_ENTRIES = 10
_LEFT_OUT = frozenset({"password_change", "password_change_done", "view_on_site"})
_EXPORT_PAGE = 500
# How often a form that lost a race is looked at again; each time it is told what changed.
_TRIES = 3


class ItemAdminSite(admin.AdminSite):
    """A site of which nothing is in SQL: no log entries of Django's, no deletion in bulk, nobody's password."""

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


class ItemAdmin(admin.ModelAdmin):
    """The admin of one item class."""

    form = ItemForm
    change_list_template = "dynamo_admin/change_list.html"
    change_form_template = "dynamo_admin/change_form.html"
    object_history_template = "dynamo_admin/object_history.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 25
    formfield_overrides: ClassVar[Any] = {models.JSONField: {"form_class": OptionalJSONField}}

    # The attributes whose values the audit log may hold: none that is personal.
    open_attributes: ClassVar[Sequence[str]] = ()
    uses: ClassVar[tuple[Use, ...]] = ()
    # What can be done to objects of this class at all, beside looking; the role decides as well.
    operations: ClassVar[frozenset[str]] = frozenset({"add", "change", "delete"})
    # The fields that a change form lets people edit; None for all of them.
    editable: ClassVar[Sequence[str] | None] = None
    # The columns of an export; those of the list where there are none.
    export_columns: ClassVar[Sequence[str]] = ()

    # --- Permissions ------------------------------------------------------------------------------------------------

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

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the person may take a list away."""
        return self._may(request, "export")

    def _may(self, request: HttpRequest, action: str) -> bool:
        user: Any = request.user
        return bool(user.has_perm(f"{self.opts.app_label}.{action}_{self.opts.model_name}"))

    # --- Lists ------------------------------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ItemChangeList]:
        return ItemChangeList

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
        """The results of the first search field of which a key or an index knows the term.

        A field is met exactly, or by its beginning where it is written `^field`.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        for field in self.get_search_fields(request):
            name = field.lstrip("^=")
            lookup = "startswith" if field.startswith("^") else "exact"
            found = queryset.order_by().filter(**{f"{name}__{lookup}": self.search_value(name, term)})
            plan = found.plan
            if plan.is_readable and (plan.keys is not None or not plan.is_selective) and found.exists():
                return found, False
        return queryset.none(), False

    def search_value(self, name: str, term: str) -> str:
        """The term as the attribute would hold it."""
        return term

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = dict(extra_context or {})
        if self.has_export_permission(request):
            query = request.GET.copy()
            query.pop(PAGE_VAR, None)
            context["export_url"] = f"{self._url('export')}?{query.urlencode()}"
        return super().changelist_view(request, context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The use cases that the list offers for a selection, beside the declared actions."""
        actions: dict[str, Any] = super().get_actions(request)
        for use in self._permitted_uses(request):
            if use.is_bulk:
                actions[use.name] = (partial(_run_for_selection, use=use), use.name, use.label)
        return actions

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

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        instance = kwargs.get("obj")
        if instance is not None and instance.row:
            context["uses"] = [(use, self._use_url(instance, use)) for use in self._uses_of(request, instance)]
        else:
            context["uses"] = []
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Writing ----------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write the object and its audit entry in one transaction.

        Raises `ConditionFailedError` where somebody was faster, and whatever `DomainError` a service refuses with.
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

    def _open_changes(self, instance: Any, changed: Mapping[str, Any]) -> dict[str, Any]:
        """The names of what changed, with values only where these may be kept."""
        return {
            name: [_plain(instance.row.get(name)), _plain(value)] if name in self.open_attributes else None
            for name, value in changed.items()
        }

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the entry was written with the object."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the entry was written with the change."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Nothing: the entry is written with the deletion."""

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

    # --- Use cases --------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [path("export/", view(self.export_view), name=f"{name}_export")]
        if self.uses:
            own.append(path("<path:object_id>/do/<slug:use_name>/", view(self.use_view), name=f"{name}_use"))
        return own + super().get_urls()

    def _url(self, view_name: str, *args: str) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{view_name}"
        return reverse(name, args=args)

    def _use_url(self, instance: Any, use: Use) -> str:
        return self._url("use", quote(instance.pk), use.name)

    def _permitted_uses(self, request: HttpRequest, instance: Any = None) -> list[Use]:
        def may(use: Use) -> bool:
            ask: Callable[..., bool] = getattr(self, f"has_{use.permission}_permission")
            return ask(request, instance)

        return [use for use in self.uses if may(use)]

    def _uses_of(self, request: HttpRequest, instance: Any) -> list[Use]:
        """The use cases that the person may run and that the object's state allows."""
        return offered(tuple(self._permitted_uses(request, instance)), instance)

    def _missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        gone: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return gone

    @csrf_protect_m  # type: ignore[untyped-decorator]
    def use_view(self, request: HttpRequest, object_id: str, use_name: str) -> HttpResponseBase:
        """Ask for confirmation (GET), or run a use case (POST)."""
        use = next((use for use in self.uses if use.name == use_name), None)
        if use is None:
            raise Http404
        if use not in self._permitted_uses(request):
            raise PermissionDenied
        instance = self.get_object(request, unquote(object_id))
        if instance is None:
            return self._missing(request, object_id)
        form = use.form(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                answer = self.run_use(request, use, instance, form.cleaned_data)
            except DomainError as refusal:
                form.add_error(None, in_words(refusal.message))
            else:
                if isinstance(answer, HttpResponseBase):
                    return answer
                self.message_user(request, str(answer), messages.SUCCESS)
                away = self._url("changelist") if use.removes else self._url("change", quote(instance.pk))
                return HttpResponseRedirect(away)
        context = {
            **self.admin_site.each_context(request),
            "title": use.label,
            "subtitle": str(instance),
            "opts": self.opts,
            "original": instance,
            "use": use,
            "form": form,
            "media": self.media + form.media,
        }
        request.current_app = self.admin_site.name
        status = 400 if form.is_bound else 200
        return TemplateResponse(request, "dynamo_admin/use.html", context, status=status)

    def run_use(self, request: HttpRequest, use: Use, instance: DynamoModel, cleaned: dict[str, Any]) -> Any:
        """Run a use case for one object. Raises `DomainError` for what the rules refuse."""
        entry = self.entry(request, instance, use.name, reason=cleaned.get("reason"))
        try:
            return use.run(request, instance, cleaned, entry)
        except storage.ConditionFailedError as failure:
            raise ConflictError(sentence("Somebody else changed it meanwhile. Look at it again.")) from failure

    # --- History ----------------------------------------------------------------------------------------------------

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

    # --- Export -----------------------------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The filtered list as CSV: all of it as a stream, or (`?part=`) one part, whose header `X-Next-Part` names the
        next: what comes in parts can show how far it is, and outlasts no time limit.
        """
        if not self.has_export_permission(request):
            raise PermissionDenied
        is_part, cursor = "part" in request.GET, request.GET.get("part", "")
        query = request.GET.copy()
        query.pop("part", None)
        request.GET = query  # type: ignore[assignment]
        try:
            change_list: Any = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        queryset, columns = change_list.queryset, list(self.export_columns or self.get_list_display(request))
        plan = queryset.plan
        if not plan.is_readable:
            message = _("Choose a filter or search first: this list is never read as a whole.")
            self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(self._url("changelist"))
        header = [str(label_for_field(column, self.model, self)) for column in columns]
        if not cursor:
            storage.write(self._export_entry(request, query.dict()).put_write())
        headers = {"Content-Disposition": f'attachment; filename="{self.opts.model_name}.csv"'}
        if not is_part:
            lines = csv_lines(self._rows(iterate(plan), columns, header))
            return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
        page = queryset.page(size=_EXPORT_PAGE, cursor=cursor)
        lines = csv_lines(self._rows(iter(page), columns, None if cursor else header))
        if page.next:
            headers["X-Next-Part"] = f"{request.path}?{urlencode([*query.items(), ('part', page.next)])}"
        return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8", headers=headers)

    def _rows(
        self, instances: Iterator[Any], columns: Sequence[Any], header: Sequence[str] | None
    ) -> Iterator[Sequence[Any]]:
        if header:
            yield header
        for instance in instances:
            yield [lookup_field(column, instance, self)[2] for column in columns]

    def _export_entry(self, request: HttpRequest, filters: Mapping[str, Any]) -> AuditEntry:
        actor: Actor = request.user.actor  # type: ignore[union-attr]
        # By which fields, and not by which values: somebody's address may be among them.
        changes = dict.fromkeys(filters)
        return AuditEntry(subject_of(self.opts.label_lower, "*"), actor, "export", now(), changes)


def _plain(value: Any) -> Any:
    """The value as JSON knows it."""
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _run_for_selection(
    model_admin: ItemAdmin, request: HttpRequest, queryset: DynamoQuerySet, *, use: Use
) -> HttpResponseBase | None:
    """Run a use case for each selected object, after a page that asks for what its form asks for."""
    instances = list(queryset)
    form = use.form(request.POST if "confirmed" in request.POST else None)
    if not form.is_valid():
        context = {
            **model_admin.admin_site.each_context(request),
            "title": use.label,
            "subtitle": None,
            "opts": model_admin.opts,
            "instances": instances,
            "use": use,
            "form": form,
            "media": model_admin.media + form.media,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        request.current_app = model_admin.admin_site.name
        return TemplateResponse(request, "dynamo_admin/use.html", context)
    done = 0
    for instance in instances:
        try:
            model_admin.run_use(request, use, instance, form.cleaned_data)
        except DomainError as refusal:
            model_admin.message_user(request, f"{instance}: {in_words(refusal.message)}", messages.ERROR)
        else:
            done += 1
    if done:
        message = _("%(label)s: done for %(count)d.")
        model_admin.message_user(request, message % {"label": use.label, "count": done}, messages.SUCCESS)
    return None


__all__ = ["ItemAdmin", "ItemAdminSite", "ReasonForm", "Use"]
