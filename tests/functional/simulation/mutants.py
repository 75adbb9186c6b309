"""The pipeline without one of its mechanisms, which the tests must notice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock, storage
from kernel.outbox import Outbox
from marketplace.background import jobs, queues, streams
from marketplace.background.pump.batches import process, sequence_number
from notifications.deliveries import ledger
from notifications.domain import DeliveryStatus
from notifications.messages.bookings import BookingMessage
from tests.functional.simulation import world

Mutate = Callable[[pytest.MonkeyPatch], None]


def forget_what_was_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "settle", lambda lease, status, *, now, **_: ledger.give_back(lease, now=now))


def open_deliveries_anew(patch: pytest.MonkeyPatch) -> None:
    opening_write = ledger.opening_write

    def unconditional(*args: Any) -> storage.Write:
        write = opening_write(*args)
        kwargs = {name: value for name, value in write.kwargs.items() if name != "ConditionExpression"}
        return replace(write, kwargs=kwargs)

    patch.setattr(ledger, "opening_write", unconditional)


def settle_before_sending(patch: pytest.MonkeyPatch) -> None:
    def settle(lease: ledger.SendingLease) -> None:
        ledger.settle(lease, DeliveryStatus.SENT, now=clock.now())

    # The last that happens before the email is sent.
    patch.setattr(ledger, "check_time", settle)


def queue_only_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "is_owed", lambda row: False)


def tell_what_is_not_true(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BookingMessage, "is_true", lambda *_: True)


def acknowledge_failures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "_shown_later", lambda failed: {"batchItemFailures": []})


def let_groups_go_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "MAX_RECEIVES", 0)


def ignore_refusals_of_sns(patch: pytest.MonkeyPatch) -> None:
    publish = streams.publish
    patch.setattr(streams, "publish", lambda batch: publish(batch) and None)


def note_the_place_first(patch: pytest.MonkeyPatch) -> None:
    def note_and_process(records: Any, handle: Any, *, done: Any, **options: Any) -> None:
        if records:
            done(sequence_number(records[-1]))
        process(records, handle, done=lambda number: None, **options)

    patch.setattr(world, "process", note_and_process)


def do_not_reconcile(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jobs, "reconcile", lambda now: 0)


def mark_in_any_order(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Outbox, "_is_next", lambda self, version: self.item.version.exists())


def publish_only_the_last_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Outbox, "unhandled_events", lambda self, row: self.events_after(row, row["version"] - 1))


def skip_what_cannot_be_read(patch: pytest.MonkeyPatch) -> None:
    events_of = Outbox.events_of

    def read_leniently(self: Outbox, old_image: Any, new_image: Any) -> Any:
        try:
            return events_of(self, old_image, new_image)
        except KeyError:
            return []

    patch.setattr(Outbox, "events_of", read_leniently)


def give_up_whole_batches(patch: pytest.MonkeyPatch) -> None:
    def process_at_once(records: Any, handle: Any, *, done: Any, give_up: Any, **options: Any) -> None:
        if records and handle(records)["batchItemFailures"]:
            give_up(records[0])
        if records:
            done(sequence_number(records[-1]))

    # By the world, which patches it itself.
    patch.setattr(world, "process", process_at_once)


def let_the_last_receive_stop_the_group(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "MAX_RECEIVES", queues.MAX_RECEIVES + 1)


def keep_leases_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "LEASE", timedelta(days=1000))
