"""A stage that release 0.1 made, brought to this checkout's state with all that it holds.

`releases/0_1` has the templates of that release, as it deployed them. A release keeps its own beside them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel.aws import client
from marketplace.laptop.cloudformation import read_template
from marketplace.operations.deploy import destruction
from marketplace.operations.provisioning import DATA, ProvisioningError, provision

STAGE = "neighbour"
FOLDER = Path(__file__).with_name("releases") / "0_1" / "infrastructure"
KEPT = ("bookings", "services", "providers", "reviews", "users", "invoices", "slot-claims")


@pytest.fixture
def neighbour(is_torture: bool, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A stage as release 0.1 left it: its tables; in a torture, everything that it had."""
    stacks = client("cloudformation")
    for path in FOLDER.glob("*.yaml") if is_torture else [FOLDER / "data.yaml"]:
        given = {"Prefix": f"{STAGE}-", "DeletionPolicy": "Delete", "MailDomain": "lintel.example"}
        wanted = read_template(path)["Parameters"]
        stacks.create_stack(
            StackName=f"{STAGE}-marketplace-{path.stem}",
            TemplateBody=path.read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": given[key]} for key in wanted],
            Capabilities=["CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM"],
        )
        stacks.get_waiter("stack_create_complete").wait(
            StackName=f"{STAGE}-marketplace-{path.stem}", WaiterConfig={"Delay": 1}
        )
    yield STAGE
    monkeypatch.setattr(destruction, "undeploy", lambda stage, report: None)
    destruction.destroy(STAGE, keep_data=False, report=lambda line: None)


def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = client("dynamodb").describe_table(TableName=f"{STAGE}-{name}-table")["Table"]
    return found


def indexes(described: dict[str, Any]) -> dict[str, Any]:
    return {
        each["IndexName"]: (each["KeySchema"], sorted(each["Projection"].get("NonKeyAttributes", [])))
        for each in described.get("GlobalSecondaryIndexes", [])
    }


def test_a_stage_of_the_release_before_is_updated_with_its_data(neighbour: str, is_torture: bool) -> None:
    dynamodb = client("dynamodb")
    items: dict[str, dict[str, Any]] = {}
    for name in KEPT:
        keys = [key["AttributeName"] for key in table(name)["KeySchema"]]
        items[name] = {**{key: {"S": "of 0.1"} for key in keys}, "note": {"S": "kept"}}
        dynamodb.put_item(TableName=f"{STAGE}-{name}-table", Item=items[name])
    before = {name: table(name)["TableId"] for name in KEPT}

    # Indexes of release 0.1 are others under their names: nothing is begun without a word.
    with pytest.raises(ProvisioningError, match="deploy with --remake-indexes"):
        provision(STAGE)
    said: list[str] = []
    provision(STAGE, remake_indexes=True, report=said.append)

    assert f"{STAGE}-marketplace-data: UPDATE_COMPLETE" in said
    # Not one of them was made anew.
    assert {name: table(name)["TableId"] for name in KEPT} == before
    for name, item in items.items():
        key = {each["AttributeName"]: {"S": "of 0.1"} for each in table(name)["KeySchema"]}
        assert dynamodb.get_item(TableName=f"{STAGE}-{name}-table", Key=key)["Item"] == item
    declared = {
        each["Properties"]["TableName"]["Fn::Sub"]: each["Properties"]
        for each in read_template(DATA.path)["Resources"].values()
    }
    for name in KEPT:
        assert indexes(table(name)) == indexes(declared[f"${{Prefix}}{name}-table${{Generation}}"])
    if is_torture:
        assert {line.rpartition(": ")[2] for line in said} == {"UPDATE_COMPLETE"}
    said.clear()
    provision(STAGE, report=said.append)
    assert all(line.endswith("up to date") for line in said)
