#!/usr/bin/env python
"""Run a management command; `manage.py help` lists them."""

import os
import sys

# Their first argument is the stage that they are about, which settings are of.
OPERATORS = ("deploy", "destroy", "integrators", "package", "restore", "rollback", "rotate_key", "status", "undeploy")


def main() -> None:
    if len(sys.argv) > 2 and sys.argv[1] in OPERATORS and not sys.argv[2].startswith("-"):
        os.environ["STAGE"] = sys.argv[2]
        # Without a laptop's cloud, and without what only a deployed function knows.
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.base")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.local")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A setting that is missing or wrong: the message names it, and a traceback says no more.
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
