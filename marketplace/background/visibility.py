"""Keeping SQS messages hidden for as long as they are worked on, and hardly longer.

A queue's own visibility timeout must outlast the slowest function, so a message whose consumer was killed, or that was
received by an answer that was lost, would stay hidden for minutes. Consumers of ours receive under a short lease
instead, and a thread of theirs extends it while they work.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from kernel.aws import client
from kernel.values import dataclass

logger = logging.getLogger(__name__)

# The visibility timeout to receive with: what a killed consumer had is shown again after it.
LEASE_SECONDS = 30
# Extended early enough that a call or two may fail.
_EXTENDED_AFTER_SECONDS = 10
# Whoever has a message for longer hangs; another shall have it.
LONGEST_WORK_SECONDS = 150
_TICK_SECONDS = 1.0
_BATCH_SIZE = 10


@dataclass(slots=True)
class _Hold:
    """Since when a message of a queue is worked on, and when its lease was last extended, both monotonic."""

    queue_url: str
    since: float
    extended_at: float


class HeldMessages:
    """The messages that this process is working on: their leases are extended until they are let go.

    A message is named by its receipt handle. A lease that cannot be extended is logged and runs out: the message is
    then worked on twice, as any message may be.
    """

    def __init__(self) -> None:
        self._holds: dict[str, _Hold] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hold(self, queue_url: str, receipts: Iterable[str]) -> None:
        """Extend the leases of these messages from now on; they were just received."""
        now = time.monotonic()
        with self._lock:
            self._holds |= {receipt: _Hold(queue_url, now, now) for receipt in receipts}
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="message-leases", daemon=True)
                self._thread.start()

    def let_go(self, receipts: Iterable[str]) -> None:
        """Extend them no more: they are about to be deleted, or shown again after a pause."""
        with self._lock:
            for receipt in receipts:
                self._holds.pop(receipt, None)

    def extend_due(self, now: float) -> None:
        """Extend the leases that need it at this monotonic instant."""
        due: dict[str, list[str]] = defaultdict(list)
        with self._lock:
            for receipt, hold in list(self._holds.items()):
                if now - hold.since > LONGEST_WORK_SECONDS:
                    del self._holds[receipt]
                    logger.error("a message of %s is worked on for too long, and will be shown again", hold.queue_url)
                elif now - hold.extended_at > _EXTENDED_AFTER_SECONDS:
                    due[hold.queue_url].append(receipt)
        for queue_url, receipts in due.items():
            for start in range(0, len(receipts), _BATCH_SIZE):
                self._extend(queue_url, receipts[start : start + _BATCH_SIZE], now)

    def _extend(self, queue_url: str, receipts: Sequence[str], now: float) -> None:
        with self._lock:
            # The call before this one may have taken its time.
            receipts = [receipt for receipt in receipts if receipt in self._holds]
        if not receipts:
            return
        entries = [
            {"Id": str(position), "ReceiptHandle": receipt, "VisibilityTimeout": LEASE_SECONDS}
            for position, receipt in enumerate(receipts)
        ]
        try:
            # Asked once: the next tick asks again, and a call that hangs must not outlast the other leases.
            answer = client("sqs", attempts=1).change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)
        except (BotoCoreError, ClientError):
            logger.warning("leases of %s cannot be extended now", queue_url, exc_info=True)
            return
        failures = {receipts[int(failure["Id"])]: failure for failure in answer.get("Failed", [])}
        # Deleted meanwhile, or received by another.
        self.let_go(receipt for receipt, failure in failures.items() if failure["SenderFault"])
        with self._lock:
            for receipt in set(receipts) - set(failures):
                if receipt in self._holds:
                    self._holds[receipt].extended_at = now

    def _run(self) -> None:
        while True:
            time.sleep(_TICK_SECONDS)
            try:
                self.extend_due(time.monotonic())
            except Exception:
                # The thread outlives everything, as long as the process does.
                logger.exception("leases of messages cannot be extended now")


held_messages = HeldMessages()
