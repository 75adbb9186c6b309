"""`manage.py rewrite_search_keys`: stored keys of search by today's rule."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.services import rewrite_search_keys

_PROVIDERS_PER_LINE = 100


class Command(BaseCommand):
    """Run it once after an upgrade whose change log asks for it; it may be broken off and repeated."""

    help = "Make the keys under which search finds providers and services anew, by the rule of this version."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        seen = changed = 0
        for is_changed in rewrite_search_keys():
            seen += 1
            changed += is_changed
            if seen % _PROVIDERS_PER_LINE == 0:
                self.stdout.write(f"{seen} providers, {changed} of them with new keys …")
        self.stdout.write(f"Done: {seen} providers, {changed} of them with new keys.")
