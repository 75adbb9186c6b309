"""`manage.py undeploy`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.functions import undeploy
from marketplace.operations.provisioning import ProvisioningError
from marketplace.operations.stages import add_stage


class Command(BaseCommand):
    help = (
        "Remove a stage's functions, their API, and what feeds, calls and watches them. Its tables, queues and people "
        "stay."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            undeploy(options["stage"], report=self.stdout.write)
        except (DeploymentError, ProvisioningError) as error:
            raise CommandError(str(error)) from error
