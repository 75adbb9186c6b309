"""`manage.py package`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.functions import make_package
from marketplace.operations.stages import add_stage


class Command(BaseCommand):
    help = (
        "Make the package of both functions for Lambda's Python and platform, and refuse it if it would not load there."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        try:
            package = make_package(stage, for_lambda=True, report=self.stdout.write)
        except DeploymentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"loads on Lambda: {package}")
