"""Tables and their indexes, as far as a request can offend against them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Index:
    keys: tuple[str, ...]
    projection: str = "ALL"
    attributes: frozenset[str] = frozenset()
    is_global: bool = True


@dataclass(frozen=True, slots=True)
class TableSchema:
    """`keys` and those of `indexes`: partition key first, then the sort key if there is one."""

    name: str
    keys: tuple[str, ...]
    types: Mapping[str, str]
    indexes: Mapping[str, Index] = field(default_factory=dict)
    ttl: str | None = None

    def projected(self, index: Index) -> frozenset[str] | None:
        """The attributes in the index; None for all."""
        return None if index.projection == "ALL" else index.attributes | {*index.keys, *self.keys}


def _keys(schema: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"]))


def table_of_description(table: Mapping[str, Any], name: str | None = None) -> TableSchema:
    """From `describe_table` or from the properties of AWS::DynamoDB::Table, which are of the same form."""
    indexes = {
        index["IndexName"]: Index(
            _keys(index["KeySchema"]),
            index["Projection"]["ProjectionType"],
            frozenset(index["Projection"].get("NonKeyAttributes", ())),
            is_global=kind == "GlobalSecondaryIndexes",
        )
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for index in table.get(kind) or ()
    }
    ttl = table.get("TimeToLiveSpecification")
    return TableSchema(
        name or table["TableName"],
        _keys(table["KeySchema"]),
        {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]},
        indexes,
        ttl["AttributeName"] if ttl and ttl.get("Enabled") else None,
    )


def tables_of_template(template: Mapping[str, Any], *, prefix: str = "") -> dict[str, TableSchema]:
    """By name, from a CloudFormation template in its long form; `${Prefix}` in names becomes `prefix`, and
    `${Generation}` nothing.
    """
    tables = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            name = resource["Properties"]["TableName"]
            if isinstance(name, Mapping):
                name = name["Fn::Sub"].replace("${Prefix}", prefix).replace("${Generation}", "")
            tables[name] = table_of_description(resource["Properties"], name)
    return tables
