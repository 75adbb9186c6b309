"""Getting a batch of records through a handler, as Lambda's event source mapping would."""

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

logger = logging.getLogger(__name__)

Record = Mapping[str, Any]
Handler = Callable[[Sequence[Record]], Mapping[str, Any]]

MAX_TRIES = 5


def process(
    records: Sequence[Record],
    handle: Handler,
    *,
    done: Callable[[str], None],
    give_up: Callable[[Record], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Handle the records in order. `done` gets the number of the last record behind which nothing is left to do.

    A batch that raises is halved until the one record that does it is found; a record that fails `MAX_TRIES` times is
    handed to `give_up`, and those after it go on.
    """
    tries: dict[str, int] = {}
    rest = list(records)
    size = len(rest)
    while rest:
        batch = rest[:size]
        try:
            failed = _first_failed(handle(batch), batch)
        except Exception:
            if _can_be_halved(batch):
                size = len(batch) // 2
                continue
            logger.exception("stream record %s failed", sequence_number(batch[0]))
            failed = 0
        if failed is None:
            failed = len(batch)
            size = max(len(rest) - failed, 1)
        if failed:
            done(sequence_number(rest[failed - 1]))
            rest = rest[failed:]
            if not rest or failed == len(batch):
                continue
        number = sequence_number(rest[0])
        tries[number] = tries.get(number, 0) + 1
        if tries[number] < MAX_TRIES:
            sleep(random.uniform(0.5, 1) * min(0.2 * 2 ** tries[number], 5))  # noqa: S311  (jitter, not a secret)
            continue
        give_up(rest[0])
        done(number)
        rest = rest[1:]
        size = max(len(rest), 1)


def _can_be_halved(batch: Sequence[Record]) -> bool:
    # Of several records any may be to blame: the first half alone tells more.
    return len(batch) > 1


def sequence_number(record: Record) -> str:
    """The record's place in its shard."""
    return str(record["dynamodb"]["SequenceNumber"])


def _first_failed(answer: Mapping[str, Any] | None, batch: Sequence[Record]) -> int | None:
    """The position of the first record that the handler names as failed; None if all went well.

    Raises `ValueError` for an answer that names a record not in the batch: Lambda takes that for a failed batch.
    """
    failures = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
    numbers = [sequence_number(record) for record in batch]
    if not failures <= set(numbers):
        raise ValueError("the handler names records that it was not given")
    return min((numbers.index(failure) for failure in failures), default=None)
