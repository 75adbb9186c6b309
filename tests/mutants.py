"""The product without one of its mechanisms: each of these takes away a condition or a call, and a test must notice.

A mutant is installed with pytest's `monkeypatch`. Tests named `test_mutant…` install them, and patch nothing by hand.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from storages.backends.s3 import S3Storage

from accounts.queries import get_contacts
from bookings.domain import Booking
from bookings.events import BookingRequested
from bookings.models import BookingItem, InvoiceNumbersItem
from bookings.queries import Payable
from bookings.records import BOOKINGS
from bookings.services import invoices, transitions
from bookings.stream import events_after
from catalog.services import cities
from kernel import clock, leases, storage
from kernel.documents import DocumentStorage
from kernel.events import Event, MalformedEventError
from kernel.outbox import Outbox
from kernel.values import dataclass
from marketplace.background import jobs, queues, streams
from marketplace.background.pump import batches
from marketplace.entrypoints import dispatcher
from notifications import reminders
from notifications.deliveries import ledger
from notifications.domain import DeliveryStatus
from notifications.messages import MESSAGE_TYPES
from notifications.messages.bookings import BookingMessage
from notifications.notes import writes as note_writes
from notifications.queries import get_bells
from notifications.services import announcements, emails

Mutate = Callable[[pytest.MonkeyPatch], None]


def drop_conditions(patch: pytest.MonkeyPatch, module: ModuleType, function: str) -> None:
    """Let the module's writes of that kind (`put`, `update`) lose their conditions."""
    original = getattr(storage, function)
    without = {function: lambda *args, condition=None, **kwargs: original(*args, **kwargs)}
    patch.setattr(module, "storage", SimpleNamespace(**(vars(storage) | without)))


# --- From a change to its events ------------------------------------------------------------------------------------


def ignore_refusals_of_sns(patch: pytest.MonkeyPatch) -> None:
    publish = streams.publish
    patch.setattr(streams, "publish", lambda batch: publish(batch) and None)


def note_the_place_first(patch: pytest.MonkeyPatch) -> None:
    """The pump's place in the stream is noted before its records are handled."""
    from tests.functional.simulation import world

    def process(records: Any, handle: Any, *, done: Any, **options: Any) -> None:
        def handle_noted(batch: Any) -> Any:
            done(batches.sequence_number(batch[-1]))
            return handle(batch)

        batches.process(records, handle_noted, done=done, **options)

    patch.setattr(world, "process", process)


def do_not_halve_batches(patch: pytest.MonkeyPatch) -> None:
    """Where a batch raises, it is not looked for the record to blame."""
    patch.setattr(batches, "_can_be_halved", lambda batch: False)


def blame_the_first_record(patch: pytest.MonkeyPatch) -> None:
    """Where the handler names a record that failed, the first of the batch is taken for it."""
    first_failed = batches._first_failed
    patch.setattr(batches, "_first_failed", lambda answer, batch: first_failed(answer, batch) and 0)


def skip_what_cannot_be_read(patch: pytest.MonkeyPatch) -> None:
    events_of = Outbox.events_of

    def read_leniently(self: Outbox, old_image: Any, new_image: Any) -> Any:
        try:
            return events_of(self, old_image, new_image)
        except KeyError:
            return []

    patch.setattr(Outbox, "events_of", read_leniently)


def tell_the_new_from_the_record_before(patch: pytest.MonkeyPatch) -> None:
    """What a record says is new is not read off its own two images."""
    last_seen = [0]

    def events_of(self: Outbox, old_image: Any, new_image: Any) -> Any:
        now = BOOKINGS.read(BookingItem.read_row(new_image))
        found = events_after(now, last_seen[0] if old_image else 0)
        last_seen[0] = now.version
        return found

    patch.setattr(Outbox, "events_of", events_of)


def do_not_reconcile(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jobs, "reconcile", lambda now: 0)


def publish_only_the_last_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Outbox, "unhandled_events", lambda self, row: self.events_after(row, row["version"] - 1))


def mark_in_any_order(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Outbox, "_is_next", lambda self, version: self.item.version.exists())


# --- From the queues to the handlers --------------------------------------------------------------------------------


def know_sources_by_a_part_of_their_name(patch: pytest.MonkeyPatch) -> None:
    for table in (dispatcher.STREAMS, dispatcher.QUEUES):
        for name in table:
            patch.setitem(table, name, lambda records: {"batchItemFailures": []})
    names = (*dispatcher.STREAMS, *dispatcher.QUEUES)
    patch.setattr(dispatcher, "_source_name", lambda service, arn: next((name for name in names if name in arn), ""))


def acknowledge_the_unknown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dispatcher, "_records_handler", lambda records: lambda records: {"batchItemFailures": []})


def acknowledge_failures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "_shown_later", lambda failed: {"batchItemFailures": []})


def let_groups_go_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "MAX_RECEIVES", 0)


def let_the_last_receive_stop_the_group(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queues, "MAX_RECEIVES", queues.MAX_RECEIVES + 1)


def refuse_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    """An event with more in it than this release knows is none."""
    from_data = Event.from_data.__func__  # type: ignore[attr-defined]

    def strictly(cls: type[Event], wire: dict[str, Any]) -> Event:
        event: Event = from_data(cls, wire)
        if wire.keys() != event.to_wire().keys() or wire["data"].keys() != event.to_wire()["data"].keys():
            raise MalformedEventError(cls.type)
        return event

    patch.setattr(Event, "from_data", classmethod(strictly))


