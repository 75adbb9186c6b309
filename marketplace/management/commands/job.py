"""`manage.py job`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.background.jobs import JOBS, IncompleteJobError


class Command(BaseCommand):
    help = "Run one scheduled job now, as the clock would. Running it once too often does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(JOBS))

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            done = JOBS[name].run()
        except IncompleteJobError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name}: {done}")
