"""How a stage stands: what there is of it, whether it answers, and what asks for somebody."""

from collections.abc import Iterator

from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.edge import domain_standing, site_address
from marketplace.operations.deploy.mail import mail_standing
from marketplace.operations.deploy.names import events_function, web_function
from marketplace.operations.deploy.proof import ProofError, prove
from marketplace.operations.provisioning import (
    ALARMS,
    API,
    EDGE,
    NETWORK,
    SCHEDULES,
    current_generation,
    find_stack,
    generations,
    name_of,
    stack_name,
    templates_of,
)
from marketplace.settings.env import resource_prefix


def status(stage: str) -> Iterator[str]:
    """Lines for an operator; those that begin with an exclamation mark ask for something to be done."""
    network = [NETWORK] if settings.WITH_NETWORK or find_stack(NETWORK, stage) else []
    for template in (*templates_of(stage), *network, API, EDGE, SCHEDULES, ALARMS):
        found = find_stack(template, stage)
        state = found["StackStatus"] if found else "is not there"
        good = state in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        yield f"{'' if good else '! '}{stack_name(template, stage)}: {state}"
    yield _tables(stage)
    yield from _functions(stage)
    yield from domain_standing(stage)
    yield from _mail()
    yield from _alarms(stage)
    yield from _site(stage)


def _tables(stage: str) -> str:
    in_use = current_generation(stage)
    others = [name_of(each) for each in generations(stage) if each != in_use]
    return f"tables: the {name_of(in_use)} are in use" + (f"; there are {', '.join(others)}, too" if others else "")


def _functions(stage: str) -> Iterator[str]:
    functions = client("lambda")
    for name in (web_function(stage), events_function(stage)):
        try:
            found = functions.get_function_configuration(FunctionName=name)
        except functions.exceptions.ResourceNotFoundException:
            yield f"! {name}: is not there"
            continue
        yield f"{name}: {found['Runtime']}, {found['MemorySize']} MB, deployed {found['LastModified']}"


def _mail() -> Iterator[str]:
    standing = mail_standing()
    yield f"mail: from {standing.domain}, {standing.per_day:,.0f} a day, {standing.per_second:,.0f} a second"
    yield from (f"! mail: {line}" for line in standing.advice())


def _alarms(stage: str) -> Iterator[str]:
    prefix = resource_prefix(stage)
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue="ALARM", AlarmNamePrefix=prefix)
    names = [alarm["AlarmName"].removeprefix(prefix) for page in pages for alarm in page["MetricAlarms"]]
    yield from (f"! alarm {name}: docs/operations.md says what to do" for name in names)
    if not names:
        yield "no alarm"


def _site(stage: str) -> Iterator[str]:
    address = site_address(stage)
    if not address:
        yield "! the site has no address: deploy it"
        return
    said: list[str] = []
    try:
        prove(address, report=said.append, patience_seconds=0)
    except ProofError as error:
        said.append(f"! {error}")
    yield from said
    yield address
