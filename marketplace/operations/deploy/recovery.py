"""Tables as they were at a moment, made beside those that there are.

DynamoDB restores a table under another name, and without its stream, time to live, recovery, protection and tags. What
is restored is therefore a generation of all tables, whose names end with the moment; it is given what the deployed
template says, compared with that, and taken into a stack of its own.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, WaiterError

from kernel import clock
from kernel.aws import client
from kernel.values import dataclass
from marketplace.operations.deploy.names import Report
from marketplace.operations.provisioning import (
    DATA,
    ProvisioningError,
    Template,
    cloudformation,
    current_generation,
    deployed_template,
    find_stack,
    is_protected,
    known_parameters,
    provision,
    remove,
    stack_name,
    wait_for_stack,
    why_it_failed,
)
from marketplace.settings.env import resource_prefix

# Restored as they are now, whatever the moment: who signed out stays so, what is counted goes on, and nothing is
# forgotten of what admins did and of addresses that must not be written to.
AS_THEY_ARE = frozenset({"audit-log-table", "counters-table", "email-suppressions-table", "sessions-table"})
# DynamoDB takes fifty of these at a time, of a whole account.
_PAUSE_SECONDS = 10.0
_REPORT_EVERY_SECONDS = 60.0


class RecoveryError(Exception):
    """Tables cannot be restored, or are not what they should be; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class RestoredTable:
    """A table that is there, and the one that is made of it."""

    logical_id: str
    source: str
    target: str
    # As of when; None is now.
    moment: datetime | None
    # As the template says it.
    properties: Mapping[str, Any]
    items: int
    size_bytes: int


def generation_of(moment: datetime) -> str:
    """What the names of tables end with that are restored as of this moment."""
    return f"-{moment:%Y%m%dt%H%M%S}"


def plan(stage: str, moment: datetime) -> list[RestoredTable]:
    """What would be restored. Raises `RecoveryError` for a moment that one of the tables cannot be restored to."""
    before = current_generation(stage)
    deployed = replace(DATA, generation=before)
    stack = find_stack(deployed, stage)
    if stack is None:
        raise RecoveryError(f"{stage} has no tables: deploy it")
    template = deployed_template(deployed, stage)
    if "Generation" not in template["Parameters"]:
        raise RecoveryError(f"{stage} was deployed by a release that knows no restoring: deploy this one first")
    return [
        _planned(logical_id, resource["Properties"], stage, before, moment, stack["CreationTime"])
        for logical_id, resource in template["Resources"].items()
    ]


def _planned(
    logical_id: str, properties: Mapping[str, Any], stage: str, before: str, moment: datetime, began: datetime
) -> RestoredTable:
    """`began` is when the first of these tables were made."""
    name = properties["TableName"]["Fn::Sub"].removeprefix("${Prefix}").removesuffix("${Generation}")
    source = f"{resource_prefix(stage)}{name}{before}"
    dynamodb = client("dynamodb")
    backups = dynamodb.describe_continuous_backups(TableName=source)["ContinuousBackupsDescription"]
    window = backups.get("PointInTimeRecoveryDescription", {})
    if window.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise RecoveryError(f"{source}: its recovery is off, so that nothing is there to restore it from")
    earliest, latest = window["EarliestRestorableDateTime"], window["LatestRestorableDateTime"]
    table = dynamodb.describe_table(TableName=source)["Table"]
    # A later release has added it: there is nothing of it at that moment.
    is_younger = began <= moment < table["CreationDateTime"]
    if not (earliest <= moment <= latest or is_younger):
        raise RecoveryError(
            f"{source} can be restored as it was from {clock.to_rfc3339(earliest)} to {clock.to_rfc3339(latest)}: "
            "choose a moment between these"
        )
    return RestoredTable(
        logical_id=logical_id,
        source=source,
        target=f"{resource_prefix(stage)}{name}{generation_of(moment)}",
        moment=None if name in AS_THEY_ARE or is_younger else moment,
        properties=properties,
        items=table["ItemCount"],
        size_bytes=table["TableSizeBytes"],
    )


