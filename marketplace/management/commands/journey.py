"""`manage.py journey`."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.aws import queue_url
from marketplace.background.pump.stream import StreamPump
from marketplace.background.wiring import wiring
from marketplace.operations.deploy.journey import JourneyError, play, play_until, told_in_logs
from marketplace.operations.deploy.names import events_function
from marketplace.operations.deploy.patience import patient_lambda
from marketplace.operations.deploy.visitor import VisitError


class Command(BaseCommand):
    help = (
        "Play one booking through a deployed site whose mail is left in DATA_DIR, as the embedded cloud does. The "
        "streams' records are handed to the deployed function from here, as Lambda would."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the site's address, as `manage.py deploy` says it")
        parser.add_argument(
            "--until", type=Path, metavar="FILE", help="make bookings instead, until this file is there, and some more"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if settings.INBOX_DIR is None:
            raise CommandError("There is no inbox to look for mail in: not with these settings.")
        stop = threading.Event()
        failures_url = queue_url(settings.STREAM_FAILURES_QUEUE_ARN)
        pumps = [
            StreamPump(outbox.table_name, _invoke, failures_queue_url=failures_url) for outbox in wiring().outboxes
        ]
        pumping = [threading.Thread(target=pump.run, args=(stop,), daemon=True) for pump in pumps]
        for thread in pumping:
            thread.start()
        try:
            if options["until"]:
                play_until(options["until"], address, settings.INBOX_DIR, report=self._report)
            else:
                play(address, settings.INBOX_DIR, report=self._report)
        except (JourneyError, VisitError) as error:
            raise CommandError(str(error)) from error
        finally:
            stop.set()
            for thread in pumping:
                thread.join()
        told = told_in_logs(settings.STAGE)
        if told:
            raise CommandError("the functions' logs tell of people:\n" + "\n".join(told[:10]))
        self._report("the functions' logs tell of nobody")

    def _report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _invoke(records: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the deployed function answers to a batch of the stream. Raises `JourneyError` when it fails."""
    # Lambda waits for as long as the function may work.
    answer = patient_lambda().invoke(
        FunctionName=events_function(settings.STAGE), Payload=orjson.dumps({"Records": list(records)})
    )
    payload: dict[str, Any] = orjson.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise JourneyError(f"the function failed: {payload.get('errorType')}: {payload.get('errorMessage')}")
    return payload
