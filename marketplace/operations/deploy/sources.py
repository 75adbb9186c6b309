"""What feeds the events function: the queues and the streams of the tables with an outbox, as event source mappings."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from kernel.aws import client
from marketplace.background.wiring import wiring

# Queue → messages that one invocation takes, and how many invocations may work at once. A function's batch of emails
# must end within the queue's visibility; a pile of emails must neither outrun SES nor take the site's share of the
# account's concurrency, ten in a new account.
_QUEUES = {
    "NOTIFICATIONS_QUEUE_ARN": (10, 5),
    "TASKS_QUEUE_ARN": (5, 2),
    "EMAIL_FEEDBACK_QUEUE_ARN": (10, 2),
}
# A mapping is listed for a while after it was deleted, and takes no change while it is busy.
_LEAVING = "Deleting"
_BUSY = ("Creating", "Enabling", "Disabling", "Updating")
_PATIENCE_SECONDS = 120


class SourceError(Exception):
    """A mapping did not reach a state in which it can be changed; the message names its source."""


def connect(function: str, outputs: Mapping[str, str], *, with_stream: bool) -> None:
    """Feed the function from the queues, and from the streams that the tables have now. May be repeated.

    A mapping that is there gets the settings of this checkout; one on its way out is waited for and made anew. Raises
    `SourceError`.
    """
    wanted = {outputs[output]: _queue_settings(*numbers) for output, numbers in _QUEUES.items()}
    if with_stream:
        stream_arns = _stream_arns(outputs.get("TABLES_GENERATION", ""))
        wanted |= dict.fromkeys(stream_arns, _stream_settings(outputs))
        # A table that was made anew has another stream.
        for mapping in mappings(function):
            if ":dynamodb:" in mapping["EventSourceArn"] and mapping["EventSourceArn"] not in stream_arns:
                client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    for arn, parameters in wanted.items():
        _connect(function, arn, parameters)


def disconnect(function: str) -> None:
    """Take everything off the function that feeds it. May be repeated."""
    for mapping in mappings(function):
        if mapping.get("State") != _LEAVING:
            client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])


def mappings(function: str) -> list[dict[str, Any]]:
    """All mappings of the function, those that are on their way out too."""
    pages = client("lambda").get_paginator("list_event_source_mappings").paginate(FunctionName=function)
    return [mapping for page in pages for mapping in page["EventSourceMappings"]]


def _connect(function: str, arn: str, parameters: dict[str, Any]) -> None:
    functions = client("lambda")
    mapping = _settled(function, arn)
    if mapping is None:
        # Zappa would not send where to start, and AWS refuses a stream without.
        start = {"StartingPosition": "TRIM_HORIZON"} if ":dynamodb:" in arn else {}
        functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, **start, **parameters)
    elif any(mapping.get(name) != value for name, value in parameters.items()):
        functions.update_event_source_mapping(UUID=mapping["UUID"], FunctionName=function, **parameters)


def _settled(function: str, arn: str) -> dict[str, Any] | None:
    """The mapping of this source once it can be changed; None once there is none."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found = [each for each in mappings(function) if each["EventSourceArn"] == arn]
        mapping = next((each for each in found if each.get("State") != _LEAVING), None)
        if mapping is None and not found:
            return None
        if mapping is not None and mapping.get("State") not in _BUSY:
            return mapping
        if time.monotonic() > give_up_at:
            raise SourceError(f"{arn}: its mapping stays {(mapping or found[0])['State']}; try again in some minutes")
        time.sleep(2)


def _queue_settings(batch_size: int, at_once: int) -> dict[str, Any]:
    return {
        "BatchSize": batch_size,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": at_once},
    }


def _stream_settings(outputs: Mapping[str, str]) -> dict[str, Any]:
    return {
        "BatchSize": 100,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 5,
        "DestinationConfig": {"OnFailure": {"Destination": outputs["STREAM_FAILURES_QUEUE_ARN"]}},
    }


def _stream_arns(generation: str) -> list[str]:
    """Of each table with an outbox, of this generation, the stream that it has now."""
    dynamodb = client("dynamodb")
    # The settings of who deploys need not know which tables are in use.
    names = [outbox.table_name.removesuffix(settings.TABLES_GENERATION) + generation for outbox in wiring().outboxes]
    return [dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"] for name in names]
