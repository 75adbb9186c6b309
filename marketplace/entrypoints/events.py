"""What Lambda calls for everything but HTTP: streams, queues and the clock."""

import django

django.setup()

from marketplace.entrypoints.dispatcher import handle  # noqa: E402

__all__ = ["handle"]
