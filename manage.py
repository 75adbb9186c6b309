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
    except Exception as error:
        if _is_aws(error) and sys.argv[1] in OPERATORS and "--traceback" not in sys.argv:
            # No credentials, a right that they lack, no network: the operator's to mend, not the program's.
            sys.exit(
                f"AWS did not do it: {error}\nOnce that is mended, repeat the command; --traceback says where it was."
            )
        raise


def _is_aws(error: Exception) -> bool:
    """Whether AWS refused what was asked for, or could not be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    return isinstance(error, BotoCoreError | ClientError)


if __name__ == "__main__":
    main()
