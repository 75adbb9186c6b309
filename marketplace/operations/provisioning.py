"""Deploys the CloudFormation templates of `infrastructure/`, on AWS and on the embedded cloud alike."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.module_loading import import_string

from kernel.aws import client
from kernel.values import dataclass
from marketplace.laptop.cloudformation import parse_template
from marketplace.operations.indexes import IndexChangeError, templates_between
from marketplace.settings.env import BASE_DIR, resource_prefix

PRODUCTION = "production"
# As it is written down, where nothing cannot be.
_FIRST_GENERATION = "first"


@dataclass(frozen=True, slots=True)
class Template:
    """One template: the resources that are created, changed and removed together."""

    name: str
    holds_data: bool = False
    # What it wants to know of the stage.
    wants: tuple[str, ...] = ("Prefix",)
    # What it wants to know of other templates: the parameter, and the output as the application knows it.
    needs: Mapping[str, str] = field(default_factory=dict, hash=False)
    # None is that of the settings.
    region: str | None = None
    # Which tables it makes, or lets the functions use: empty until tables were restored.
    generation: str = ""
    # Whether an index that is another one under its name is removed and made anew.
    remakes_indexes: bool = False

    @property
    def path(self) -> Path:
        return BASE_DIR / "infrastructure" / f"{self.name}.yaml"


IDENTITY = Template("identity", holds_data=True)
STORAGE = Template("storage", holds_data=True)
EMAIL = Template("email", wants=("Prefix", "Stage", "MailDomain"))
# A stack for each generation of tables.
DATA = Template("data", holds_data=True, wants=("Prefix", "Generation"))
FUNCTIONS = Template(
    "functions",
    wants=("Prefix", "Stage", "MailDomain", "Generation", "WithTracing", "WithNetwork"),
    needs={"UserPoolArn": "COGNITO_USER_POOL_ARN"},
)
TEMPLATES = (
    DATA,
    IDENTITY,
    STORAGE,
    Template("messaging"),
    EMAIL,
    FUNCTIONS,
)
# Of a stage whose functions have a network of their own; deployed before them.
NETWORK = Template("network", wants=("Stage", "WithTracing"))
# These name the functions, and are deployed after them.
API = Template("api", wants=("Prefix", "WithTracing"))
EDGE = Template("edge", wants=("Stage",))
SCHEDULES = Template("schedules")
ALARMS = Template("alarms", wants=("Prefix", "Stage"))
# Of a stage with a domain of its own. CloudFront takes these from one region only.
CERTIFICATE = Template("certificate", wants=("Stage",), region="us-east-1")
# Of a stage that may cost so much; this region knows budgets, half of the others do not.
BUDGET = Template("budget", wants=(), region="us-east-1")


class ProvisioningError(Exception):
    """The infrastructure could not be brought to the templates' state; the message is one line that says why."""


def provision(
    stage: str,
    *,
    templates: Sequence[Template] | None = None,
    parameters: Mapping[str, str] | None = None,
    protect: bool = True,
    remake_indexes: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, str]:
    """Create or update the templates' stacks in the stage and wait until all are done; repeating it changes nothing.

    Without `templates`, these are `templates_of` the stage. `parameters` are what all of them want to know, beside the
    stage.
    What production holds is protected against deletion, unless `protect` is false. An index that is another one under
    its name is made anew only with `remake_indexes`.
    Returns what the application must know of the stacks as environment variables, such as `COGNITO_USER_POOL_ID`.
    `report` gets a line per stack. Raises `ProvisioningError`.
    """
    try:
        templates = [
            replace(each, remakes_indexes=remake_indexes) if each.name == DATA.name else each
            for each in templates or templates_of(stage)
        ]
        for template in templates:
            remove_stillborn(template, stage)
        newborn = [each for each in templates if protect and is_protected(each, stage) and not find_stack(each, stage)]
        outputs = _deploy(templates, stage, parameters or {}, report)
        if newborn:
            # What is protected from its first moment outlives a creation that fails, and is in the way of the next try.
            _deploy(newborn, stage, parameters or {}, report)
        for template in templates:
            if protect and is_protected(template, stage):
                cloudformation(template).update_termination_protection(
                    StackName=stack_name(template, stage), EnableTerminationProtection=True
                )
        for generation in {each.generation for each in templates} - {""}:
            outputs["TABLES_GENERATION"] = generation
        if "COGNITO_CLIENT_ID" in outputs:
            outputs["COGNITO_CLIENT_SECRET"] = _client_secret(outputs)
    except BotoCoreError as error:
        raise ProvisioningError(f"the cloud cannot be reached: {error}") from error
    except ClientError as error:
        raise ProvisioningError(str(error)) from error
    return outputs


