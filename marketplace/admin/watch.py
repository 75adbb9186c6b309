"""How queues, dead letters and alarms are just now; what SQS and CloudWatch do not say by a deadline is not known."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import orjson
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from kernel.aws import client, queue_url
from kernel.values import dataclass
from marketplace.background.dead_letters import NAMES, queue_arn

DEADLINE_SECONDS = 1.5
ALARMS_OF = timedelta(days=1)
_MOST_ALARMS = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages wait in a queue, how many are worked on, and how many were given up; None: not known."""

    name: str
    waiting: int | None = None
    working: int | None = None
    dead: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm that was raised, or ended."""

    name: str
    at: datetime
    is_raised: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known by the deadline; `alarms` None: CloudWatch did not answer."""

    depths: Sequence[Depth]
    alarms: Sequence[AlarmChange] | None


def watch(now: datetime) -> Watched:
    """All of it at once. What does not answer in time is not known."""
    answers = _answers(_depth_calls() | {"alarms": partial(_alarms, now)})
    return Watched(_depths(answers), answers.get("alarms"))


def watch_queues() -> list[Depth]:
    """The queues alone, all at once."""
    return _depths(_answers(_depth_calls()))


def _depth_calls() -> dict[str, Callable[[], Any]]:
    return {name: partial(_depth, name) for name in NAMES}


def _depths(answers: Mapping[str, Any]) -> list[Depth]:
    return [answers.get(name) or Depth(name) for name in NAMES]


def _answers(calls: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """The answers that came before the deadline."""
    threads = ThreadPoolExecutor(max_workers=len(calls), thread_name_prefix="watch")
    futures = {name: threads.submit(call) for name, call in calls.items()}
    wait(futures.values(), DEADLINE_SECONDS)
    # Nobody waits for the others: they end by their own time limits.
    threads.shutdown(wait=False, cancel_futures=True)
    found = {}
    for name, future in futures.items():
        if future.done() and not future.cancelled():
            try:
                found[name] = future.result()
            except (BotoCoreError, ClientError):
                continue
    return found


def _depth(name: str) -> Depth:
    arn = queue_arn(name)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "RedrivePolicy"]
    found = _attributes(arn, names)
    waiting, working = int(found[names[0]]), int(found[names[1]])
    if "RedrivePolicy" not in found:
        # It is where things end.
        return Depth(name, dead=waiting)
    dead_arn = orjson.loads(found["RedrivePolicy"])["deadLetterTargetArn"]
    return Depth(name, waiting, working, int(_attributes(dead_arn, names[:1])[names[0]]))


def _attributes(arn: str, names: Sequence[str]) -> dict[str, str]:
    sqs = client("sqs", attempts=1)
    # Not every attribute is there of every queue.
    answer = sqs.get_queue_attributes(QueueUrl=queue_url(arn), AttributeNames=list(names))
    found: dict[str, str] = answer.get("Attributes", {})
    return found


def _alarms(now: datetime) -> list[AlarmChange]:
    """The changes of this stage's alarms within a day, the newest first."""
    answer = client("cloudwatch", attempts=1).describe_alarm_history(
        HistoryItemType="StateUpdate", StartDate=now - ALARMS_OF, EndDate=now, MaxRecords=100
    )
    changes = [
        AlarmChange(
            item["AlarmName"].removeprefix(settings.RESOURCE_PREFIX),
            item["Timestamp"],
            "to ALARM" in item["HistorySummary"],
        )
        for item in answer["AlarmHistoryItems"]
        if item["AlarmName"].startswith(settings.RESOURCE_PREFIX)
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)[:_MOST_ALARMS]
