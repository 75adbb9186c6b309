"""From one generation of a stage's tables to another, and back: what the functions may use, know and are fed from."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from kernel.aws import client
from marketplace.operations.deploy.edge import site_address
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.functions import configure, for_both, function_exists, run_job
from marketplace.operations.deploy.names import Report, events_function, web_function
from marketplace.operations.deploy.proof import prove
from marketplace.operations.deploy.snapshots import renew
from marketplace.operations.deploy.sources import SourceError, connect
from marketplace.operations.provisioning import (
    DATA,
    FUNCTIONS,
    IDENTITY,
    current_generation,
    outputs_so_far,
    provision,
    templates_of,
    use_generation,
)
from marketplace.settings.env import resource_prefix

# What is written into these until the switch is in none of the restored ones, and must not be lost.
_CARRIED = ("audit-log-table", "email-suppressions-table")
_MOST_RUNS = 20


def switch(stage: str, generation: str, *, with_stream: bool, report: Report) -> None:
    """Let the site use the tables of the generation, which have a stack; closed for as long as that takes.

    May be repeated from wherever it stopped; where there are no functions, processes are to be started anew with what
    `provision` writes. Raises `DeploymentError`, `ProvisioningError`, or `ProofError` if the site does not answer then.
    """
    web, events = web_function(stage), events_function(stage)
    is_deployed = function_exists(web) and function_exists(events)
    if is_deployed:
        configure(web, {"MAINTENANCE": "true"})
        renew(stage, report=report)
        report("the site is closed")
    before = current_generation(stage)
    for table in _CARRIED if before != generation else ():
        name = f"{resource_prefix(stage)}{table}"
        report(f"{name}{generation}: {_carry_over(f'{name}{before}', f'{name}{generation}')} items carried over")
    use_generation(stage, generation)
    templates = [replace(DATA, generation=generation), IDENTITY, replace(FUNCTIONS, generation=generation)]
    provision(stage, templates=templates, report=report)
    if not is_deployed:
        report("no functions: give your processes what `manage.py provision --write-env FILE` writes, and restart them")
        return
    for_both(stage, lambda name, _: configure(name, {"TABLES_GENERATION": generation}))
    _feed(stage, events, generation, with_stream=with_stream)
    report("both functions use these tables, and nothing feeds them from others")
    _reconcile(events, report)
    configure(web, {"MAINTENANCE": ""})
    renew(stage, report=report)
    report("the site is open")
    if address := site_address(stage):
        prove(address, report=report)


def _carry_over(source: str, target: str) -> int:
    """Copy the items of one table that another lacks; how many."""
    dynamodb = client("dynamodb")
    keys = [key["AttributeName"] for key in dynamodb.describe_table(TableName=target)["Table"]["KeySchema"]]

    def copy(item: dict[str, Any]) -> bool:
        try:
            dynamodb.put_item(
                TableName=target,
                Item=item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": keys[0]},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    pages = dynamodb.get_paginator("scan").paginate(TableName=source, ConsistentRead=True)
    with ThreadPoolExecutor(8) as pool:
        return sum(sum(pool.map(copy, page["Items"])) for page in pages)


def _feed(stage: str, function: str, generation: str, *, with_stream: bool) -> None:
    outputs = {"TABLES_GENERATION": generation}
    for template in templates_of(stage, generation):
        outputs |= outputs_so_far(template, stage)
    try:
        connect(function, outputs, with_stream=with_stream)
    except SourceError as error:
        raise DeploymentError(str(error)) from error


def _reconcile(function: str, report: Report) -> None:
    """Have announced what these tables say was not heard of; what was is known by its id, and not told twice."""
    for _ in range(_MOST_RUNS):
        count = run_job(function, "reconcile")
        report(f"reconciled: {count} items were announced again")
        if not count:
            return
    raise DeploymentError(f"{function}: there is no end to what was not heard of: its log says why")
