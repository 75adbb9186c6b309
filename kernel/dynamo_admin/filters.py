"""Filters of lists that read nothing to be shown."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest


class ValueFilter(admin.FieldListFilter):
    """A field that asks for one value, to be met exactly: for keys and references."""

    template = "dynamo_admin/value_filter.html"

    def __init__(
        self,
        field: models.Field,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[models.Model],
        model_admin: admin.ModelAdmin,
        field_path: str,
    ) -> None:
        self.parameter = f"{field.attname}__exact"
        if self.parameter in params:
            # What was copied from elsewhere often has a space at an end.
            params[self.parameter] = [value.strip() for value in params[self.parameter]]
            if params[self.parameter] == [""]:
                # A form sends its empty fields, too.
                del params[self.parameter]
        super().__init__(field, request, params, model, model_admin, field_path)
        used: Any = self.used_parameters.get(self.parameter, [""])
        self.value = used[-1]
        self.others = [
            (name, value)
            for name, values in request.GET.lists()
            if name not in (self.parameter, "p", "e")
            for value in values
        ]

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        return iter(())
