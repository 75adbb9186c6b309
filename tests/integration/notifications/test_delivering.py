"""One email of the ledger: sent once by whoever has its lease, lost never, twice only in the one known window."""

import contextlib
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from accounts.queries import get_contacts
from bookings.domain import Status
from bookings.services import change_status
from kernel import clock, storage
from kernel.actors import Role
from kernel.clock import now
from kernel.errors import BusyError
from marketplace.background.visibility import LEASE_SECONDS
from notifications import services, tasks
from notifications.deliveries import deliveries_of, ledger
from notifications.deliveries.ledger import (
    LEASE,
    SENDING,
    DeliveryInProgressError,
    LeaseNearlyOverError,
    UnknownDeliveryError,
)
from notifications.domain import Channel, DeliveryStatus
from notifications.emails.composition import compose
from notifications.handlers import notify
from notifications.messages import booking_paid
from notifications.messages import bookings as bookings_messages
from notifications.messages.bookings import BookingMessage
from notifications.models import DeliveryItem
from notifications.services import emails
from tests import mutants
from tests.factories.accounts import make_customer
from tests.factories.bookings import Scene, next_day
from tests.factories.letters import event_of
from tests.factories.notifications import enroll, make_addressed_scene

# What the queue does with a message whose worker died: shows it again after this time.
VISIBILITY = timedelta(seconds=LEASE_SECONDS)


@pytest.fixture
def scene() -> Scene:
    return make_addressed_scene()


_booked: Counter[str] = Counter()


