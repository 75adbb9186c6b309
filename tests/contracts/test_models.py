"""The PynamoDB models and the tables of `infrastructure/data.yaml` say the same."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from django.apps import apps
from pynamodb.attributes import DiscriminatorAttribute, MapAttribute

from kernel.storage import Item, item_classes, physical_name
from tests.templates import resources


def models() -> list[type[Item]]:
    """Every model of every app."""
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.models"):
            import_module(f"{app.name}.models")
    # Tests have an app of their own, whose table no template has.
    own = [model for model in item_classes() if not model.__module__.startswith("tests.")]
    return sorted(own, key=lambda model: model.__name__)


def declared_tables() -> dict[str, dict[str, Any]]:
    """Physical name → properties in the template."""
    found = resources("data").values()
    names = {each["Properties"]["TableName"]["Fn::Sub"]: each["Properties"] for each in found}
    return {
        physical_name(name.removeprefix("${Prefix}").removesuffix("${Generation}")): properties
        for name, properties in names.items()
    }


def _keys(schema: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def _projected(projection: dict[str, Any], keys: set[str]) -> tuple[str, frozenset[str]]:
    """Keys are in every index, named in the projection or not."""
    return projection["ProjectionType"], frozenset(projection.get("NonKeyAttributes", [])) - keys


def test_models_need_none_of_what_the_constructor_of_items_leaves_out() -> None:
    attributes = [attribute for model in models() for attribute in model.get_attributes().values()]
    assert {(attribute.default, attribute.default_for_new) for attribute in attributes} == {(None, None)}
    assert not [attribute for attribute in attributes if isinstance(attribute, (MapAttribute, DiscriminatorAttribute))]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_a_model_is_its_table(model: type[Item]) -> None:
    table = declared_tables()[model.Meta.table_name]
    schema = model._get_schema()
    table_keys = _keys(table["KeySchema"])

    assert _keys(schema["key_schema"]) == table_keys
    assert {each["AttributeName"]: each["AttributeType"] for each in schema["attribute_definitions"]} == {
        each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]
    }
    indexes = {index["index_name"]: index for index in schema["global_secondary_indexes"]}
    declared = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
    assert indexes.keys() == declared.keys()
    for name, index in indexes.items():
        index_keys = _keys(declared[name]["KeySchema"])
        assert _keys(index["key_schema"]) == index_keys
        keys = {*index_keys.values(), *table_keys.values()}
        assert _projected(index["projection"], keys) == _projected(declared[name]["Projection"], keys)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_an_index_carries_only_attributes_that_the_model_has(model: type[Item]) -> None:
    stored = {attribute.attr_name for attribute in model.get_attributes().values()}
    table = declared_tables()[model.Meta.table_name]
    for index in table.get("GlobalSecondaryIndexes", []):
        assert set(index["Projection"].get("NonKeyAttributes", [])) <= stored
