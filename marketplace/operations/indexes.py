"""Changes of tables' indexes that DynamoDB takes: one made or removed at a time, and none changed."""

import copy
from collections.abc import Mapping
from typing import Any

Template = dict[str, Any]
_TABLE = "AWS::DynamoDB::Table"


class IndexChangeError(Exception):
    """An index of the same name is another one; the message names it and says what to do."""


def templates_between(deployed: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Template]:
    """What to deploy, one after the other, before what is wanted, so that each changes one index of a table at most.

    None if a single update will do. What is new comes first, so that nobody is ever without an index that code asks.
    Raises `IndexChangeError`.
    """
    moves = {name: _moves(name, deployed, wanted) for name in _tables(wanted).keys() & _tables(deployed).keys()}
    steps = max(map(len, moves.values()), default=0)
    return [_template_after(count, moves, deployed, wanted) for count in range(1, steps)]


def _moves(table: str, deployed: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The names of indexes that are made, then of those that are removed."""
    before, after = _indexes(_tables(deployed)[table]), _indexes(_tables(wanted)[table])
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            raise IndexChangeError(
                f"{table}: DynamoDB changes neither keys nor projection of an index: give {name} another name, and "
                "remove the old one in a later release"
            )
    return [*(name for name in after if name not in before), *(name for name in before if name not in after)]


def _template_after(
    count: int, moves: Mapping[str, list[str]], deployed: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Template:
    """The wanted template without the indexes whose turn is later."""
    template = copy.deepcopy(dict(wanted))
    for table, names in moves.items():
        before, after = _tables(deployed)[table], _tables(wanted)[table]
        done = set(names[:count])
        kept = {name: index for name, index in _indexes(before).items() if name not in done}
        made = {name: index for name, index in _indexes(after).items() if name in done}
        properties = _tables(template)[table]
        properties["GlobalSecondaryIndexes"] = [*kept.values(), *made.values()]
        # Neither more attributes than are keys nor fewer.
        types = {each["AttributeName"]: each for source in (before, after) for each in source["AttributeDefinitions"]}
        used = {
            key["AttributeName"]
            for each in (properties, *properties["GlobalSecondaryIndexes"])
            for key in each["KeySchema"]
        }
        properties["AttributeDefinitions"] = [types[name] for name in sorted(used)]
    return template


def _tables(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: resource["Properties"] for name, resource in template["Resources"].items() if resource["Type"] == _TABLE
    }


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
