"""`manage.py cloud`."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.settings.env import cloud_port, data_dir


class Command(BaseCommand):
    help = "Serve the embedded cloud on CLOUD_PORT with its data in DATA_DIR, until it is stopped."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"embedded cloud on port {cloud_port()}, data in {data_dir()}; Ctrl-C stops it")
        self.stdout.flush()
        # The server is a process of its own, without Django in it.
        module = ("-m", "marketplace.laptop.embedded_cloud", "--port", str(cloud_port()), "--data-dir", str(data_dir()))
        os.execv(sys.executable, (sys.executable, *module))  # noqa: S606
