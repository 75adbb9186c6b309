"""What Lambda calls for everything but HTTP: streams, queues and the clock."""

from typing import Any

import django

django.setup()

from kernel.logs import at_work_on  # noqa: E402
from marketplace.entrypoints import dispatcher  # noqa: E402


def handle(event: Any, context: Any = None) -> Any:
    """Process one Lambda event, as `dispatcher.handle` does; each line of the log says of which request it is."""
    with at_work_on(request=str(getattr(context, "aws_request_id", ""))):
        return dispatcher.handle(event, context)
