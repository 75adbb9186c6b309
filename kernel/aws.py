"""Clients of AWS services: one per service and process, shared by all threads.

The tables have a transport of their own, `storage.transport`.

A client costs 50 ms and a connection pool, so it is made at first use and kept. Time limits are short: behind API
Gateway a request has 29 s, and an answer of 503 after 5 s is worth more than none.
"""

import random
import threading
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import botocore.config
import botocore.session
from django.conf import settings

from kernel.copies import when_copied

_lock = threading.Lock()
# Refusals of SNS and SQS that botocore does not know as throttling, and would not try again.
_THROTTLING_CODES = frozenset({"Throttled", "RequestThrottled"})


def client_config(*, attempts: int = 3, **options: Any) -> botocore.config.Config:
    """How long clients wait, and how often they ask; `options` are botocore's own."""
    return botocore.config.Config(
        connect_timeout=1, read_timeout=5, retries={"total_max_attempts": attempts, "mode": "standard"}, **options
    )


@cache
def client(service: str, *, attempts: int = 3, region: str | None = None) -> Any:
    """The client of a service, by boto3's name for it ("sns", "cognito-idp"); it asks `attempts` times, by default in
    the region of the settings.
    """
    config = client_config(attempts=attempts)
    endpoint_url = settings.AWS_ENDPOINT_URL
    if service == "dynamodb":
        endpoint_url = settings.AWS_ENDPOINT_URL_DYNAMODB or endpoint_url
    made = make_client(service, region=region or settings.AWS_REGION, endpoint_url=endpoint_url, config=config)
    handler: Any = partial(_pause_if_throttled, attempts)
    made.meta.events.register_last(f"needs-retry.{made.meta.service_model.service_id.hyphenize()}", handler)
    return made


def make_client(service: str, *, region: str, endpoint_url: str | None, config: botocore.config.Config) -> Any:
    """Another client of a service, which waits and asks as `config` says."""
    # Creating clients is not thread-safe in botocore; using them is.
    with _lock:
        return _session().create_client(service, region_name=region, endpoint_url=endpoint_url, config=config)


@cache
def _session() -> botocore.session.Session:
    """What all clients are made by: it reads once which services and endpoints there are, which takes it longer than to
    make a client.
    """
    return botocore.session.get_session()


def _begin_anew() -> None:
    """In a copy of this process: the clients' connections and credentials are the parent's, and so is who held the
    lock.
    """
    global _lock
    _lock = threading.Lock()
    client.cache_clear()
    _session.cache_clear()


when_copied(_begin_anew)


def _pause_if_throttled(
    max_attempts: int, response: tuple[Any, Mapping[str, Any]] | None, attempts: int, **_: Any
) -> float | None:
    """How many seconds to wait before the next attempt; None if there is none, or botocore decides."""
    if response is None or attempts >= max_attempts:
        return None
    # "AWS.SimpleQueueService.RequestThrottled"
    code = str(response[1].get("Error", {}).get("Code", "")).rpartition(".")[2]
    if code not in _THROTTLING_CODES:
        return None
    return random.uniform(0, min(0.1 * 2**attempts, 2))  # noqa: S311  (jitter, not a secret)


def queue_url(arn: str) -> str:
    """The URL by which SQS knows the queue with this ARN."""
    _, _, _, region, account, name = arn.split(":", 5)
    host = settings.AWS_ENDPOINT_URL or f"https://sqs.{region}.amazonaws.com"
    return f"{host}/{account}/{name}"
