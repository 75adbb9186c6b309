"""`manage.py rotate_key`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.functions import restart
from marketplace.operations.deploy.secret_values import rotate_key
from marketplace.operations.stages import add_stage


class Command(BaseCommand):
    help = (
        "Give a stage another signing key. Nobody is signed out: what the key before has signed counts until the next "
        "rotation."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        rotate_key(stage)
        try:
            restart(stage, report=self.stdout.write)
        except DeploymentError as error:
            raise CommandError(
                f"the other key is there, and not every process has it: {error}\nWhat either key signs counts: deploy, "
                "and do not repeat this command, after which the key before this one would count no more."
            ) from error
        self.stdout.write(f"{stage} signs with another key")
