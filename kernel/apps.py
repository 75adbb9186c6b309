"""The kernel as an application of Django's: what it registers at the start."""

from django.apps import AppConfig
from django.core.checks import register
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries


class KernelConfig(AppConfig):
    name = "kernel"

    def ready(self) -> None:
        # Django's settings are needed to import it.
        from kernel.storage.checks import check_way_to_dynamodb

        register(check_way_to_dynamodb)
        # There is no SQL database, and looking for one twice takes 3 % of a request.
        request_started.disconnect(reset_queries)
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
