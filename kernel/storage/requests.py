"""One request to DynamoDB, and what is tried again before giving up."""

import random
from time import monotonic, sleep
from typing import Any

from botocore.exceptions import ClientError

from kernel.errors import BusyError
from kernel.storage.patience import current_patience
from kernel.storage.transport import NoAnswerError, shared_transport

# Codes of a refusal that says nothing about the data: the same request may succeed a moment later.
_PASSING_CODES = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
    }
)
_MAX_ATTEMPTS = 6
_RETRY_WINDOW_SECONDS = 3.0


def dispatch(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Send one request; repeat it while DynamoDB says that only the moment was wrong.

    Raises `BusyError` when it stays wrong or no answer comes, and `ClientError` for every other refusal.
    """
    started = monotonic()
    attempt = 0
    while True:
        try:
            return shared_transport().send(operation, kwargs)
        except ClientError as error:
            if not _is_passing(error):
                raise
        except NoAnswerError as error:
            raise BusyError from error
        attempt += 1
        pause_or_give_up(attempt, started)


def pause_or_give_up(attempt: int, started: float, *, max_attempts: int = _MAX_ATTEMPTS) -> None:
    """Wait a random moment before the next try; raise `BusyError` once tries or time (monotonic `started`) run out."""
    pause = random.uniform(0, min(0.02 * 2**attempt, 0.5))  # noqa: S311  (jitter, not a secret)
    patience = current_patience()
    is_too_late = monotonic() + pause - started > _RETRY_WINDOW_SECONDS or pause > patience.left()
    if attempt >= max_attempts or is_too_late:
        raise BusyError
    patience.start()
    sleep(pause)
    patience.stop()


def _is_passing(error: ClientError) -> bool:
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        # Whatever its name: DynamoDB's own trouble, or that of something before it.
        return True
    if error_code(error) != "TransactionCanceledException":
        return error_code(error) in _PASSING_CODES
    codes = {reason["Code"] for reason in error.response.get("CancellationReasons", [])}
    # Also beside a failed condition: while another write holds the idempotency record, a taken slot may be one's own.
    return not codes.isdisjoint(_PASSING_CODES)


def error_code(error: ClientError) -> str:
    """DynamoDB's name for what went wrong."""
    return error.response.get("Error", {}).get("Code", "")
