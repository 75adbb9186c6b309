"""Changes of tables' indexes that DynamoDB takes: one made or removed at a time, and none changed.

An index that is another one under its name is removed and made anew, if whoever deploys wants that.
"""

import copy
from collections.abc import Mapping
from typing import Any

Template = dict[str, Any]
_TABLE = "AWS::DynamoDB::Table"


class IndexChangeError(Exception):
    """An index of the same name is another one; the message names it and says what to do."""


def templates_between(
    deployed: Mapping[str, Any], wanted: Mapping[str, Any], *, remake: bool = False
) -> list[Template]:
    """What to deploy, one after the other, before what is wanted, so that each changes one index of a table at most.

    None if a single update will do. What is new comes first, so that nobody is ever without an index that code asks;
    but for those that are made anew, with `remake`. Raises `IndexChangeError` for these without it.
    """
    moves = {
        name: _moves(name, deployed, wanted, remake=remake)
        for name in _tables(wanted).keys() & _tables(deployed).keys()
    }
    steps = max(map(len, moves.values()), default=0)
    return [_template_after(count, moves, deployed, wanted) for count in range(1, steps)]


def _moves(
    table: str, deployed: Mapping[str, Any], wanted: Mapping[str, Any], *, remake: bool
) -> list[tuple[str, bool]]:
    """The names of indexes with whether they are made or removed, in turn."""
    before, after = _indexes(_tables(deployed)[table]), _indexes(_tables(wanted)[table])
    changed = [name for name in after if name in before and before[name] != after[name]]
    if changed and not remake:
        raise IndexChangeError(
            f"{table}: DynamoDB changes neither keys nor projection of an index: give {changed[0]} another name, and "
            "remove the old one in a later release; or deploy with --remake-indexes, at a quiet hour: until it is made "
            "anew, which takes minutes, lists that ask for it fail"
        )
    return [
        *((name, True) for name in after if name not in before),
        *(move for name in changed for move in ((name, False), (name, True))),
        *((name, False) for name in before if name not in after),
    ]


def _template_after(
    count: int, moves: Mapping[str, list[tuple[str, bool]]], deployed: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Template:
    """The wanted template with the indexes as they are after so many moves."""
    template = copy.deepcopy(dict(wanted))
    for table, turns in moves.items():
        before, after = _tables(deployed)[table], _tables(wanted)[table]
        there = dict(_indexes(before))
        for name, is_made in turns[:count]:
            there.pop(name, None)
            if is_made:
                there[name] = _indexes(after)[name]
        properties = _tables(template)[table]
        properties["GlobalSecondaryIndexes"] = list(there.values())
        # Neither more attributes than are keys nor fewer.
        types = {each["AttributeName"]: each for source in (before, after) for each in source["AttributeDefinitions"]}
        used = {
            key["AttributeName"]
            for each in (properties, *properties["GlobalSecondaryIndexes"])
            for key in each["KeySchema"]
        }
        properties["AttributeDefinitions"] = [types[name] for name in sorted(used)]
        if not there:
            del properties["GlobalSecondaryIndexes"]
    return template


def _tables(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: resource["Properties"] for name, resource in template["Resources"].items() if resource["Type"] == _TABLE
    }


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