def restore(stage: str, tables: Sequence[RestoredTable], moment: datetime, *, report: Report) -> None:
    """Make the tables, complete them, and take them into a stack; the site goes on with those that it has.

    May be repeated from wherever it stopped. Raises `RecoveryError` or `ProvisioningError`.
    """
    generation = replace(DATA, generation=generation_of(moment))
    for table in tables:
        report(f"{table.target}: {'is being restored' if _begin(table) else 'is there, or on its way'}")
    _wait_for(tables, report)
    is_kept = is_protected(generation, stage)
    for table in tables:
        _complete(table, is_kept=is_kept)
    faults = [fault for table in tables for fault in faults_of(table, is_kept=is_kept)]
    if faults:
        raise RecoveryError("what was restored is not what the template says:\n" + "\n".join(faults))
    report(f"{len(tables)} tables have streams, time to live, recovery and protection as the template says")
    _adopt(generation, stage, tables, is_kept=is_kept)
    provision(stage, templates=[generation], report=report)


def _begin(table: RestoredTable) -> bool:
    """Have DynamoDB restore the table, unless it does or did already."""
    dynamodb = client("dynamodb")
    when = {"UseLatestRestorableTime": True} if table.moment is None else {"RestoreDateTime": table.moment}
    while True:
        try:
            dynamodb.restore_table_to_point_in_time(
                SourceTableName=table.source,
                TargetTableName=table.target,
                BillingModeOverride="PAY_PER_REQUEST",
                SSESpecificationOverride={"Enabled": True, "SSEType": "KMS"},
                **when,
            )
        except (dynamodb.exceptions.TableAlreadyExistsException, dynamodb.exceptions.ResourceInUseException):
            return False
        except dynamodb.exceptions.LimitExceededException:
            time.sleep(_PAUSE_SECONDS)
        except ClientError as error:
            raise RecoveryError(f"{table.source}: {error}") from error
        else:
            return True


def _wait_for(tables: Sequence[RestoredTable], report: Report) -> None:
    waiting, pause, told = [table.target for table in tables], 0.1, time.monotonic()
    while waiting:
        waiting = [name for name in waiting if not _is_there(name)]
        if waiting and time.monotonic() - told > _REPORT_EVERY_SECONDS:
            report(f"{len(tables) - len(waiting)} of {len(tables)} tables are restored; {waiting[0]} is on its way")
            told = time.monotonic()
        if waiting:
            time.sleep(pause)
            pause = min(2 * pause, _PAUSE_SECONDS)
    report(f"{len(tables)} of {len(tables)} tables are restored")


def _is_there(name: str) -> bool:
    dynamodb = client("dynamodb")
    try:
        table = dynamodb.describe_table(TableName=name)["Table"]
    except dynamodb.exceptions.ResourceNotFoundException as error:
        raise RecoveryError(f"{name} is not restored, and DynamoDB does not say why: repeat the command") from error
    indexes = table.get("GlobalSecondaryIndexes", [])
    return all(each["TableStatus" if each is table else "IndexStatus"] == "ACTIVE" for each in (table, *indexes))


def _complete(table: RestoredTable, *, is_kept: bool) -> None:
    """Give the table what the template says and DynamoDB does not restore."""
    dynamodb, name, properties = client("dynamodb"), table.target, table.properties
    found = dynamodb.describe_table(TableName=name)["Table"]
    stream = properties.get("StreamSpecification")
    if stream and not found.get("StreamSpecification", {}).get("StreamEnabled"):
        _update(name, StreamSpecification={"StreamEnabled": True, **stream})
    if found.get("DeletionProtectionEnabled", False) is not is_kept:
        _update(name, DeletionProtectionEnabled=is_kept)
    if "SSEDescription" not in found:
        _update(name, SSESpecification={"Enabled": True, "SSEType": properties["SSESpecification"]["SSEType"]})
    ttl = properties.get("TimeToLiveSpecification")
    if ttl and "AttributeName" not in dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    while True:
        try:
            dynamodb.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
            )
        except dynamodb.exceptions.ContinuousBackupsUnavailableException:
            # DynamoDB is about to have backups of a table that is new.
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _update(name: str, **changes: Any) -> None:
    """Change one thing of the table: DynamoDB takes the next once the one before is done."""
    client("dynamodb").update_table(TableName=name, **changes)
    while not _is_there(name):
        time.sleep(1)


