"""An update of the tables makes or removes one index of a table at a time, as DynamoDB wants it."""

from typing import Any

import pytest

from marketplace.operations.indexes import IndexChangeError, templates_between


def index(name: str, key: str, projection: str = "ALL") -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
    }


def template(*indexes: dict[str, Any], ttl: bool = False) -> dict[str, Any]:
    """One table with these indexes."""
    keys = {"id", *(key["AttributeName"] for each in indexes for key in each["KeySchema"])}
    table = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        "GlobalSecondaryIndexes": list(indexes),
        **({"TimeToLiveSpecification": {"Enabled": True}} if ttl else {}),
    }
    return {"Resources": {"Things": {"Type": "AWS::DynamoDB::Table", "Properties": table}}}


def names(found: dict[str, Any]) -> list[str]:
    return [each["IndexName"] for each in found["Resources"]["Things"]["Properties"]["GlobalSecondaryIndexes"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (template(index("a", "x")), template(index("a", "x"), ttl=True)),
        (template(), template(index("a", "x"))),
        (template(index("a", "x")), template()),
    ],
)
def test_one_change_is_one_update(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert templates_between(before, after) == []


def test_what_is_new_comes_first_and_what_goes_goes_last() -> None:
    before = template(index("a", "x"), index("b", "y"))
    after = template(index("b", "y"), index("c", "z"), index("d", "x"))
    steps = templates_between(before, after)
    assert [names(step) for step in steps] == [["a", "b", "c"], ["a", "b", "c", "d"]]


def test_each_step_declares_the_attributes_of_its_keys_and_no_others() -> None:
    (step,) = templates_between(template(index("a", "x")), template(index("c", "z")))
    table = step["Resources"]["Things"]["Properties"]
    assert [each["AttributeName"] for each in table["AttributeDefinitions"]] == ["id", "x", "z"]


def test_an_index_that_becomes_another_is_refused_with_a_way_out() -> None:
    with pytest.raises(IndexChangeError, match=r"^Things: .*give a another name"):
        templates_between(template(index("a", "x")), template(index("a", "x", "KEYS_ONLY")))


def test_an_index_is_made_anew_under_its_name_if_that_is_wanted() -> None:
    before = template(index("a", "x"), index("b", "y"))
    after = template(index("a", "z"), index("b", "y"))
    (step,) = templates_between(before, after, remake=True)
    assert names(step) == ["b"]
    (step,) = templates_between(template(index("a", "x")), template(index("a", "z")), remake=True)
    assert "GlobalSecondaryIndexes" not in step["Resources"]["Things"]["Properties"]
