"""A table, its Django model and an admin site of the tests' own: trees in orchards, and who owns an orchard."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import models
from django.http import HttpRequest
from django.urls import include, path
from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from kernel import storage
from kernel.aws import client
from kernel.dynamo_admin.admin import ItemAdmin
from kernel.dynamo_admin.audit import AuditEntry
from kernel.dynamo_admin.filters import ValueFilter
from kernel.dynamo_admin.forms import ReasonForm
from kernel.dynamo_admin.models import DynamoModel
from kernel.dynamo_admin.sites import ItemAdminSite
from kernel.dynamo_admin.uses import Use
from kernel.errors import ConflictError
from kernel.sentences import sentence
from kernel.storage import InstantAttribute, Item, physical_name
from kernel.storage.requests import dispatch

STATES = ("seedling", "bearing", "felled")
DAWN = datetime(2026, 1, 1, 6, tzinfo=UTC)


class OrchardItem(Item):
    """Has no index: it is found by its key alone."""

    class Meta:
        table_name = physical_name("orchards-table")

    orchard_id = UnicodeAttribute(hash_key=True, attr_name="orchardId")
    name = UnicodeAttribute()


class StateIndex(GlobalSecondaryIndex["TreeItem"]):
    class Meta:
        index_name = "state-index"
        projection = KeysOnlyProjection()

    state = UnicodeAttribute(hash_key=True)
    planted_at = InstantAttribute(range_key=True, attr_name="plantedAt")


class OrchardIndex(GlobalSecondaryIndex["TreeItem"]):
    class Meta:
        index_name = "orchard-index"
        projection = AllProjection()

    orchard_id = UnicodeAttribute(hash_key=True, attr_name="orchardId")
    planted_at = InstantAttribute(range_key=True, attr_name="plantedAt")


class OrchardYieldIndex(GlobalSecondaryIndex["TreeItem"]):
    class Meta:
        index_name = "orchardYield-index"
        projection = AllProjection()

    orchard_id = UnicodeAttribute(hash_key=True, attr_name="orchardId")
    kilograms = NumberAttribute(range_key=True)


class LabelIndex(GlobalSecondaryIndex["TreeItem"]):
    class Meta:
        index_name = "label-index"
        projection = AllProjection()

    label = UnicodeAttribute(hash_key=True)


class TreeItem(Item):
    class Meta:
        table_name = physical_name("trees-table")

    tree_id = UnicodeAttribute(hash_key=True, attr_name="treeId")
    version = NumberAttribute()
    label = UnicodeAttribute()
    state = UnicodeAttribute()
    orchard_id = UnicodeAttribute(attr_name="orchardId")
    planted_at = InstantAttribute(attr_name="plantedAt")
    kilograms = NumberAttribute()
    is_grafted = BooleanAttribute(attr_name="isGrafted")
    notes = UnicodeAttribute(null=True)
    measures = JSONAttribute(null=True)
    tags = UnicodeSetAttribute(null=True)
    rows = ListAttribute[UnicodeAttribute](of=UnicodeAttribute, null=True)

    state_index = StateIndex()
    orchard_index = OrchardIndex()
    orchard_yield_index = OrchardYieldIndex()
    label_index = LabelIndex()


class VisitItem(Item):
    """Has a range key and no version."""

    class Meta:
        table_name = physical_name("visits-table")

    tree_id = UnicodeAttribute(hash_key=True, attr_name="treeId")
    day = UnicodeAttribute(range_key=True)
    remark = UnicodeAttribute(null=True)
    weather = UnicodeAttribute(null=True)


class Orchard(DynamoModel):
    item = OrchardItem

    class Meta:
        app_label = "marketplace"

    def __str__(self) -> str:
        return str(self.name)  # type: ignore[attr-defined]


class Tree(DynamoModel):
    item = TreeItem
    partitions = {"state": ((), lambda: STATES)}  # noqa: RUF012
    span = (timedelta(days=3650), timedelta(days=3650))

    state = models.CharField(max_length=20, choices=[(state, state) for state in STATES])
    orchard = models.ForeignKey(Orchard, models.DO_NOTHING)

    class Meta:
        app_label = "marketplace"

    def __str__(self) -> str:
        return str(self.label)  # type: ignore[attr-defined]


class Visit(DynamoModel):
    item = VisitItem

    class Meta:
        app_label = "marketplace"


class OrchardAdmin(ItemAdmin):
    search_fields = ("orchard_id",)
    open_attributes = ("name",)


def fell(request: HttpRequest, tree: Any, cleaned: dict[str, Any], entry: AuditEntry) -> str:
    """A use case, as a service would have it: refuses what is felled, writes change and entry together."""
    if tree.state == "felled":
        raise ConflictError(sentence("This tree is felled already."))
    tree.state = "felled"
    storage.transact([tree.save_write(), entry.put_write()])
    return f"{tree} is felled."


class TreeAdmin(ItemAdmin):
    list_display = ("label", "state", "orchard", "planted_at", "kilograms")
    list_filter = ("state", ("orchard", ValueFilter))
    search_fields = ("tree_id", "label")
    date_hierarchy = "planted_at"
    autocomplete_fields = ("orchard",)
    open_attributes = ("state", "kilograms", "label")
    list_per_page = 10
    uses = (
        Use(
            "fell",
            "Fell",
            fell,
            form=ReasonForm,
            is_offered=lambda tree, actor: tree.state != "felled",
            is_bulk=True,
            is_dangerous=True,
        ),
    )


class VisitAdmin(ItemAdmin):
    list_filter = (("tree_id", ValueFilter),)


site = ItemAdminSite("admin")
site.register(Orchard, OrchardAdmin)
site.register(Tree, TreeAdmin)
site.register(Visit, VisitAdmin)

# The templates of the admin lead to pages of the site.
urlpatterns = [path("admin/", site.urls), path("", include("pages.urls"))]


def make_tables() -> None:
    """Create the tables, whose models say how."""
    for model in (OrchardItem, TreeItem, VisitItem):
        schema: Any = model._get_schema()
        request: dict[str, Any] = {
            "TableName": model.Meta.table_name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": schema["key_schema"],
            "AttributeDefinitions": schema["attribute_definitions"],
        }
        if schema["global_secondary_indexes"]:
            request["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index["index_name"],
                    "KeySchema": index["key_schema"],
                    "Projection": index["projection"],
                }
                for index in schema["global_secondary_indexes"]
            ]
        client("dynamodb").create_table(**request)


def orchard(name: str = "North slope") -> str:
    """A new orchard: its id."""
    orchard_id = uuid4().hex[:12]
    storage.write(storage.put("orchard", OrchardItem(orchard_id=orchard_id, name=name)))
    return orchard_id


def tree(orchard_id: str, *, day: int = 0, state: str = "bearing", **values: Any) -> str:
    """A new tree, planted on the given day: its id."""
    item = _tree_item(orchard_id, day, state, **values)
    storage.write(storage.put("tree", item))
    return str(item.tree_id)


def _tree_item(orchard_id: str, day: float, state: str, **values: Any) -> TreeItem:
    tree_id = uuid4().hex
    known: dict[str, Any] = {
        "version": 1,
        "label": f"Tree {tree_id[:6]}",
        "planted_at": DAWN + timedelta(days=day),
        "kilograms": 10,
        "is_grafted": False,
    }
    return TreeItem(tree_id=tree_id, orchard_id=orchard_id, state=state, **(known | values))


def grove(orchard_id: str, count: int) -> None:
    """So many trees at once, one a minute, their states in turn: stored in batches, without conditions."""
    for start in range(0, count, 25):
        requests: Any = [
            {"PutRequest": {"Item": _tree_item(orchard_id, number / 1440, STATES[number % len(STATES)]).to_item()}}
            for number in range(start, min(start + 25, count))
        ]
        while requests:
            answer = dispatch("BatchWriteItem", {"RequestItems": {TreeItem.Meta.table_name: requests}})
            requests = (answer.get("UnprocessedItems") or {}).get(TreeItem.Meta.table_name)


def trees(orchard_id: str, count: int, *, states: Sequence[str] = STATES) -> list[str]:
    """So many trees, one a day, their states in turn: their ids, the newest first."""
    return [tree(orchard_id, day=day, state=states[day % len(states)], kilograms=day) for day in range(count)][::-1]


def stored(tree_id: str) -> storage.Row:
    row = storage.get_row(TreeItem, tree_id)
    assert row is not None
    return row