def templates_of(stage: str, generation: str | None = None) -> tuple[Template, ...]:
    """`TEMPLATES` for the tables that the stage uses, or for those of the generation."""
    generation = current_generation(stage) if generation is None else generation
    return tuple(replace(each, generation=generation) if "Generation" in each.wants else each for each in TEMPLATES)


def current_generation(stage: str) -> str:
    """Which tables the stage uses: what their names end with, which is nothing before any were restored."""
    parameters = client("ssm")
    try:
        written: str = parameters.get_parameter(Name=_generation_name(stage))["Parameter"]["Value"]
    except parameters.exceptions.ParameterNotFound:
        return ""
    return generation_named(written)


def use_generation(stage: str, generation: str) -> None:
    """Write down which tables the stage uses from now on; `provision` then lets its functions use them."""
    name = _generation_name(stage)
    client("ssm").put_parameter(Name=name, Value=name_of(generation), Type="String", Overwrite=True)


def generations(stage: str) -> list[str]:
    """All that have a stack, the first ones first."""
    pattern = re.compile(re.escape(stack_name(DATA, stage)) + "(|-[0-9]{8}t[0-9]{6})")
    pages = client("cloudformation").get_paginator("describe_stacks").paginate()
    there = (each for page in pages for each in page["Stacks"] if each["StackStatus"] != "DELETE_COMPLETE")
    found = (pattern.fullmatch(stack["StackName"]) for stack in there)
    return sorted(match[1] for match in found if match)


def name_of(generation: str) -> str:
    """As an operator says it: `first`, or the moment that tables were restored to."""
    return generation.removeprefix("-") or _FIRST_GENERATION


def generation_named(name: str) -> str:
    """What `name_of` says, back again."""
    return "" if name == _FIRST_GENERATION else f"-{name}"


def _generation_name(stage: str) -> str:
    return f"/{resource_prefix(stage)}marketplace/tables-generation"


def _deploy(
    templates: Sequence[Template], stage: str, parameters: Mapping[str, str], report: Callable[[str], None]
) -> dict[str, str]:
    """Bring the stacks to the templates' state; what the application must know of them."""
    outputs: dict[str, str] = {}
    # All at once, but for those that want to know what others have made.
    for wave in ([each for each in templates if not each.needs], [each for each in templates if each.needs]):
        outputs |= _deploy_at_once(wave, stage, parameters, outputs, report)
    return outputs


def _deploy_at_once(
    templates: Sequence[Template],
    stage: str,
    parameters: Mapping[str, str],
    outputs: Mapping[str, str],
    report: Callable[[str], None],
) -> dict[str, str]:
    changed = {
        template: start(
            template, stage, {**parameters, **{name: outputs[output] for name, output in template.needs.items()}}
        )
        for template in templates
    }
    made: dict[str, str] = {}
    for template, is_changed in changed.items():
        stack = wait_for_stack(template, stack_name(template, stage))
        if is_changed and stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise ProvisioningError(why_it_failed(template, stack))
        if settings.AFTER_STACK_UPDATE and template.region is None:
            import_string(settings.AFTER_STACK_UPDATE)(stack["StackName"], template.path)
        report(f"{stack['StackName']}: {stack['StackStatus'] if is_changed else 'up to date'}")
        made |= _outputs(stack)
    return made


