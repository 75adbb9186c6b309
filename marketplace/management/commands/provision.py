"""`manage.py provision`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.provisioning import ProvisioningError, provision
from marketplace.operations.stages import add_remake_indexes


class Command(BaseCommand):
    help = "Create or update the tables, topics, queues, user pool and bucket of a stage, on AWS or the embedded cloud."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stage", default=settings.STAGE, help="default: the STAGE of the settings, %(default)s")
        parser.add_argument(
            "--write-env", type=Path, metavar="FILE", help="write what the application must know as NAME=value lines"
        )
        add_remake_indexes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outputs = provision(options["stage"], remake_indexes=options["remake_indexes"], report=self.stdout.write)
        except ProvisioningError as error:
            raise CommandError(str(error)) from error
        if options["write_env"]:
            options["write_env"].write_text(format_environment(outputs))
            self.stdout.write(f"wrote {options['write_env']}")


def format_environment(variables: dict[str, str]) -> str:
    """The variables as an env file."""
    return "".join(f"{name}={value}\n" for name, value in sorted(variables.items()))
