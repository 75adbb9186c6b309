"""The list page: one keyset page of what keys and indexes answer."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.core.paginator import EmptyPage, Paginator
from django.core.paginator import Page as DjangoPage
from django.db import NotSupportedError
from django.http import HttpRequest

from kernel.dynamo_admin.paging import Page
from kernel.errors import InvalidInputError


class CountlessPaginator(Paginator):
    """Knows only whether one more page follows: for what Django pages by number (autocomplete)."""

    count = 0

    def validate_number(self, number: Any) -> int:
        try:
            return max(1, int(number))
        except (TypeError, ValueError):
            raise EmptyPage("no page number") from None

    @property
    def num_pages(self) -> int:
        return -(-self.count // self.per_page) or 1

    def page(self, number: Any) -> DjangoPage:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        queryset: Any = self.object_list
        # Where nothing leads to all items, something has to be typed first.
        rows = list(queryset[start : start + self.per_page + 1]) if queryset.plan.is_readable else []
        self.count = start + len(rows)
        return DjangoPage(rows[: self.per_page], number, self)


class ItemChangeList(ChangeList):
    """Reads one page, shows links to its neighbours, and offers no order that no index has."""

    page: Page

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        try:
            return super().get_queryset(request, exclude_parameters)
        except (NotSupportedError, OverflowError) as error:
            # Beyond the end of the calendar there is no next month.
            raise IncorrectLookupParameters(str(error)) from error

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """What `?o=` asks for, if an index of what is filtered has that order; else the index decides."""
        offered = queryset.order_by().plan.orders()
        self.sortable_by = [
            name for name in self.list_display if isinstance(name, str) and self.get_ordering_field(name) in offered
        ]
        if ORDER_VAR not in self.params:
            return []
        asked = super().get_ordering(request, queryset)
        return [name for name in asked if str(name).lstrip("-") in offered][:1]

    def get_results(self, request: HttpRequest) -> None:
        queryset: Any = self.queryset
        if request.method == "POST":
            # An action reads its selection, and shows no list.
            queryset = queryset.none()
        try:
            page = queryset.page(size=self.list_per_page, cursor=request.GET.get(PAGE_VAR, ""))
        except (NotSupportedError, InvalidInputError) as error:
            raise IncorrectLookupParameters(str(error)) from error
        self.page = page
        self.needs_choice = not page.plan.is_readable
        if page.plan.ordered_by != self.date_hierarchy:
            self.date_hierarchy = None
        self.result_list = page
        self.result_count = self.full_result_count = len(page)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(page)
        self.paginator = CountlessPaginator(page, self.list_per_page)
        self.next_url = page.next and self.get_query_string({PAGE_VAR: page.next})
        self.previous_url = page.previous and self.get_query_string({PAGE_VAR: page.previous})
        self.first_url = self.get_query_string() if PAGE_VAR in request.GET else None
