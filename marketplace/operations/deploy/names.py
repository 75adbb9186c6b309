"""How a stage's functions are called, and where their packages are."""

from collections.abc import Callable

from marketplace.settings.env import BASE_DIR

_PROJECT = "lintel"

# For Lambda, and for this machine, where the embedded cloud runs it.
LAMBDA_PACKAGE = BASE_DIR / "build" / "functions.zip"
LOCAL_PACKAGE = BASE_DIR / "build" / "functions-here.zip"

Report = Callable[[str], None]


def web_function(stage: str) -> str:
    """The name of the function that answers HTTP, and of its API."""
    return f"{_PROJECT}-{stage}"


def events_function(stage: str) -> str:
    """The name of the function for streams, queues and jobs."""
    return f"{_PROJECT}-{stage}-events"
