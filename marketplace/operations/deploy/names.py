"""How a stage's functions are called."""

from collections.abc import Callable

_PROJECT = "lintel"

Report = Callable[[str], None]


def web_function(stage: str) -> str:
    """The name of the function that answers HTTP, and of its API."""
    return f"{_PROJECT}-{stage}"


def events_function(stage: str) -> str:
    """The name of the function for streams, queues and jobs."""
    return f"{_PROJECT}-{stage}-events"