def is_protected(template: Template, stage: str) -> bool:
    """Whether the template's stack, and what is in it, must not be deleted by mistake."""
    return stage == PRODUCTION and template.holds_data


def _client_secret(outputs: Mapping[str, str]) -> str:
    """The secret of the site's client at the user pool. It is no output: whoever may describe a stack reads these."""
    description = client("cognito-idp").describe_user_pool_client(
        UserPoolId=outputs["COGNITO_USER_POOL_ID"], ClientId=outputs["COGNITO_CLIENT_ID"]
    )
    secret: str = description["UserPoolClient"]["ClientSecret"]
    return secret


def remove(template: Template, stage: str) -> None:
    """Delete the template's stack with all that is in it, and wait until it is gone; none is fine, too.

    Raises `ProvisioningError`.
    """
    found = find_stack(template, stage)
    if found is None:
        return
    try:
        cloudformation(template).delete_stack(StackName=found["StackId"])
        # Once it is gone, it is known by its id alone.
        stack = wait_for_stack(template, found["StackId"])
        if stack["StackStatus"] != "DELETE_COMPLETE":
            raise ProvisioningError(why_it_failed(template, stack))
    except ClientError as error:
        raise ProvisioningError(str(error)) from error


def remove_stillborn(template: Template, stage: str) -> None:
    """Remove what is left of a first try that failed: CloudFormation neither updates it nor makes another beside it."""
    stack = find_stack(template, stage)
    if stack is not None and stack["StackStatus"] == "ROLLBACK_COMPLETE":
        remove(template, stage)


def find_stack(template: Template, stage: str) -> dict[str, Any] | None:
    """The template's stack as CloudFormation describes it; None if there is none. Raises `ProvisioningError`."""
    try:
        stacks = cloudformation(template).describe_stacks(StackName=stack_name(template, stage))["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise ProvisioningError(str(error)) from error
    stack: dict[str, Any] = stacks[0]
    return stack


def outputs_so_far(template: Template, stage: str) -> dict[str, str]:
    """What the application must know of the template's stack, as it is; nothing if there is no stack."""
    return _outputs(find_stack(template, stage) or {})


def _outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {environment_name(output["OutputKey"]): output["OutputValue"] for output in stack.get("Outputs", [])}


def parameters_so_far(template: Template, stage: str) -> dict[str, str]:
    """The parameters that the template's stack was last deployed with; none if there is no stack."""
    stack = find_stack(template, stage) or {}
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}


def stack_name(template: Template, stage: str) -> str:
    """The name of the template's stack in this stage."""
    own = template.generation if template.holds_data else ""
    return f"{resource_prefix(stage)}marketplace-{template.name}{own}"


def origin_of(address: str) -> str:
    """The scheme and the host of an address, as a browser says where a page is from."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def environment_name(output_key: str) -> str:
    """The environment variable for an output: `CognitoClientId` is `COGNITO_CLIENT_ID`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", output_key).upper()


def start(template: Template, stage: str, parameters: Mapping[str, str]) -> bool:
    """Send the template, and wait for no more than what has to be before it; whether there is anything to change."""
    parameters = {**known_parameters(template, stage), **parameters}
    if template.holds_data and "DeletionPolicy" not in parameters:
        is_there = find_stack(template, stage) is not None
        parameters["DeletionPolicy"] = "Retain" if is_protected(template, stage) and is_there else "Delete"
    if template == EMAIL:
        parameters["WithIdentity"] = str(_has_sender(stage)).lower()
    if template == STORAGE and "SiteOrigin" not in parameters:
        # A deployment learns its address later.
        parameters["SiteOrigin"] = parameters_so_far(template, stage).get("SiteOrigin", origin_of(settings.SITE_URL))
    if template == IDENTITY:
        # Only a deployment sets or removes these.
        so_far = parameters_so_far(template, stage)
        kept = {name: so_far.get(name, "") for name in ("EventsFunctionArn", "SenderArn", "Sender")}
        parameters = {**kept, **parameters}
    stacks = cloudformation(template)
    request: dict[str, Any] = {
        "StackName": stack_name(template, stage),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        # The templates use the transform AWS::LanguageExtensions, and give their roles names.
        "Capabilities": ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "stage", "Value": stage}],
    }
    wanted = template.path.read_text()
    for before in _templates_between(template, stage, wanted):
        stacks.update_stack(TemplateBody=json.dumps(before), **request)
        stack = wait_for_stack(template, request["StackName"])
        if stack["StackStatus"] != "UPDATE_COMPLETE":
            raise ProvisioningError(why_it_failed(template, stack))
    request["TemplateBody"] = wanted
    try:
        stacks.create_stack(**request)
    except stacks.exceptions.AlreadyExistsException:
        try:
            stacks.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in error.response["Error"]["Message"]:
                return False
            raise
    return True


