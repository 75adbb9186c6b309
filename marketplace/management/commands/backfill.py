"""`manage.py backfill`: what is kept for reads, made anew for items from before it was kept."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.backfills import Backfill
from kernel.registry import app_modules

_ITEMS_PER_LINE = 100


def backfills() -> dict[str, Backfill]:
    """The backfills of all apps, by name, in the order of the apps."""
    return {backfill.name: backfill for module in app_modules("backfills") for backfill in module.BACKFILLS}


class Command(BaseCommand):
    """Reads whole tables: by an operator's credentials, and never in a request."""

    help = (
        "Give items that were stored by an earlier release the attributes and lists that this one reads. "
        "Run it once after an upgrade whose change log asks for it. It may be broken off, repeated, and run while "
        "the site is in use; a second run changes nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        each = "; ".join(f"{backfill.name} ({backfill.help})" for backfill in backfills().values())
        parser.add_argument("names", nargs="*", metavar="name", help=f"which of them, all by default: {each}")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        found = backfills()
        if unknown := [name for name in names if name not in found]:
            raise CommandError(f"There is no backfill {unknown[0]}. Choose among: {', '.join(found)}.")
        failed = sum(self._run(found[name]) for name in names or found)
        if failed:
            raise CommandError(f"{failed} failed and are as they were. Run it again.")

    def _run(self, backfill: Backfill) -> int:
        """Run one, and say how far it is; how many items failed."""
        seen = changed = failed = 0
        for step in backfill.steps():
            seen += 1
            try:
                changed += step.run()
            except Exception as error:  # noqa: BLE001  (the others are to be done all the same)
                failed += 1
                self.stderr.write(f"{backfill.name}: {step.key} failed: {error!r}")
            if seen % _ITEMS_PER_LINE == 0:
                self.stdout.write(f"{backfill.name}: {seen} seen, {changed} changed …")
        self.stdout.write(f"{backfill.name}: done, {seen} seen, {changed} changed.")
        return failed
