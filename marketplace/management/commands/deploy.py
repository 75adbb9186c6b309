"""`manage.py deploy`."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.changes import changes
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.functions import deploy, goes_to_aws, make_package
from marketplace.operations.deploy.mail import mail_standing
from marketplace.operations.deploy.preflight import look
from marketplace.operations.deploy.proof import ProofError, prove
from marketplace.operations.deploy.static_files import samples
from marketplace.operations.provisioning import ProvisioningError, provision
from marketplace.operations.stages import add_remake_indexes, add_stage, add_without_stream


class Command(BaseCommand):
    help = (
        "Bring a stage to this checkout's state: stacks, package, static files, functions, the edge before them, and "
        "what feeds, calls and watches them; then ask the site whether it works. Can be repeated."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change and what a month costs, and change nothing"
        )
        add_without_stream(parser)
        parser.add_argument(
            "--package", type=Path, help="deploy this one, which was made for the stage before, and make none"
        )
        add_remake_indexes(parser)

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        findings = look(stage)
        for finding in findings:
            self.stdout.write(f"{'! ' if finding.stops else ''}preflight: {finding.text}")
        if any(finding.stops for finding in findings):
            raise CommandError("nothing was begun; mend what is marked with ! first")
        if options["dry_run"]:
            for line in changes(stage):
                self.stdout.write(line)
            call_command("cost", stdout=self.stdout)
            return
        try:
            outputs = provision(stage, remake_indexes=options["remake_indexes"], report=self.stdout.write)
            package = options["package"] or make_package(stage, for_lambda=goes_to_aws(), report=self.stdout.write)
            address = deploy(
                stage, outputs, package, with_stream=not options["without_stream"], report=self.stdout.write
            )
            for line in mail_standing().advice():
                self.stdout.write(f"mail: {line}")
            prove(address, files=samples(package), report=self.stdout.write)
        except (DeploymentError, ProvisioningError) as error:
            raise CommandError(f"{error}\nOnce that is mended, repeat the command: it goes on from here.") from error
        except ProofError as error:
            raise CommandError(
                f"all is deployed, but the site does not answer as it should: {error}\n"
                "The functions' logs tell why; once that is mended, deploy again."
            ) from error
        self.stdout.write(f"deployed: {address}")