def _templates_between(template: Template, stage: str, wanted: str) -> list[dict[str, Any]]:
    """What has to be deployed before, because DynamoDB takes one change of a table's indexes at a time."""
    if template.name != DATA.name or find_stack(template, stage) is None:
        return []
    try:
        deployed = deployed_template(template, stage)
        return templates_between(deployed, parse_template(wanted), remake=template.remakes_indexes)
    except IndexChangeError as error:
        raise ProvisioningError(str(error)) from error


def deployed_template(template: Template, stage: str) -> dict[str, Any]:
    """What the template's stack was last deployed with, short forms of its functions written out."""
    deployed = cloudformation(template).get_template(StackName=stack_name(template, stage))["TemplateBody"]
    # A template in JSON comes as an object.
    return parse_template(deployed) if isinstance(deployed, str) else dict(deployed)


def known_parameters(template: Template, stage: str) -> dict[str, str]:
    """What the template wants to know of the stage, which needs no cloud to be asked."""
    known = {
        "Prefix": resource_prefix(stage),
        "Stage": stage,
        "MailDomain": mail_domain(),
        "Generation": template.generation,
        "WithTracing": str(settings.WITH_TRACING).lower(),
        "WithNetwork": str(settings.WITH_NETWORK).lower(),
    }
    return {name: known[name] for name in template.wants}


def mail_domain() -> str:
    """The domain that emails come from."""
    return str(settings.EMAIL_FROM_ADDRESS.rpartition("@")[2])


def _has_sender(stage: str) -> bool:
    """Whether this stage has the domain of emails at SES: the first one that wants it, for an account has it once."""
    so_far = parameters_so_far(EMAIL, stage)
    if so_far.get("MailDomain") == mail_domain():
        return so_far.get("WithIdentity", "true") == "true"
    identities = client("sesv2")
    try:
        identities.get_email_identity(EmailIdentity=mail_domain())
    except identities.exceptions.NotFoundException:
        return True
    return False


def cloudformation(template: Template) -> Any:
    """The client for the region of the template's stack."""
    return client("cloudformation", region=template.region)


def wait_for_stack(template: Template, name: str) -> dict[str, Any]:
    """The stack once CloudFormation is done with it, for better or worse."""
    stacks = cloudformation(template)
    pause = 0.05
    while True:
        stack: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        # Soon on the embedded cloud, which needs milliseconds; seldom on AWS, which needs minutes.
        time.sleep(pause)
        pause = min(2 * pause, 5)


def why_it_failed(template: Template, stack: dict[str, Any]) -> str:
    """Which resource made the last operation fail, and why; what failed after it was cancelled because of it."""
    first = "its events tell why"
    # Newest first.
    for event in cloudformation(template).describe_stack_events(StackName=stack["StackName"])["StackEvents"]:
        status = event["ResourceStatus"]
        if event["PhysicalResourceId"] == stack["StackId"] and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if status.endswith("_FAILED"):
            first = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
    return f"{stack['StackName']} is {stack['StackStatus']}: {first}"
