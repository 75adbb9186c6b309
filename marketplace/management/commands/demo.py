"""`manage.py demo`."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kernel import clock
from kernel.errors import BusyError
from marketplace.laptop.demo.loading import load
from marketplace.operations.provisioning import PRODUCTION


class Command(BaseCommand):
    help = (
        "Fill a laptop's marketplace with demo data: 200 providers in ten cities, 600 services, 2,000 bookings and "
        "800 reviews around today, and the accounts customer@example.com, provider@example.com and admin@example.com. "
        "Continues where an earlier call was interrupted; does nothing once all is there. Not for production."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.STAGE == PRODUCTION or getattr(settings, "DEMO_PASSWORD", None) is None:
            raise CommandError("Demo data are for a laptop and for tests, not for production.")
        started = time.monotonic()
        try:
            is_new = load(now=clock.now(), report=self._report)
        except BusyError:
            raise CommandError(
                f"The cloud at {settings.AWS_ENDPOINT_URL} does not answer. Is `make run` or `manage.py cloud` running?"
            ) from None
        self._report(f"loaded in {time.monotonic() - started:.1f} s" if is_new else "loaded already")

    def _report(self, line: str) -> None:
        self.stdout.write(f"demo data: {line}")
        self.stdout.flush()
