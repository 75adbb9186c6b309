"""`manage.py rollback`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.edge import site_address
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.proof import ProofError, prove
from marketplace.operations.deploy.releases import RollbackError, roll_back
from marketplace.operations.stages import add_stage


class Command(BaseCommand):
    help = (
        "Let a stage's functions run the release before, and ask the site whether it works. Stacks, data and static "
        "files stay: a release leaves what the one before it needs."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        try:
            roll_back(stage, report=self.stdout.write)
            prove(site_address(stage), report=self.stdout.write)
        except (DeploymentError, RollbackError) as error:
            raise CommandError(str(error)) from error
        except ProofError as error:
            raise CommandError(f"rolled back, but the site does not answer as it should: {error}") from error
