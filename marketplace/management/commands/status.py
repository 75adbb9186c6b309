"""`manage.py status`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketplace.operations.deploy.status import status
from marketplace.operations.stages import add_stage


class Command(BaseCommand):
    help = "How a deployed stage stands: stacks, functions, mail, alarms, and whether the site answers."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        for line in status(stage):
            self.stdout.write(line)
