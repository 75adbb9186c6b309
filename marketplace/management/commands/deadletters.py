"""`manage.py deadletters`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.clock import to_rfc3339
from marketplace.background.dead_letters import (
    NAMES,
    DeadLetter,
    DeadLetterQueue,
    NotRedrivableError,
    dead_letter_queue,
)


class Command(BaseCommand):
    help = "Look at the messages that could not be processed, try them again, or delete them. Shows ids, no contents."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="how many messages each queue has")
        actions.add_parser("count", help="how many messages there are in all, as a bare number for a monitor")
        actions.add_parser("show", help="what a queue's messages are about").add_argument("queue", choices=NAMES)
        for action, what in (("redrive", "send messages back to where they failed"), ("drop", "delete messages")):
            parser = actions.add_parser(action, help=what)
            parser.add_argument("queue", choices=NAMES)
            which = parser.add_mutually_exclusive_group(required=True)
            which.add_argument("--all", action="store_true", help="all messages of the queue")
            which.add_argument("--message", action="append", metavar="ID", help="only this one; may be repeated")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action in ("list", "count"):
            self._count(in_all=action == "count")
            return
        queue = dead_letter_queue(options["queue"])
        if action == "show":
            letters = queue.show()
        elif action == "drop":
            letters = queue.drop(options["message"])
        else:
            letters = self._redrive(queue, options["message"])
        for letter in letters:
            self.stdout.write(f"{letter.message_id}  {to_rfc3339(letter.sent_at)}  {letter.about}")
        self.stdout.write(f"{len(letters)} {_DONE[action]}")

    def _count(self, *, in_all: bool) -> None:
        counts = {name: dead_letter_queue(name).count() for name in NAMES}
        if in_all:
            self.stdout.write(str(sum(counts.values())))
            return
        for name, count in counts.items():
            self.stdout.write(f"{count:8}  {name}")

    def _redrive(self, queue: DeadLetterQueue, message_ids: list[str] | None) -> list[DeadLetter]:
        try:
            return queue.redrive(message_ids)
        except NotRedrivableError as error:
            raise CommandError(
                f"{error} has only the positions of records. What they are about is published again by the job "
                "`reconcile` as soon as it can be read; then drop them."
            ) from error


_DONE = {"show": "waiting", "drop": "dropped", "redrive": "sent back"}
