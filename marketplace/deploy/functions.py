"""A stage's two functions: `web` answers HTTP, `events` has all the rest. Zappa makes them, this connects them."""

import contextlib
import os
import secrets
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from marketplace.kernel.aws import client
from marketplace.settings.env import BASE_DIR, resource_prefix

_PROJECT = "lintel"
_ZAPPA = BASE_DIR / ".venv-deploy" / "bin" / "zappa"
_PACKAGED = BASE_DIR / ".venv-package"
_PACKAGE = BASE_DIR / "build" / "functions.zip"
_DONE = {"deploy": "deployed", "update": "updated"}
# Queue → messages that one invocation takes. A function's batch of emails must end within the queue's visibility.
_QUEUES = {"NOTIFICATIONS_QUEUE_ARN": 10, "TASKS_QUEUE_ARN": 5, "EMAIL_FEEDBACK_QUEUE_ARN": 10}

Report = Callable[[str], None]


class DeploymentError(Exception):
    """A step did not succeed; the message says which, and what was said about it."""


def web_function(stage: str) -> str:
    """The name of the function that answers HTTP."""
    return f"{_PROJECT}-{stage}"


def events_function(stage: str) -> str:
    """The name of the function for streams, queues and jobs."""
    return f"{_PROJECT}-{stage}-events"


def deploy(stage: str, outputs: Mapping[str, str], *, with_stream: bool, report: Report) -> str:
    """Package the checkout, make or renew both functions, and connect them; the site's address at API Gateway.

    `outputs` is what `provision` returned. Without `with_stream` a pump has to poll the stream. May be repeated.
    Raises `DeploymentError`.
    """
    _PACKAGE.parent.mkdir(exist_ok=True)
    _zappa("package", stage, "--output", str(_PACKAGE.relative_to(BASE_DIR)), report=report)
    for name, zappa_stage in ((web_function(stage), stage), (events_function(stage), f"{stage}_events")):
        verb = "update" if _function_exists(name) else "deploy"
        _zappa(verb, zappa_stage, "--zip", str(_PACKAGE.relative_to(BASE_DIR)), report=report)
        _configure(name, {**outputs, "SECRET_KEY": _secret_key(stage)})
        report(f"{name}: {_DONE[verb]}")
    _connect_queues(events_function(stage), outputs)
    if with_stream:
        _connect_stream(events_function(stage), outputs)
    report("queues connected")
    return _address(stage)


def undeploy(stage: str, *, report: Report) -> None:
    """Remove both functions, their API and what feeds them; tables, queues and people stay. May be repeated."""
    for mapping in _mappings(events_function(stage)):
        client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    for name, zappa_stage in ((events_function(stage), f"{stage}_events"), (web_function(stage), stage)):
        if _function_exists(name):
            _zappa("undeploy", zappa_stage, "--yes", report=report)
        report(f"{name}: removed")


def _zappa(verb: str, zappa_stage: str, *arguments: str, report: Report) -> None:
    if not _ZAPPA.exists() or not _PACKAGED.exists():
        raise DeploymentError("Zappa's environments are missing: `make rehearse` makes them.")
    done = subprocess.run(
        [_ZAPPA, verb, zappa_stage, *arguments],
        cwd=BASE_DIR,
        # Zappa packages the environment that this names.
        env={**os.environ, "VIRTUAL_ENV": str(_PACKAGED), "AWS_DEFAULT_REGION": settings.AWS_REGION},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeploymentError(f"zappa {verb} {zappa_stage} failed:\n{done.stdout[-3000:]}")
    for line in done.stdout.splitlines():
        if line.startswith("package: "):
            report(line)


def _function_exists(name: str) -> bool:
    functions = client("lambda")
    try:
        functions.get_function_configuration(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return False
    return True


def _configure(name: str, variables: Mapping[str, str]) -> None:
    """Add what was not known before the stacks were there to what zappa_settings.json says."""
    functions = client("lambda")
    functions.get_waiter("function_updated").wait(FunctionName=name)
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**environment, **variables}})
    functions.get_waiter("function_updated").wait(FunctionName=name)


def _secret_key(stage: str) -> str:
    """The stage's own key, made once and kept in the Parameter Store."""
    name = f"/{resource_prefix(stage)}marketplace/secret-key"
    parameters = client("ssm")
    with contextlib.suppress(parameters.exceptions.ParameterAlreadyExists):
        parameters.put_parameter(Name=name, Value=secrets.token_urlsafe(48), Type="SecureString", Overwrite=False)
    value: str = parameters.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return value


def _mappings(function: str) -> list[dict[str, Any]]:
    pages = client("lambda").get_paginator("list_event_source_mappings").paginate(FunctionName=function)
    return [mapping for page in pages for mapping in page["EventSourceMappings"]]


def _connect_queues(function: str, outputs: Mapping[str, str]) -> None:
    connected = {mapping["EventSourceArn"] for mapping in _mappings(function)}
    for output, batch_size in _QUEUES.items():
        if outputs[output] not in connected:
            client("lambda").create_event_source_mapping(
                EventSourceArn=outputs[output],
                FunctionName=function,
                BatchSize=batch_size,
                FunctionResponseTypes=["ReportBatchItemFailures"],
            )


def _connect_stream(function: str, outputs: Mapping[str, str]) -> None:
    """Feed the function from the stream that the table has now; a table made anew has another."""
    table = f"{settings.RESOURCE_PREFIX}bookings-table"
    stream_arn = client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    functions = client("lambda")
    connected = [mapping for mapping in _mappings(function) if ":dynamodb:" in mapping["EventSourceArn"]]
    for mapping in connected:
        if mapping["EventSourceArn"] != stream_arn:
            functions.delete_event_source_mapping(UUID=mapping["UUID"])
    if stream_arn not in {mapping["EventSourceArn"] for mapping in connected}:
        functions.create_event_source_mapping(
            EventSourceArn=stream_arn,
            FunctionName=function,
            # Zappa never sends it, and AWS refuses a stream without.
            StartingPosition="TRIM_HORIZON",
            BatchSize=100,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=5,
            DestinationConfig={"OnFailure": {"Destination": outputs["STREAM_FAILURES_QUEUE_ARN"]}},
        )


def _address(stage: str) -> str:
    apis = client("apigateway").get_rest_apis(limit=500)["items"]
    api_id = next(api["id"] for api in apis if api["name"] == web_function(stage))
    if settings.AWS_ENDPOINT_URL:
        return f"{settings.AWS_ENDPOINT_URL}/restapis/{api_id}/{stage}/_user_request_"
    return f"https://{api_id}.execute-api.{settings.AWS_REGION}.amazonaws.com/{stage}"
