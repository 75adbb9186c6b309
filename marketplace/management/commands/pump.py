"""`manage.py pump`."""

import signal
import threading
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kernel.aws import queue_url
from marketplace.background.pump.queue import QueueConsumer
from marketplace.background.pump.stream import StreamPump
from marketplace.background.queues import handle_events, take_email_feedback
from marketplace.background.streams import publish_changes
from marketplace.background.wiring import wiring

# The queue gives each of them events of other items. What they wait for is AWS.
_EVENT_CONSUMERS = 4


class Command(BaseCommand):
    help = (
        "Where there is no Lambda: publish the changes of tables with an outbox from their streams, and let the "
        "handlers have the published events. Several may run; each record is processed by one. Ctrl-C or SIGTERM stops "
        "after the batch at hand."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        workers: list[StreamPump | QueueConsumer] = [
            *(
                StreamPump(
                    outbox.table_name,
                    partial(publish_changes, outbox),
                    failures_queue_url=queue_url(settings.STREAM_FAILURES_QUEUE_ARN),
                )
                for outbox in wiring().outboxes
            ),
            *(QueueConsumer(settings.NOTIFICATIONS_QUEUE_ARN, handle_events) for _ in range(_EVENT_CONSUMERS)),
            QueueConsumer(settings.EMAIL_FEEDBACK_QUEUE_ARN, take_email_feedback),
        ]
        threads = [threading.Thread(target=worker.run, args=(stop,), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        if options["verbosity"]:
            self.stdout.write("pumping; Ctrl-C stops")
        for thread in threads:
            thread.join()
