"""Sends each Lambda event to the code for its source, by an allow-list of tables, queues, jobs and the user pool.

Nothing in an event selects code but the name of its source. The management commands that Zappa's own handler would
run for whoever can invoke the function (`command`, `raw_command`, `manage`) are refused.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings

from kernel.storage import logical_name
from marketplace.background import code_emails, jobs, queues, streams, tokens
from marketplace.background.wiring import wiring
from marketplace.entrypoints.errors import UnknownSourceError

Records = Sequence[Mapping[str, Any]]
BatchResponse = dict[str, list[dict[str, str]]]

# By the table's name, whatever stage and generation it is of.
STREAMS: dict[str, Callable[[Records], BatchResponse]] = {
    logical_name(outbox.table_name): partial(streams.publish_changes, outbox) for outbox in wiring().outboxes
}
QUEUES: dict[str, Callable[[Records], BatchResponse]] = {
    "notifications.fifo": queues.handle_events,
    "tasks": queues.run_tasks,
    "email-feedback": queues.take_email_feedback,
}
# By the first part of what Cognito calls the occasion.
TRIGGERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "TokenGeneration": tokens.trim_token,
    "CustomMessage": code_emails.word_code,
}


def handle(event: Any, context: Any = None) -> Any:
    """Process one Lambda event; returns what Lambda expects of its source.

    Raises `UnknownSourceError` for every source, shape or job that is not listed here.
    """
    if not isinstance(event, Mapping):
        raise UnknownSourceError(f"an event is an object, not {type(event).__name__}")
    if "Records" in event:
        return _records_handler(event["Records"])(event["Records"])
    if set(event) == {"job"}:
        return _run_job(event["job"])
    trigger = str(event.get("triggerSource", "")).partition("_")[0]
    if trigger in TRIGGERS:
        return _answer_pool(TRIGGERS[trigger], event)
    raise UnknownSourceError(f"an event with the members {sorted(map(str, event))[:10]}")


def _records_handler(records: Any) -> Callable[[Records], BatchResponse]:
    if not isinstance(records, Sequence) or not records or not all(isinstance(record, Mapping) for record in records):
        raise UnknownSourceError("Records is not a list of records")
    # A batch has one source. Were it otherwise, records would go to code that is not theirs.
    sources = {(record.get("eventSource"), record.get("eventSourceARN")) for record in records}
    if len(sources) != 1:
        raise UnknownSourceError(f"a batch from {len(sources)} sources")
    ((service, arn),) = sources
    handlers = {"aws:dynamodb": STREAMS, "aws:sqs": QUEUES}.get(str(service), {})
    handler = handlers.get(_source_name(str(service), str(arn)))
    if handler is None:
        raise UnknownSourceError(f"{service} {arn}")
    return handler


def _source_name(service: str, arn: str) -> str:
    """The name of the table or queue in the ARN, without the stage's prefix; empty for an ARN of another stage, and of
    a table that is not in use any more.
    """
    # arn:aws:sqs:REGION:ACCOUNT:QUEUE and arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/TIME
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != service.removeprefix("aws:"):
        return ""
    name = parts[5]
    if service == "aws:dynamodb":
        path = name.split("/")
        if len(path) != 4 or path[0] != "table" or path[2] != "stream":
            return ""
        return logical_name(path[1])
    prefix = settings.RESOURCE_PREFIX
    return name.removeprefix(prefix) if name.startswith(prefix) else ""


def _answer_pool(answer: Callable[[Mapping[str, Any]], Any], event: Mapping[str, Any]) -> Any:
    if event.get("userPoolId") != settings.COGNITO_USER_POOL_ID:
        raise UnknownSourceError(f"user pool {event.get('userPoolId')!r}")
    return answer(event)


def _run_job(name: Any) -> Any:
    if not isinstance(name, str) or name not in jobs.JOBS:
        raise UnknownSourceError(f"job {name!r}")
    return jobs.JOBS[name].run()
