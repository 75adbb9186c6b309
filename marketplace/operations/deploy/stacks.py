"""The stacks that name a stage's functions: their API, what calls them by the clock, and what watches them."""

from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.integrators import revoke_all
from marketplace.operations.deploy.mail import sender_parameters
from marketplace.operations.deploy.names import Report, events_function, web_function
from marketplace.operations.deploy.snapshots import called_arn
from marketplace.operations.provisioning import (
    ALARMS,
    API,
    BUDGET,
    CERTIFICATE,
    EDGE,
    IDENTITY,
    SCHEDULES,
    find_stack,
    outputs_so_far,
    parameters_so_far,
    provision,
    remove,
    stack_name,
)


def deploy_stacks(stage: str, *, report: Report) -> None:
    """Bring the stacks of what calls and watches the functions to this checkout's state, and let the user pool have its
    tokens trimmed; the functions must be there. May be repeated.

    Raises `ProvisioningError`.
    """
    function = client("lambda").get_function_configuration(FunctionName=events_function(stage))
    if not _is_whole(stage, function["FunctionArn"]):
        # CloudFormation compares templates, not what there is, and would find nothing to do.
        remove(SCHEDULES, stage)
        report(f"{stack_name(SCHEDULES, stage)}: not whole, made anew")
    named = {"EventsFunctionArn": function["FunctionArn"]}
    pool = {"UserPoolArn": outputs_so_far(IDENTITY, stage)["COGNITO_USER_POOL_ARN"]}
    provision(stage, templates=[SCHEDULES], parameters=named | pool, report=report)
    # From now on nobody gets a token while the function cannot be called.
    provision(stage, templates=[IDENTITY], parameters=named | sender_parameters(), report=report)
    operator = settings.OPERATOR_EMAIL or _operator_so_far(stage)
    alarms = {
        "WebFunctionName": web_function(stage),
        "EventsFunctionName": events_function(stage),
        "OperatorEmail": operator,
        "WithAnalysis": str(settings.AWS_ENDPOINT_URL is None).lower(),
    }
    provision(stage, templates=[ALARMS], parameters=alarms, report=report)
    _deploy_budget(stage, operator, report=report)
    report(f"alarms are told to {operator or 'nobody: OPERATOR_EMAIL names no one'}")


def _deploy_budget(stage: str, operator: str, *, report: Report) -> None:
    """Have the operator told of dear months, or not any more."""
    if settings.MONTHLY_BUDGET and operator:
        parameters = {"OperatorEmail": operator, "MonthlyBudget": str(settings.MONTHLY_BUDGET)}
        provision(stage, templates=[BUDGET], parameters=parameters, report=report)
    elif find_stack(BUDGET, stage):
        remove(BUDGET, stage)
        report(f"{stack_name(BUDGET, stage)}: removed")


def deploy_api(stage: str, *, report: Report) -> str:
    """Bring the API's stack to this checkout's state; the API's name. The web function must be there.

    Raises `ProvisioningError`.
    """
    function_arn = called_arn(stage)
    logs_access = bool(client("apigateway").get_account().get("cloudwatchRoleArn"))
    if not logs_access:
        report("API Gateway writes no access logs: the account names no role for them (docs/deployment.md)")
    parameters = {
        "StageName": stage,
        "WebFunctionName": web_function(stage),
        "WebFunctionArn": function_arn,
        "CallsVersion": str(settings.WITH_SNAPSTART).lower(),
        "WithAccessLogs": str(logs_access).lower(),
    }
    return provision(stage, templates=[API], parameters=parameters, report=report)["API_DOMAIN_NAME"]


def _operator_so_far(stage: str) -> str:
    """Whom the alarms are told to already: a deployment that names nobody shall not silence them."""
    return parameters_so_far(ALARMS, stage).get("OperatorEmail", "")


def remove_stacks(stage: str, *, report: Report) -> None:
    """Remove the stacks, as long as the functions are there, and let the user pool do without them. May be repeated.

    Raises `ProvisioningError`.
    """
    if parameters_so_far(IDENTITY, stage).get("EventsFunctionArn"):
        provision(stage, templates=[IDENTITY], parameters={"EventsFunctionArn": ""}, report=report)
    for name in revoke_all(stage):
        report(f"{name}: the key of this integrator is revoked")
    for template in (BUDGET, ALARMS, SCHEDULES, EDGE, API, CERTIFICATE):
        remove(template, stage)
        report(f"{stack_name(template, stage)}: removed")


def _is_whole(stage: str, function_arn: str) -> bool:
    """Whether the clock still calls the function as the stack says; a stack that was never made lacks nothing.

    `zappa undeploy`, and `zappa update` for a stage with events of its own, delete every rule that calls the function,
    and the permission that it may be called; a function made anew has no permission.
    """
    stack = find_stack(SCHEDULES, stage)
    if stack is None:
        return True
    resources = client("cloudformation").describe_stack_resources(StackName=stack["StackId"])["StackResources"]
    # What could not be made has no name.
    declared = {each.get("PhysicalResourceId") for each in resources if each["ResourceType"] == "AWS::Events::Rule"}
    # The pool, and each of the rules.
    callers = {"cognito-idp.amazonaws.com", *(f':rule/{name}"' for name in declared)}
    policy = _policy_of(function_arn)
    return declared <= rules_calling(function_arn) and all(caller in policy for caller in callers)


def rules_calling(function_arn: str) -> set[str]:
    """The names of EventBridge's rules that call the function."""
    pages = client("events").get_paginator("list_rule_names_by_target").paginate(TargetArn=function_arn)
    return {name for page in pages for name in page["RuleNames"]}


def _policy_of(function_arn: str) -> str:
    """Who may call the function; nothing if nobody may."""
    functions = client("lambda")
    try:
        policy: str = functions.get_policy(FunctionName=function_arn)["Policy"]
    except functions.exceptions.ResourceNotFoundException:
        return ""
    return policy