def demand_a_new_field(patch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Demanding(BookingRequested):
        party_size: int

    patch.setitem(MESSAGE_TYPES, Demanding.type, Demanding)


def leave_out_a_field(patch: pytest.MonkeyPatch) -> None:
    to_wire = Event.to_wire

    def without_zone(self: Event) -> dict[str, Any]:
        wire = to_wire(self)
        return {**wire, "data": {name: value for name, value in wire["data"].items() if name != "time_zone"}}

    patch.setattr(Event, "to_wire", without_zone)


# --- Notes and the ledger of deliveries -----------------------------------------------------------------------------


def number_notes_without_condition(patch: pytest.MonkeyPatch) -> None:
    """Notes take the number that was read, whoever took it meanwhile; eight at the same moment read the same."""
    drop_conditions(patch, note_writes, "update")
    barrier = threading.Barrier(8)

    def read_at_the_same_moment(recipient_ids: list[str]) -> Any:
        bells = get_bells(recipient_ids)
        barrier.wait()
        return bells

    patch.setattr(announcements, "get_bells", read_at_the_same_moment)


def open_deliveries_anew(patch: pytest.MonkeyPatch) -> None:
    drop_conditions(patch, ledger, "put")


def queue_only_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "is_owed", lambda row: False)


def tell_what_is_not_true(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BookingMessage, "is_true", lambda *_: True)


def take_the_lease_from_anybody(patch: pytest.MonkeyPatch) -> None:
    drop_conditions(patch, ledger, "update")


def settle_without_the_lease(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "leases", SimpleNamespace(**(vars(leases) | {"is_held": lambda *_: None})))


def keep_leases_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "LEASE", timedelta(days=1000))


def do_not_look_at_the_time_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "check_time", lambda lease: None)


def settle_before_sending(patch: pytest.MonkeyPatch) -> None:
    def settle(lease: ledger.SendingLease) -> None:
        ledger.settle(lease, DeliveryStatus.SENT, now=clock.now())

    # The last that happens before the email is sent.
    patch.setattr(ledger, "check_time", settle)


def forget_what_was_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "settle", lambda lease, status, *, now, **_: ledger.give_back(lease, now=now))


def settle_without_patience(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger, "_SETTLING_SECONDS", -1)


def send_whoever_objects(patch: pytest.MonkeyPatch) -> None:
    """Neither suppressed addresses nor kinds that people switched off are asked for."""
    patch.setattr(emails, "get_objections", lambda *, recipient_id, email: (set(), False))


def remind_without_asking_the_ledger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reminders, "_untold", iter)


def catch_up_with_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reminders, "REVIEW_REMINDER_CATCH_UP", timedelta(hours=24))


# --- What follows from providers and reviews ------------------------------------------------------------------------


def count_a_city_with_every_event(patch: pytest.MonkeyPatch) -> None:
    """Where a provider is counted is not kept with it."""
    transact = storage.transact
    without = {"transact": lambda writes: transact(writes[1:])}
    patch.setattr(cities, "storage", SimpleNamespace(**(vars(storage) | without)))


# --- Personal data --------------------------------------------------------------------------------------------------


def put_names_into_events(patch: pytest.MonkeyPatch) -> None:
    to_wire = Event.to_wire

    def with_name(self: Any) -> dict[str, Any]:
        wire = to_wire(self)
        contact = get_contacts([self.customer_id]).get(self.customer_id)
        return {**wire, "data": {**wire["data"], "customer_name": contact.name if contact else ""}}

    patch.setattr(Event, "to_wire", with_name)


def log_addresses(patch: pytest.MonkeyPatch) -> None:
    send = emails.send  # type: ignore[attr-defined]

    def send_and_log(message: Any) -> str:
        logging.getLogger("notifications").debug("to %s", message.to)
        return str(send(message))

    patch.setattr(emails, "send", send_and_log)


# --- Invoices -------------------------------------------------------------------------------------------------------


def take_the_number_apart_from_the_payment(patch: pytest.MonkeyPatch) -> None:
    """The number is counted by a write of its own; eight payments at the same moment each count."""
    barrier, issuing_writes = threading.Barrier(8), invoices.issuing_writes

    def apart(paid: Booking, payable: Payable, now: datetime) -> list[storage.Write]:
        barrier.wait(timeout=10)
        invoice, number = issuing_writes(paid, payable, now)
        actions = [InvoiceNumbersItem.last_number.add(1)]
        storage.write(storage.update(number.name, InvoiceNumbersItem, paid.provider_id, actions=actions))
        return [invoice]

    patch.setattr(transitions, "issuing_writes", apart)


def give_numbers_without_condition(patch: pytest.MonkeyPatch) -> None:
    drop_conditions(patch, invoices, "update")


def write_documents_again(patch: pytest.MonkeyPatch) -> None:
    """S3 is not asked to refuse a name that is taken; four upload at the same moment."""
    barrier = threading.Barrier(4)

    def unconditional(storage: DocumentStorage, *args: Any) -> Any:
        barrier.wait(timeout=10)
        return S3Storage._get_write_parameters(storage, *args)

    patch.setattr(DocumentStorage, "_get_write_parameters", unconditional)
