"""The project as an application of Django's: what it registers at the start."""

from django.apps import AppConfig
from django.core.checks import register


class MarketplaceConfig(AppConfig):
    name = "marketplace"

    def ready(self) -> None:
        # Django's settings are needed to import it.
        from marketplace.kernel.storage.checks import check_way_to_dynamodb

        register(check_way_to_dynamodb)