def faults_of(table: RestoredTable, *, is_kept: bool) -> Iterator[str]:
    """In what the restored table is not what the template says; nothing if all is well."""
    dynamodb, name, properties = client("dynamodb"), table.target, table.properties
    found = dynamodb.describe_table(TableName=name)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    pairs = {
        "keys": (found["KeySchema"], properties["KeySchema"]),
        "indexes": (_indexes(found), _indexes(properties)),
        "stream": (
            found.get("StreamSpecification", {}).get("StreamViewType"),
            properties.get("StreamSpecification", {}).get("StreamViewType"),
        ),
        "time to live": (ttl.get("AttributeName"), properties.get("TimeToLiveSpecification", {}).get("AttributeName")),
        "recovery": (backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED"),
        "encryption": (found.get("SSEDescription", {}).get("SSEType"), properties["SSESpecification"]["SSEType"]),
        "billing": (found.get("BillingModeSummary", {}).get("BillingMode"), properties["BillingMode"]),
        "protection": (found.get("DeletionProtectionEnabled", False), is_kept),
    }
    for what, (is_so, should_be) in pairs.items():
        if is_so != should_be:
            yield f"{name}: {what}: {is_so}, not {should_be}"


def _indexes(table: Mapping[str, Any]) -> dict[str, Any]:
    """Index → its keys, and what it has of the items."""
    return {
        index["IndexName"]: (
            index["KeySchema"],
            index["Projection"]["ProjectionType"],
            sorted(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in table.get("GlobalSecondaryIndexes", [])
    }


def _adopt(generation: Template, stage: str, tables: Sequence[RestoredTable], *, is_kept: bool) -> None:
    """Let a stack have the tables as if it had made them, unless it does."""
    found = find_stack(generation, stage)
    if found is not None and found["StackStatus"] == "IMPORT_ROLLBACK_COMPLETE":
        # Its policy lets the tables stay.
        remove(generation, stage)
    elif found is not None and found["StackStatus"] != "REVIEW_IN_PROGRESS":
        return
    stacks = cloudformation(generation)
    parameters = {**known_parameters(generation, stage), "DeletionPolicy": "Retain" if is_kept else "Delete"}
    change_set = {"StackName": stack_name(generation, stage), "ChangeSetName": f"restored-{uuid4().hex[:8]}"}
    deployed = deployed_template(replace(DATA, generation=current_generation(stage)), stage)
    stacks.create_change_set(
        **change_set,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(_for_adoption(deployed, tables)),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        ResourcesToImport=[
            {
                "ResourceType": "AWS::DynamoDB::Table",
                "LogicalResourceId": table.logical_id,
                "ResourceIdentifier": {"TableName": table.target},
            }
            for table in tables
        ],
    )
    try:
        stacks.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig={"Delay": 1})
    except WaiterError as error:
        reason = stacks.describe_change_set(**change_set).get("StatusReason", "")
        raise ProvisioningError(f"{change_set['StackName']} does not take the tables: {reason}") from error
    stacks.execute_change_set(**change_set)
    stack = wait_for_stack(generation, change_set["StackName"])
    if stack["StackStatus"] != "IMPORT_COMPLETE":
        raise ProvisioningError(why_it_failed(generation, stack))


def _for_adoption(template: Mapping[str, Any], tables: Sequence[RestoredTable]) -> dict[str, Any]:
    """The template as an import takes it: without outputs and transform, and with a policy that nobody chooses."""
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {
        **{name: part for name, part in template.items() if name not in ("Outputs", "Transform")},
        "Resources": {each.logical_id: {**template["Resources"][each.logical_id], **kept} for each in tables},
    }
