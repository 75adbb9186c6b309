"""Whether the marketplace works, and which part of what it stands on does not."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from kernel.aws import client
from kernel.storage import Item, Key, get_rows, item_classes, key_names
from kernel.values import dataclass
from kernel.web.permissions import AnyOne
from kernel.web.rest import ApiView, documented

logger = logging.getLogger(__name__)

OK, FAILED = "ok", "failed"
TIME_LIMIT_SECONDS = 3.0
# However often strangers ask: AWS is asked this seldom.
REMEMBERED_SECONDS = 5.0

TOPICS = ("booking-events.fifo",)
QUEUES = ("notifications.fifo", "tasks", "stream-failures")


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part: whether it answered as it should, after how long, and, if not, what was wrong."""

    name: str
    status: str
    milliseconds: int
    detail: str


def _check_tables() -> None:
    """Reads an item that does not exist from every table of the application: one BatchGetItem."""
    rooms = {name.partition(".")[0] for name in settings.INSTALLED_APPS}
    tables = [table for table in item_classes() if table.__module__.partition(".")[0] in rooms]
    get_rows([_absent_key(table) for table in tables], consistent=False)


def _absent_key(table: type[Item]) -> Key:
    absent = "health-check"
    return (table, absent) if len(key_names(table)) == 1 else (table, absent, absent)


def _check_topics() -> None:
    """Looks for the topics in the account's list, since their ARNs need its number."""
    names: set[str] = set()
    for page in client("sns").get_paginator("list_topics").paginate():
        names |= {topic["TopicArn"].rpartition(":")[2] for topic in page["Topics"]}
    missing = {settings.RESOURCE_PREFIX + name for name in TOPICS} - names
    if missing:
        raise LookupError(f"missing: {', '.join(sorted(missing))}")


def _check_queues() -> None:
    for name in QUEUES:
        client("sqs").get_queue_url(QueueName=settings.RESOURCE_PREFIX + name)


def _check_mail() -> None:
    quota = client("ses").get_send_quota()
    # -1 is unlimited.
    if 0 <= quota["Max24HourSend"] <= quota["SentLast24Hours"]:
        raise RuntimeError("the day's sending quota is used up")


CHECKS: dict[str, Callable[[], None]] = {
    "tables": _check_tables,
    "topics": _check_topics,
    "queues": _check_queues,
    "mail": _check_mail,
}


def _run(name: str, check: Callable[[], None]) -> PartHealth:
    started = time.monotonic()
    status, detail = OK, ""
    try:
        check()
    except Exception as error:  # noqa: BLE001  (whatever is wrong is what was asked for)
        status, detail = FAILED, f"{type(error).__name__}: {error}"
        logger.warning("Health check of %s failed: %s", name, detail)
    return PartHealth(name, status, round((time.monotonic() - started) * 1000), detail)


def check_parts() -> list[PartHealth]:
    """The health of every part, all asked at once, after at most `TIME_LIMIT_SECONDS`."""
    threads = ThreadPoolExecutor(len(CHECKS), thread_name_prefix="health")
    futures: dict[str, Future[PartHealth]] = {name: threads.submit(_run, name, check) for name, check in CHECKS.items()}
    done, _ = wait(futures.values(), TIME_LIMIT_SECONDS)
    # The clients' own time limits end what still runs.
    threads.shutdown(wait=False)
    late = round(TIME_LIMIT_SECONDS * 1000)
    return [
        future.result() if future in done else PartHealth(name, FAILED, late, "no answer in time")
        for name, future in futures.items()
    ]


class _Remembered:
    """The last deep check, for all who ask within `REMEMBERED_SECONDS`; one asks, the others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: list[PartHealth] = []
        self._until = float("-inf")

    def parts(self) -> list[PartHealth]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._parts = check_parts()
                self._until = time.monotonic() + REMEMBERED_SECONDS
            return self._parts

    def forget(self) -> None:
        self._until = float("-inf")


remembered = _Remembered()


class HealthQuery(serializers.Serializer[Any]):
    deep = serializers.BooleanField(default=False, help_text="Ask every part that the marketplace stands on.")


class PartSchema(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=list(CHECKS))
    status = serializers.ChoiceField(choices=[OK, FAILED])
    milliseconds = serializers.IntegerField(required=False, help_text="How long it took; for admins.")
    detail = serializers.CharField(required=False, help_text="What is wrong; for admins.")


class HealthSchema(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=[OK, FAILED])
    parts = PartSchema(many=True, required=False)


class HealthView(ApiView):
    """Whether this process answers and, with `deep=1`, whether tables, topics, queues and mail do.

    Strangers learn which part failed; admins also see why.
    """

    permission_classes = (AnyOne,)
    # Load balancers ask often, and the quick check must not ask DynamoDB for leave.
    throttle_classes = ()

    @documented(
        summary="Whether the marketplace works",
        parameters=[HealthQuery],
        responses={200: HealthSchema, 503: HealthSchema},
    )
    def get(self, request: Request) -> HttpResponseBase:
        if not self.query(HealthQuery, request)["deep"]:
            return self.detail({"status": OK})
        parts = remembered.parts()
        actor = self.optional_actor(request)
        shown = ("name", "status", "milliseconds", "detail") if actor and actor.is_admin else ("name", "status")
        healthy = all(part.status == OK for part in parts)
        document = {
            "status": OK if healthy else FAILED,
            "parts": [{name: asdict(part)[name] for name in shown} for part in parts],
        }
        response = self.detail(document)
        response.status_code = 200 if healthy else 503
        return response


class RootHealthView(HealthView):
    """The health check outside of the API, at the address where load balancers and monitors look; not in the API's
    document.
    """

    schema = None
