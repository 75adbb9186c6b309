"""A real `QuerySet` whose query is answered by DynamoDB."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import NotSupportedError, models
from django.utils import timezone

from kernel import storage
from kernel.dynamo_admin.paging import Page, iterate
from kernel.dynamo_admin.plans import Plan

if TYPE_CHECKING:
    from kernel.dynamo_admin.models import DynamoModel


class _Iterable:
    """What Django's query set iterates over in place of rows of SQL."""

    def __init__(self, queryset: "DynamoQuerySet", **options: Any) -> None:
        self._queryset = queryset

    def __iter__(self) -> Iterator["DynamoModel"]:
        queryset, query = self._queryset, self._queryset.query
        found = list(islice(iterate(queryset.plan), query.low_mark, query.high_mark))
        return iter(queryset.attach_references(found))


class DynamoQuerySet(models.QuerySet):
    """Filters, orders and slices as Django's does; only what an index or a key answers is answered at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iterable_class: Any = _Iterable

    @property
    def plan(self) -> Plan:
        """How it is going to be read. Raises `NotSupportedError` for what DynamoDB is never asked."""
        return Plan(self)

    @property
    def ordered(self) -> bool:
        """True: the key that is read always gives an order."""
        return True

    def page(self, *, size: int, cursor: str = "") -> Page:
        """One page of what the query finds.

        Raises `NotSupportedError` for a query that no key answers, and `InvalidInputError` for a cursor that is not its
        own.
        """
        page = Page(self.plan, size=size, cursor=cursor)
        self.attach_references(page)
        return page

    def attach_references(self, instances: Any) -> Any:
        """Read what `select_related` names, all of it in one BatchGetItem, and hang it on the objects."""
        wanted = self.query.select_related
        fields: list[Any] = [
            field
            for field in self.model._meta.concrete_fields
            if field.remote_field and wanted and (wanted is True or field.name in wanted)
        ]
        keys: dict[tuple[Any, ...], None] = {}
        for field in fields:
            related: Any = field.remote_field.model
            for instance in instances:
                key = related.split_key(getattr(instance, field.attname) or "")
                if key:
                    keys[(related, *key)] = None
        found: dict[tuple[Any, ...], DynamoModel] = {}
        everything = list(keys)
        for start in range(0, len(everything), storage.MAX_BATCH_KEYS):
            chunk = everything[start : start + storage.MAX_BATCH_KEYS]
            rows = storage.get_rows([(related.item, *key) for related, *key in chunk], consistent=False)
            for identity, row in zip(chunk, rows, strict=True):
                if row is not None:
                    found[identity] = identity[0].from_row(row)
        for field in fields:
            related = field.remote_field.model
            for instance in instances:
                key = related.split_key(getattr(instance, field.attname) or "")
                field.set_cached_value(instance, found.get((related, *key)) if key else None)
        return instances

    def exists(self) -> bool:
        if self._result_cache is not None or self.query.is_sliced:
            return bool(self)
        return bool(list(self.order_by()[:1]))

    def count(self) -> int:
        """How many there are, by reading them: for a selection, not for a list."""
        return len(self)

    def delete(self) -> Any:
        raise NotSupportedError("Items are deleted one by one, each with its condition and its audit entry.")

    def update(self, **values: Any) -> int:
        raise NotSupportedError("Items are changed one by one, each with its condition and its audit entry.")

    def aggregate(self, *args: Any, **expressions: Any) -> dict[str, Any]:
        """The ends of the time that a drill-down offers, which are worked out and not read."""
        found: dict[str, Any] = {}
        for alias, expression in expressions.items():
            if not isinstance(expression, models.Min | models.Max):
                raise NotSupportedError(f"DynamoDB does not work out {expression!r}")
            name = expression.get_source_expressions()[0].name
            found[alias] = self._ends(name)[0 if isinstance(expression, models.Min) else 1]
        return found

    def _ends(self, name: str) -> tuple[datetime, datetime]:
        """The model's span of time, narrowed to what the query asks for."""
        span: tuple[timedelta, timedelta] = self.model.span  # type: ignore[attr-defined]
        back, ahead = span
        first, last = timezone.now() - back, timezone.now() + ahead
        terms = self.plan.terms.get(name, {})
        first = max(first, terms.get("gte", first))
        # The end of a month or a year is the beginning of the next, which does not belong to it.
        return first, min(last, terms["lt"] - timedelta(microseconds=1)) if "lt" in terms else last

    def datetimes(  # type: ignore[override]
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: tzinfo | None = None
    ) -> list[datetime]:
        """Every year, month or day of the time that a drill-down offers, also those without items."""
        first, last = (timezone.localtime(end, tzinfo) for end in self._ends(field_name))
        if kind == "year":
            found = [first.replace(year=year, month=1, day=1) for year in range(first.year, last.year + 1)]
        elif kind == "month":
            months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
            found = [first.replace(year=month // 12, month=month % 12 + 1, day=1) for month in months]
        else:
            found = [first + timedelta(days=day) for day in range((last.date() - first.date()).days + 1)]
        return found if order == "ASC" else found[::-1]
