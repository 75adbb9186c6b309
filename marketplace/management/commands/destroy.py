"""`manage.py destroy`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.destruction import destroy
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.provisioning import ProvisioningError
from marketplace.operations.stages import add_confirmation, add_stage, confirm


class Command(BaseCommand):
    help = "Remove a stage with everything that it holds, or all but that. There is no way back."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)
        parser.add_argument(
            "--keep-data", action="store_true", help="keep tables, people, documents and secrets; `deploy` finds them"
        )
        add_confirmation(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        kept = "all but its tables, people and documents" if options["keep_data"] else "all that it holds"
        confirm(self, stage, f"{stage} will be removed with {kept}.", typed=options["confirm"])
        try:
            destroy(stage, keep_data=options["keep_data"], report=self.stdout.write)
        except (DeploymentError, ProvisioningError) as error:
            raise CommandError(f"{error}\nNot all is removed; once that is mended, repeat the command.") from error
