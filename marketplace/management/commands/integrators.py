"""`manage.py integrators`."""

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.operations.deploy.edge import site_address
from marketplace.operations.deploy.integrators import (
    IntegratorError,
    add_integrator,
    integrators,
    revoke_integrator,
)
from marketplace.operations.provisioning import ProvisioningError
from marketplace.operations.stages import add_stage


class Command(BaseCommand):
    help = "List the integrators that have a key to a stage's API, give one a key, or revoke it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_stage(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--add", type=_name, metavar="NAME", help="make a key for them, and show it this once")
        what.add_argument("--revoke", type=_name, metavar="NAME", help="end their key at once")

    def handle(self, *args: Any, stage: str, **options: Any) -> None:
        try:
            if options["add"]:
                key = add_integrator(stage, options["add"])
                self.stdout.write(f"{options['add']}: x-api-key: {key}")
                address = site_address(stage) or "the site"
                self.stdout.write(f"for {address}/integrators/api/v1/… ; it is shown this once")
            elif options["revoke"]:
                revoke_integrator(stage, options["revoke"])
                self.stdout.write(f"{options['revoke']}: the key is revoked")
            else:
                for each in integrators(stage):
                    left = "" if each.left_today is None else f", {each.left_today:,} left today"
                    self.stdout.write(f"{each.name}: since {each.since}, {each.asked:,} requests in seven days{left}")
        except (IntegratorError, ProvisioningError) as error:
            raise CommandError(str(error)) from error


def _name(text: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9-]{1,40}", text):
        raise ArgumentTypeError(f"{text!r} is no name: lower-case letters, digits and hyphens")
    return text