def book(scene: Scene) -> Any:
    """A booking at a time of its own; the provider takes over a thousand of them."""
    number = _booked[scene.provider_id]
    _booked[scene.provider_id] += 1
    return scene.book(next_day(number % 24, days=3 + number // 24))


def owed(scene: Scene) -> str:
    """The email to the customer about a new request."""
    return services.announce(event=event_of(book(scene)), now=now())[0]


def row_of(delivery_id: str) -> storage.Row:
    row = storage.get_row(DeliveryItem, delivery_id)
    assert row is not None
    return row


def deliver(delivery_id: str, after: timedelta = timedelta()) -> None:
    emails.deliver_email(delivery_id=delivery_id, now=now() + after)


def test_it_is_sent_and_settled(scene: Scene) -> None:
    delivery_id = owed(scene)
    deliver(delivery_id)

    assert [message.subject for message in mail.outbox] == ["Request sent: Leak repair with Elm Plumbing"]
    row = row_of(delivery_id)
    assert (row["status"], row["attempts"]) == ("sent", 1)
    assert row["message_id"] == mail.outbox[0].extra_headers["Message-ID"]
    assert "lease_owner" not in row
    # Whatever comes again finds it done.
    deliver(delivery_id)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("role", "reads"), [(Role.CUSTOMER, 3), (Role.PROVIDER, 4)])
def test_it_costs_three_reads_or_the_provider_s_four_between_lease_and_settlement(
    scene: Scene, dynamodb_calls: list[str], role: Role, reads: int
) -> None:
    event = event_of(book(scene))
    services.announce(event=event, now=now())
    told = {(each.recipient.role, each.channel): each.delivery_id for each in deliveries_of(event)}
    dynamodb_calls.clear()
    deliver(told[role, Channel.EMAIL])
    first, *between, last = dynamodb_calls
    assert (first, last) == ("UpdateItem", "UpdateItem")
    assert len(between) == reads
    assert set(between) <= {"GetItem", "BatchGetItem"}


def test_an_unknown_delivery_is_an_error() -> None:
    with pytest.raises(UnknownDeliveryError):
        deliver("nothing#1#nobody#email")


def test_a_failure_is_raised_and_the_next_try_may_start_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery_id = owed(scene)
    with monkeypatch.context() as failing:
        failing.setattr(emails, "send", _raise(ConnectionError("SES is away")))
        with pytest.raises(ConnectionError):
            deliver(delivery_id)
    assert row_of(delivery_id)["status"] == "queued"

    deliver(delivery_id)
    assert len(mail.outbox) == 1
    assert row_of(delivery_id)["attempts"] == 2


def _raise(error: BaseException) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


# --- What keeps an email from being sent -----------------------------------------------------------------------------


def test_the_present_state_is_asked_when_it_is_sent(scene: Scene) -> None:
    booking = book(scene)
    delivery_id, *_ = services.announce(event=event_of(booking), now=now())
    scene.bring(booking, Status.DECLINED)
    deliver(delivery_id)
    assert (row_of(delivery_id)["status"], mail.outbox) == (DeliveryStatus.SUPERSEDED, [])


def test_a_reader_who_is_gone(scene: Scene) -> None:
    booking = scene.book(next_day(1, days=20), customer=make_customer())
    delivery_id, *_ = services.announce(event=event_of(booking), now=now())
    deliver(delivery_id)
    assert (row_of(delivery_id)["status"], mail.outbox) == (DeliveryStatus.UNREACHABLE, [])


def test_language_and_zone_are_the_reader_s(scene: Scene) -> None:
    own = make_addressed_scene(time_zone="Europe/Paris")
    enroll(own.customer, language="fr", time_zone="America/New_York")
    delivery_id, *_ = services.announce(event=event_of(own.book()), now=now())
    deliver(delivery_id)
    (message,) = mail.outbox
    assert message.subject == "Demande envoyée\xa0: Leak repair avec Elm Plumbing"
    assert "heure de New York" in message.body
    assert "heure de Paris" in message.body


def test_the_provider_sees_name_and_place_from_confirming_on(scene: Scene) -> None:
    own = make_addressed_scene()
    booking = own.book(address="221B Baker Street", notes="Ring twice")
    for delivery_id in services.announce(event=event_of(booking), now=now()):
        deliver(delivery_id)
    to_customer, to_provider = mail.outbox
    assert "221B Baker Street" in to_customer.body
    assert "Robin" not in to_provider.body
    assert "221B" not in to_provider.body

    mail.outbox.clear()
    for delivery_id in services.announce(event=event_of(own.bring(booking, Status.CONFIRMED)), now=now()):
        deliver(delivery_id)
    assert all("221B Baker Street" in message.body for message in mail.outbox)
    assert "Customer: Robin Reed" in mail.outbox[1].body


def test_why_the_customer_cancelled_reaches_the_provider_without_the_place() -> None:
    own = make_addressed_scene()
    booking = own.bring(own.book(address="221B Baker Street"), Status.CONFIRMED)
    cancelled, _ = change_status(
        actor=own.customer,
        booking_id=booking.booking_id,
        status=Status.CANCELLED,
        reason="The leak has stopped.",
        expected_version=None,
        now=now(),
    )
    for delivery_id in services.announce(event=event_of(cancelled), now=now()):
        deliver(delivery_id)
    to_customer, to_provider = mail.outbox
    assert "They say: The leak has stopped." in to_provider.body
    assert "221B" not in to_provider.body
    assert "They say" not in to_customer.body


def test_a_receipt_comes_with_the_invoice(scene: Scene) -> None:
    paid = scene.bring(book(scene), Status.CONFIRMED, Status.COMPLETED, Status.PAID)
    (delivery_id,) = services.announce(event=event_of(paid), now=now())
    deliver(delivery_id)
    ((name, content, kind),) = mail.outbox[0].attachments
    assert kind == "application/pdf"
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-")


def test_no_invoice_is_fetched_for_a_receipt_that_may_not_be_sent(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = scene.bring(book(scene), Status.CONFIRMED, Status.COMPLETED, Status.PAID)
    (delivery_id,) = services.announce(event=event_of(paid), now=now())
    contact = get_contacts([scene.customer.user_id])[scene.customer.user_id]
    services.suppress_address(email=contact.email, reason="bounce", now=now())
    monkeypatch.setattr(booking_paid, "get_invoice_file", _raise(AssertionError("fetched")))
    deliver(delivery_id)
    assert row_of(delivery_id)["status"] == "suppressed"


# --- One sender at a time --------------------------------------------------------------------------------------------


def concurrency_violations(scene: Scene, senders: int = 8) -> list[str]:
    """What is wrong after several workers got the same message at the same moment."""
    delivery_id = owed(scene)
    mail.outbox.clear()
    barrier = threading.Barrier(senders)
    refused = []

    def work(_: int) -> None:
        barrier.wait()
        try:
            deliver(delivery_id)
        except DeliveryInProgressError:
            refused.append(1)

    with ThreadPoolExecutor(senders) as pool:
        list(pool.map(work, range(senders)))
    return [] if len(mail.outbox) == 1 else [f"sent {len(mail.outbox)} times"]


def test_of_many_workers_one_sends(scene: Scene) -> None:
    for _ in range(10):
        assert concurrency_violations(scene) == []


def fencing_violations(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is wrong after a sender was so slow that another took its place, and then wakes up."""
    delivery_id = owed(scene)
    mail.outbox.clear()
    slow = ledger.take_lease(delivery_id, now=now())
    assert slow is not None
    other = ledger.take_lease(delivery_id, now=now() + VISIBILITY)
    assert other is not None
    # The slow one fails, and must not let a third in while the other is at it.
    ledger.give_back(slow, now=now())
    found = []
    if row_of(delivery_id)["status"] != DeliveryStatus.SENDING:
        found.append("the delivery was given back by one who had lost it")
    ledger.settle(other, DeliveryStatus.SENT, now=now(), message_id="other")
    ledger.settle(slow, DeliveryStatus.SUPERSEDED, now=now())
    if row_of(delivery_id)["message_id"] != "other" or row_of(delivery_id)["status"] != DeliveryStatus.SENT:
        found.append("the outcome was overwritten")
    return found


def test_who_lost_the_lease_settles_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fencing_violations(scene, monkeypatch) == []


def test_a_lease_runs_out_after_its_time_and_not_before(scene: Scene) -> None:
    delivery_id = owed(scene)
    assert ledger.take_lease(delivery_id, now=now()) is not None
    with pytest.raises(DeliveryInProgressError):
        ledger.take_lease(delivery_id, now=now() + LEASE)
    assert ledger.take_lease(delivery_id, now=now() + LEASE + timedelta(seconds=2)) is not None


def emails_when_slow(scene: Scene, monkeypatch: pytest.MonkeyPatch, slowness: timedelta) -> int:
    """How many arrive when composing takes so long, and another worker gets the message then."""
    delivery_id = owed(scene)
    mail.outbox.clear()
    time_of_now = clock.now

    def compose_slowly(letter: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(emails, "compose", compose)
            with contextlib.suppress(DeliveryInProgressError):
                deliver(delivery_id, after=slowness)
        monkeypatch.setattr(clock, "now", lambda: time_of_now() + slowness)
        return compose(letter)

    with monkeypatch.context() as patch:
        patch.setattr(emails, "compose", compose_slowly)
        with contextlib.suppress(LeaseNearlyOverError):
            deliver(delivery_id)
    monkeypatch.setattr(clock, "now", time_of_now)
    return len(mail.outbox)


def test_who_was_slow_leaves_it_to_the_next(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert emails_when_slow(scene, monkeypatch, LEASE - SENDING - timedelta(seconds=2)) == 1
    assert emails_when_slow(scene, monkeypatch, LEASE + timedelta(seconds=2)) == 1


def test_who_was_nearly_too_slow_gives_the_lease_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert emails_when_slow(scene, monkeypatch, LEASE - SENDING + timedelta(seconds=1)) == 0


def emails_when_busy(scene: Scene, monkeypatch: pytest.MonkeyPatch, refusals: int) -> int:
    """How many arrive when DynamoDB refuses the settlement so often, and the queue then shows the message again."""
    delivery_id = owed(scene)
    mail.outbox.clear()
    write, left = storage.write, iter(range(refusals))

    def refuse(action: storage.Write) -> storage.Row | None:
        if mail.outbox and next(left, None) is not None:
            raise BusyError
        return write(action)

    monkeypatch.setattr(ledger, "_SETTLING_PAUSE_SECONDS", 0)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", refuse)
        with contextlib.suppress(BusyError):
            deliver(delivery_id)
    deliver(delivery_id, after=VISIBILITY)
    return len(mail.outbox)


def test_what_was_sent_is_said_until_dynamodb_listens(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert emails_when_busy(scene, monkeypatch, refusals=20) == 1


@pytest.mark.parametrize("step", ["take_lease", "settle"])
def test_a_lost_answer_of_dynamodb_is_no_second_sender(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The SDK repeats a call whose answer was lost: the condition then fails because of one's own first try."""
    delivery_id = owed(scene)
    write, lost = storage.write, {"take_lease": 0, "settle": 1}[step]
    writes = iter(range(10))

    def write_twice(action: storage.Write) -> storage.Row | None:
        if next(writes) == lost:
            write(action)
        return write(action)

    monkeypatch.setattr(storage, "write", write_twice)
    deliver(delivery_id)
    assert (row_of(delivery_id)["status"], len(mail.outbox)) == (DeliveryStatus.SENT, 1)


# --- Killed at any point ---------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


# What is killed, before or after it ran. SES has the email from "send, after" on.
POINTS: list[tuple[Any, str, str]] = [
    (ledger, "take_lease", "before"),
    (ledger, "take_lease", "after"),
    (BookingMessage, "find_facts", "after"),
    (bookings_messages, "get_contacts", "after"),
    (emails, "compose", "after"),
    (emails, "send", "after"),
    (ledger, "settle", "before"),
    (ledger, "settle", "after"),
]
WINDOW = {("send", "after"), ("settle", "before")}


def killed(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            function(*args, **kwargs)
        raise Killed

    return run


def emails_after_kill(scene: Scene, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, when: str) -> int:
    """How many arrive when the first worker is killed there and the queue then shows the message again."""
    delivery_id = owed(scene)
    mail.outbox.clear()
    with monkeypatch.context() as killing:
        killing.setattr(module, name, killed(getattr(module, name), when))
        with pytest.raises(Killed):
            deliver(delivery_id)
    deliver(delivery_id, after=VISIBILITY)
    assert row_of(delivery_id)["status"] == DeliveryStatus.SENT
    return len(mail.outbox)


@pytest.mark.parametrize(("module", "name", "when"), POINTS, ids=[f"{when}-{name}" for _, name, when in POINTS])
def test_killed_at_any_point(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    when: str,
    is_torture: bool,
    record_property: Callable[[str, object], None],
) -> None:
    """None is lost; two arrive only if the worker died between SES's answer and the settlement."""
    kills = 200 if is_torture else 25
    arrived = Counter(emails_after_kill(scene, monkeypatch, module, name, when) for _ in range(kills))
    record_property("kills by emails that arrived", dict(arrived))
    assert set(arrived) == ({2} if (name, when) in WINDOW else {1})


def test_the_window_is_one_request(
    scene: Scene,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    dynamodb_calls: list[str],
    is_torture: bool,
    record_property: Callable[[str, object], None],
) -> None:
    """Between SES's answer and the note of it, nothing else is waited for."""
    settings.EMAIL_BACKEND = "notifications.emails.mail.SesBackend"
    send, answered_at = emails.send, 0.0  # type: ignore[attr-defined]

    def send_and_look_at_the_clock(message: Any) -> str:
        nonlocal answered_at
        message_id: str = send(message)
        dynamodb_calls.clear()
        answered_at = time.perf_counter()
        return message_id

    monkeypatch.setattr(emails, "send", send_and_look_at_the_clock)
    shares = []
    for _ in range(200 if is_torture else 10):
        delivery_id = owed(scene)
        started_at = time.perf_counter()
        deliver(delivery_id)
        ended_at = time.perf_counter()
        shares.append((ended_at - answered_at) / (ended_at - started_at))
        assert dynamodb_calls == ["UpdateItem"]
    record_property("the window's share of a delivery's time, median", round(statistics.median(shares), 3))


@pytest.mark.parametrize("survives", [0, 1], ids=["before the first is queued", "between the two"])
def test_killed_between_ledger_and_queue(scene: Scene, monkeypatch: pytest.MonkeyPatch, survives: int) -> None:
    """The event comes again, and what was not queued is queued then."""
    queued: list[str] = []

    def enqueue(delivery_id: str) -> None:
        if len(queued) == survives:
            raise Killed
        queued.append(delivery_id)

    event = event_of(book(scene))
    monkeypatch.setattr(tasks.deliver_email, "delay", enqueue)
    with pytest.raises(Killed):
        notify(event, now())
    monkeypatch.setattr(tasks.deliver_email, "delay", queued.append)
    notify(event, now())

    for delivery_id in queued:
        deliver(delivery_id)
    assert len(set(queued)) == len(mail.outbox) == 2


# --- Redriven, out of order, repeated --------------------------------------------------------------------------------

TRUE_IN = {
    "Request sent": {Status.PENDING},
    "New request": {Status.PENDING},
    "Confirmed": {Status.CONFIRMED},
    "Cancelled": {Status.CANCELLED},
    "Elm Plumbing cannot": {Status.DECLINED},
    "Elm Plumbing has finished": {Status.COMPLETED, Status.PAID},
    "Receipt": {Status.PAID},
}
LIVES = [
    (Status.CONFIRMED, Status.COMPLETED, Status.PAID),
    (Status.CONFIRMED, Status.CANCELLED),
    (Status.DECLINED,),
    (Status.CANCELLED,),
]


def contradictions(scene: Scene, seed: int) -> list[str]:
    """Emails that were untrue when they were sent, in one life of a booking with its events at random moments."""
    chance = random.Random(seed)  # noqa: S311
    booking = book(scene)
    events, owed_emails = [event_of(booking)], []
    found: list[str] = []
    life = list(chance.choice(LIVES))
    for _ in range(25):
        step = chance.random()
        if step < 0.2 and life:
            booking, _ = change_status(
                actor=scene.provider,
                booking_id=booking.booking_id,
                status=(status := life.pop(0)),
                expected_version=None,
                # Nobody completes a job before its time.
                now=max(now(), booking.starts_at) if status in (Status.COMPLETED, Status.PAID) else now(),
            )
            events.append(event_of(booking))
        elif step < 0.6:
            owed_emails += services.announce(event=chance.choice(events), now=now())
        elif owed_emails:
            mail.outbox.clear()
            deliver(chance.choice(owed_emails))
            found += [
                f"{message.subject!r} while {booking.status}"
                for message in mail.outbox
                if not any(
                    message.subject.startswith(start) and booking.status in true_in
                    for start, true_in in TRUE_IN.items()
                )
            ]
    return found


def test_no_email_contradicts_the_booking(scene: Scene, is_torture: bool) -> None:
    lives = 400 if is_torture else 40
    assert [found for seed in range(lives) for found in contradictions(scene, seed)] == []


# --- Mutants: each mechanism removed, and what of the above notices ---------------------------------------------------


def test_mutant_lease_without_condition(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.take_the_lease_from_anybody(monkeypatch)
    assert any(concurrency_violations(scene) for _ in range(5))


def test_mutant_settlement_without_fencing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.settle_without_the_lease(monkeypatch)
    assert fencing_violations(scene, monkeypatch)


def test_mutant_lease_that_never_ends(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.keep_leases_for_ever(monkeypatch)
    with pytest.raises(DeliveryInProgressError):
        emails_after_kill(scene, monkeypatch, ledger, "take_lease", "after")


def test_mutant_time_not_checked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.do_not_look_at_the_time_left(monkeypatch)
    assert emails_when_slow(scene, monkeypatch, LEASE + timedelta(seconds=2)) == 2


def test_mutant_settled_without_patience(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.settle_without_patience(monkeypatch)
    assert emails_when_busy(scene, monkeypatch, refusals=20) == 2


def test_mutant_settled_before_it_is_sent(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.settle_before_sending(monkeypatch)
    assert emails_after_kill(scene, monkeypatch, emails, "send", "before") == 0


def test_mutant_present_state_not_asked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.tell_what_is_not_true(monkeypatch)
    assert any(contradictions(scene, seed) for seed in range(10))
