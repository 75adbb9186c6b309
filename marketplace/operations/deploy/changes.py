"""What a deployment would change, and what the stage would cost; nothing is changed."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from botocore.exceptions import WaiterError
from django.conf import settings

from marketplace.laptop.cloudformation import read_template
from marketplace.operations.provisioning import (
    ALARMS,
    API,
    EDGE,
    NETWORK,
    SCHEDULES,
    Template,
    cloudformation,
    find_stack,
    known_parameters,
    parameters_so_far,
    stack_name,
    templates_of,
)

_SIGNS = {"Add": "+", "Modify": "~", "Remove": "-", "Import": "+", "Dynamic": "~"}


def changes(stage: str) -> Iterator[str]:
    """A line for each resource that would be made, changed or removed, under a line for its stack."""
    network = [NETWORK] if settings.WITH_NETWORK else []
    for template in (*templates_of(stage), *network, API, EDGE, SCHEDULES, ALARMS):
        name = stack_name(template, stage)
        if find_stack(template, stage) is None:
            yield f"{name}: would be made"
            yield from (f"  + {each['Type']} {key}" for key, each in read_template(template.path)["Resources"].items())
            continue
        found = list(_of_stack(template, stage))
        yield f"{name}: {'would change' if found else 'up to date'}"
        yield from found


def _of_stack(template: Template, stage: str) -> Iterator[str]:
    """As CloudFormation itself says it, of a change set that is thrown away."""
    before = parameters_so_far(template, stage)
    wanted = read_template(template.path).get("Parameters", {})
    known = known_parameters(template, stage)
    parameters = [
        # A secret is described by asterisks; what it was stays.
        {"ParameterKey": key, "UsePreviousValue": True}
        if key in before and key not in known
        else {"ParameterKey": key, "ParameterValue": known[key]}
        for key in wanted
        if key in before or key in known
    ]
    change_set = {"StackName": stack_name(template, stage), "ChangeSetName": f"dry-run-{uuid4().hex[:8]}"}
    stacks = cloudformation(template)
    stacks.create_change_set(
        **change_set,
        TemplateBody=template.path.read_text(),
        Parameters=parameters,
        Capabilities=["CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM"],
    )
    try:
        # It fails when there is nothing to change.
        stacks.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig={"Delay": 1})
        for each in stacks.describe_change_set(**change_set)["Changes"]:
            change: dict[str, Any] = each["ResourceChange"]
            replaced = " (replaced)" if change.get("Replacement") == "True" else ""
            yield f"  {_SIGNS[change['Action']]} {change['ResourceType']} {change['LogicalResourceId']}{replaced}"
    except WaiterError:
        reason = stacks.describe_change_set(**change_set).get("StatusReason", "")
        if not any(words in reason for words in ("didn't contain changes", "No updates")):
            yield f"  ! {reason}"
    finally:
        stacks.delete_change_set(**change_set)
