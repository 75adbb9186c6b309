"""Django's admin still has the hooks that ours is hung on, with the same signatures: an upgrade shows here."""

import inspect
from typing import Any

import pytest
from django.contrib.admin import AdminSite, FieldListFilter, ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentTypeManager
from django.db.models import QuerySet
from django.db.models.sql import Query
from django.db.models.sql.where import NothingNode, WhereNode
from django.forms.boundfield import BoundField
from django.urls import URLResolver

from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.changelists import ItemChangeList
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.querysets import DynamoQuerySet
from kernel.dynamo_admin.sites import ItemAdminSite

# Ours → Django's → the methods that ours overrides.
OVERRIDDEN: list[tuple[type, type, set[str]]] = [
    (
        ItemAdmin,
        ModelAdmin,
        {
            "changeform_view",
            "changelist_view",
            "delete_model",
            "delete_view",
            "formfield_for_dbfield",
            "get_actions",
            "get_changelist",
            "get_deleted_objects",
            "get_exclude",
            "get_form",
            "get_list_filter",
            "get_object",
            "get_paginator",
            "get_readonly_fields",
            "get_search_results",
            "get_urls",
            "has_add_permission",
            "has_change_permission",
            "has_delete_permission",
            "history_view",
            "log_addition",
            "log_change",
            "log_deletions",
            "render_change_form",
            "response_delete",
            "save_form",
            "save_model",
        },
    ),
    (ItemAdminSite, AdminSite, {"get_urls", "index", "register"}),
    (ItemChangeList, ChangeList, {"get_ordering", "get_queryset", "get_results"}),
    (ValueFilter, FieldListFilter, {"choices", "expected_parameters", "has_output"}),
    (
        DynamoQuerySet,
        QuerySet,
        {"aggregate", "count", "datetimes", "delete", "exists", "ordered", "update"},
    ),
]
# What is called or read that Django does not document: class → names, and names that its instances have.
PRIVATE: list[tuple[type, set[str]]] = [
    (ModelAdmin, {"_changeform_view", "_delete_view", "_get_obj_does_not_exist_redirect"}),
    (ContentTypeManager, {"_add_to_cache"}),
    (BoundField, {"_has_changed"}),
    (Query, {"is_empty"}),
    (URLResolver, {"_populate"}),
]


def overridden(ours: type, theirs: type) -> set[str]:
    """The names of Django's that our class, or one that it is made of, defines anew."""
    parts = [part for part in ours.__mro__ if part not in theirs.__mro__]
    return {
        name
        for part in parts
        for name in vars(part)
        if not name.startswith("__") and callable_or_property(theirs, name)
    }


def callable_or_property(owner: type, name: str) -> bool:
    found = inspect.getattr_static(owner, name, None)
    return callable(found) or isinstance(found, property | classmethod | staticmethod)


@pytest.mark.parametrize(("ours", "theirs", "names"), OVERRIDDEN, ids=lambda value: getattr(value, "__name__", None))
def test_every_overridden_method_is_still_django_s(ours: type, theirs: type, names: set[str]) -> None:
    assert overridden(ours, theirs) - {"form", "media"} == names


def parameters(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (ours, theirs, name)
        for ours, theirs, names in OVERRIDDEN
        for name in sorted(names)
        if callable(getattr(theirs, name))
    ],
)
def test_an_overridden_method_takes_what_django_gives(ours: type, theirs: type, name: str) -> None:
    given, taken = parameters(getattr(theirs, name)), parameters(getattr(ours, name))
    if "kwargs" in taken or "options" in taken or "expressions" in taken or "values" in taken:
        return
    assert taken == given


@pytest.mark.parametrize(("owner", "names"), PRIVATE, ids=lambda value: getattr(value, "__name__", None))
def test_what_is_used_beyond_the_documentation_is_there(owner: type, names: set[str]) -> None:
    assert names <= set(dir(owner))


def test_a_query_is_still_a_tree_of_where_nodes() -> None:
    query = Query(None)
    assert isinstance(query.where, WhereNode)
    assert {"order_by", "low_mark", "high_mark", "select_related"} <= set(dir(query))
    assert NothingNode().contains_aggregate is False
    assert hasattr(QuerySet(), "_iterable_class")


def test_the_admin_has_no_views_and_actions_that_ours_does_not_know() -> None:
    """A view that a new version adds may ask SQL: look at it before it is listed here."""
    views = {name for name in dir(ModelAdmin) if name.endswith("_view") and name[0] != "_"}
    assert views == {"add_view", "change_view", "changeform_view", "changelist_view", "delete_view", "history_view"}
    site = {"index", "app_index", "login", "logout", "password_change", "password_change_done", "autocomplete_view"}
    site |= {"i18n_javascript", "catch_all_view"}
    assert site <= set(dir(AdminSite))
    logs = {name for name in dir(ModelAdmin) if name.startswith("log_")}
    # `log_deletion` is deprecated, and called by nothing.
    assert logs == {"log_addition", "log_change", "log_deletion", "log_deletions"}
    assert hasattr(AutocompleteJsonView, "get_paginator")
