"""The apps of the site, and what each has: a module of a known name is found without being listed anywhere.

`settings.APPS` is the one list. An app takes part in something by having the module for it: `api_urls`, `backfills`,
`departures`, `events`, `handlers`, `models`, `orders`, `personal_data`, `stream`, `tasks`.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.conf import settings


@cache
def module_names(name: str) -> tuple[str, ...]:
    """The dotted names of the modules called `name`, in the order of the apps."""
    return tuple(path for app in settings.APPS if find_spec(path := f"{app}.{name}"))


def app_modules(name: str) -> list[ModuleType]:
    """The modules called `name`, in the order of the apps."""
    return [import_module(path) for path in module_names(name)]
