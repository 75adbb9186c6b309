"""`manage.py collect_files`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.operations.deploy.static_files import StaticFilesError, collect


class Command(BaseCommand):
    help = (
        "Collect style sheets, scripts, fonts and icons under names that tell their content, for a server that serves "
        "them itself (marketplace.settings.server); `deploy` needs none of it."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.STATIC_ROOT)
        try:
            names = collect(folder)
        except StaticFilesError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(names)} files in {folder}")
