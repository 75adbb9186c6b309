"""The kernel as an application of Django's: what it registers at the start."""

from django.apps import AppConfig
from django.core.checks import register


class KernelConfig(AppConfig):
    name = "kernel"

    def ready(self) -> None:
        # Django's settings are needed to import it.
        from kernel.storage.checks import check_way_to_dynamodb

        register(check_way_to_dynamodb)
