"""Lists as CSV: read and sent page by page, and safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from kernel import storage
from kernel.actors import Actor
from kernel.clock import now, to_rfc3339
from kernel.dynamo_admin.audit import AuditEntry, subject_of
from kernel.dynamo_admin.base import BaseItemAdmin
from kernel.dynamo_admin.paging import iterate

# So many are read within the patience of one request, also by a slow machine.
_EXPORT_PAGE = 200
# A spreadsheet takes a text that begins so for a formula, or drops the character and looks at the next.
_FORMULA_START = re.compile("[ \u00a0\u3000]*[=+\\-@|%\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
# Where decimals have commas, as in French, cells end at semicolons, and a quote within a line counts for nothing.
_FORMULA_IN_A_LATER_CELL = re.compile("(?<=[;\t\r\n])(?=[ \u00a0\u3000]*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def cell(value: Any) -> str:
    """The value as it stands in a cell. What a spreadsheet would calculate is made text by an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return to_rfc3339(value)
    if isinstance(value, bool | int | float):
        return str(value)
    text = _FORMULA_IN_A_LATER_CELL.sub("'", str(value))
    return f"'{text}" if _FORMULA_START.match(text) else text


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Each row as a line of CSV (RFC 4180)."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([cell(value) for value in row])
        yield line.getvalue()


class ExportingAdmin(BaseItemAdmin):
    """Offers each list, filtered as it is shown, as CSV."""

    # The columns of an export; those of the list where there are none.
    export_columns: ClassVar[Sequence[str]] = ()

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the person may take a list away."""
        return self._may(request, "export")

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = dict(extra_context or {})
        if self.has_export_permission(request):
            query = request.GET.copy()
            query.pop(PAGE_VAR, None)
            context["export_url"] = f"{self._url('export')}?{query.urlencode()}"
        return super().changelist_view(request, context)

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
        header = [self._label(column) for column in columns]
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

    def _label(self, column: Any) -> str:
        """What the column is called; the id of what an object refers to as what it refers to."""
        references = {field.attname: field.verbose_name for field in self.opts.concrete_fields}
        return str(references.get(column) or label_for_field(column, self.model, self))

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
