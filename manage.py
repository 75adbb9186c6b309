#!/usr/bin/env python
"""Run a management command; `manage.py help` lists them."""

import os
import sys


def main() -> None:
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
