"""The Celery application: deliveries and jobs, on the SQS queue `tasks`.

A worker and Lambda run the same messages. What fails goes back to the queue and comes again after a growing pause;
after many tries SQS moves it to the dead-letter queue. That is the only retry: Celery's own would make a new message,
and the dead-letter queue would never fill.
"""

import os
import random
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import django
from celery import Celery
from django.apps import apps
from django.conf import settings

from kernel.aws import queue_url
from kernel.registry import module_names
from kernel.storage import physical_name
from marketplace.background.visibility import LEASE_SECONDS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.local")

# What a task waits for is AWS, whose clients are shared by all threads.
_TASKS_AT_ONCE = 8
_LONGEST_PAUSES_SECONDS = (2, 10, 30)
_JOBS_MODULE = "marketplace.background.jobs"


def import_tasks() -> None:
    """Import the modules of all apps' tasks, which register themselves thereby, and the task of the jobs."""
    for module in (*module_names("tasks"), _JOBS_MODULE):
        import_module(module)


class _EveryTask:
    """In the place of kombu's list of the tasks that come again after a pause: all."""

    def __contains__(self, name: object) -> bool:
        return True


class RetryPauses:
    """How long a message stays hidden that failed: longer each time, and random, so that not all come back at once."""

    def get(self, receives: int) -> int:
        """Whole seconds, after that many receives."""
        longest = _LONGEST_PAUSES_SECONDS[min(receives, len(_LONGEST_PAUSES_SECONDS)) - 1]
        return random.randint(longest // 2, longest)  # noqa: S311  (jitter, not a secret)


def _broker_url() -> str:
    # Kombu reads no AWS_ENDPOINT_URL: without a host it would call AWS itself.
    return f"sqs://{urlsplit(settings.AWS_ENDPOINT_URL).netloc}" if settings.AWS_ENDPOINT_URL else "sqs://"


def _configuration() -> dict[str, Any]:
    # Celery's own setup of Django comes after its configuration, but jobs use models, which need it before.
    if not apps.ready:
        django.setup()
    from marketplace.background.jobs import JOBS, RUN_JOB

    queue = physical_name("tasks")
    return {
        "broker_url": _broker_url(),
        "broker_transport": "marketplace.background.broker:Transport",
        "broker_transport_options": {
            "region": settings.AWS_REGION,
            "is_secure": settings.AWS_ENDPOINT_URL is None,
            # A worker that was told to stop waits for the end of its poll.
            "wait_time_seconds": 2,
            # Extended while they are worked on.
            "visibility_timeout": LEASE_SECONDS,
            # How soon a worker whose threads were all busy looks whether one is free.
            "polling_interval": 0.02,
            # Named, so that no queue is looked up or created.
            "predefined_queues": {
                queue: {
                    "url": queue_url(settings.TASKS_QUEUE_ARN),
                    "backoff_policy": RetryPauses(),
                    "backoff_tasks": _EveryTask(),
                }
            },
        },
        "broker_connection_retry_on_startup": True,
        "task_default_queue": queue,
        "task_create_missing_queues": False,
        "task_queues": {queue: {}},
        "task_ignore_result": True,
        "task_acks_late": True,
        # Else a failed message is deleted, and neither comes again nor reaches the dead-letter queue.
        "task_acks_on_failure_or_timeout": False,
        "worker_pool": "threads",
        "worker_concurrency": _TASKS_AT_ONCE,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "imports": (*module_names("tasks"), _JOBS_MODULE),
        "beat_schedule": {
            name: {
                "task": RUN_JOB,
                "args": [name],
                "schedule": job.when.celery,
                # After a pause of the worker, one run is enough for all that were missed.
                "options": {"expires": int(job.when.interval.total_seconds())},
            }
            for name, job in JOBS.items()
        },
        "timezone": "UTC",
    }


app = Celery("marketplace")
# Not before it is used: tests learn the queue's address when they start.
app.add_defaults(_configuration)
