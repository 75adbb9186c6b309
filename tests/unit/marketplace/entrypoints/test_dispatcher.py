"""Only listed sources are served; everything else raises, so that nothing is acknowledged that was not handled."""

from typing import Any

import pytest

from marketplace.background.jobs import JOBS
from marketplace.entrypoints import dispatcher
from marketplace.entrypoints.dispatcher import handle
from marketplace.entrypoints.errors import UnknownSourceError
from tests import mutants
from tests.factories.events import EVENTS_QUEUE_ARN, STREAM_ARN, TASKS_QUEUE_ARN, queue_record, stream_record

TASK = queue_record(1, "e30=", arn=TASKS_QUEUE_ARN)


def from_arn(arn: str, *, service: str = "aws:sqs") -> dict[str, Any]:
    return {"Records": [{**TASK, "eventSource": service, "eventSourceARN": arn}]}


REFUSED: dict[str, Any] = {
    "nothing": None,
    "a list": [TASK],
    "text": "reconcile",
    "an empty object": {},
    "no records": {"Records": []},
    "records that are none": {"Records": ["record"]},
    "records that are an object": {"Records": {"0": TASK}},
    "another table": from_arn(STREAM_ARN.replace("bookings", "users"), service="aws:dynamodb"),
    "the table without its stream": from_arn(STREAM_ARN.rpartition("/stream")[0], service="aws:dynamodb"),
    "an index's stream": from_arn(STREAM_ARN.replace("/stream", "/index/stream"), service="aws:dynamodb"),
    "another queue": from_arn(f"{TASKS_QUEUE_ARN}-2"),
    "the dead-letter queue": from_arn(f"{TASKS_QUEUE_ARN}-dlq"),
    "another stage": from_arn(TASKS_QUEUE_ARN.replace("test-", "staging-")),
    "production": from_arn(TASKS_QUEUE_ARN.replace("test-", "")),
    "a queue's ARN from a stream": from_arn(TASKS_QUEUE_ARN, service="aws:dynamodb"),
    "another service's ARN": from_arn(TASKS_QUEUE_ARN.replace(":sqs:", ":sns:")),
    "another service": from_arn(TASKS_QUEUE_ARN, service="aws:kinesis"),
    "no ARN": {"Records": [{key: value for key, value in TASK.items() if key != "eventSourceARN"}]},
    "a name alone": from_arn("test-tasks"),
    "two sources": {"Records": [TASK, {**TASK, "eventSourceARN": EVENTS_QUEUE_ARN}]},
    "S3": {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"arn": "arn:aws:s3:::test-tasks"}}}]},
    "SNS": {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": '{"command": "os.system"}'}}]},
    "an unknown job": {"job": "drop_everything"},
    "a job that is no text": {"job": ["reconcile"]},
    "a job and more": {"job": "reconcile", "command": "migrate"},
    "Zappa's command": {"command": "bookings.tasks.anything"},
    "Zappa's raw command": {"raw_command": "import os; os.system('id')"},
    "Zappa's management command": {"manage": "flush"},
    "a scheduled event of EventBridge": {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
    "another user pool's token": {"triggerSource": "TokenGeneration_Authentication", "userPoolId": "us-east-1_other"},
    "another user pool's email": {"triggerSource": "CustomMessage_SignUp", "userPoolId": "us-east-1_other"},
    "another trigger of a user pool": {"triggerSource": "PreSignUp_SignUp", "userPoolId": ""},
    "an HTTP request": {"httpMethod": "GET", "path": "/", "headers": {}},
}


def accepted() -> list[str]:
    """Which of these are answered as if they had been handled."""
    found = []
    for name, event in REFUSED.items():
        try:
            handle(event)
        except UnknownSourceError:
            continue
        found.append(name)
    return found


def test_what_is_not_listed_raises() -> None:
    assert accepted() == []


def test_mutant_sources_are_known_by_a_part_of_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.know_sources_by_a_part_of_their_name(monkeypatch)
    assert {"another stage", "the dead-letter queue"} <= set(accepted())


def test_mutant_what_is_unknown_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.acknowledge_the_unknown(monkeypatch)
    assert {"another queue", "two sources", "S3"} <= set(accepted())


@pytest.mark.parametrize(
    ("record", "table", "name"),
    [
        (stream_record(1, None), dispatcher.STREAMS, "bookings-table"),
        (TASK, dispatcher.QUEUES, "tasks"),
        (queue_record(1, "{}", arn=EVENTS_QUEUE_ARN), dispatcher.QUEUES, "notifications.fifo"),
    ],
)
def test_records_go_to_the_handler_of_their_source(
    record: dict[str, Any], table: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(table, name, lambda records: [name, *records])
    assert handle({"Records": [record, record]}, object()) == [name, record, record]


def test_what_a_handler_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(records: Any) -> Any:
        raise TypeError("as it is")

    monkeypatch.setitem(dispatcher.QUEUES, "tasks", fail)
    with pytest.raises(TypeError, match="as it is"):
        handle({"Records": [TASK]})


def test_a_listed_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    name, job = next(iter(JOBS.items()))
    monkeypatch.setitem(JOBS, name, type(job)(lambda now: 7, job.when))
    assert handle({"job": name}) == 7
