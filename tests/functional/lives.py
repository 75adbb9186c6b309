"""Bookings that live whole lives, the emails about them as they arrive, and what is wrong with these in the end."""

import itertools
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path

from django.conf import settings

from accounts.queries import get_contacts
from bookings.domain import Booking, Status
from bookings.models import BookingItem
from bookings.services import change_status, reschedule_booking
from bookings.stream import events_after
from kernel import clock, storage
from kernel.actors import Role
from notifications.deliveries import deliveries_of
from notifications.deliveries.ledger import LEASE
from notifications.domain import Channel, Delivery, DeliveryStatus
from notifications.models import DeliveryItem
from tests.factories.bookings import Scene, next_day
from tests.factories.letters import is_still_true
from tests.factories.notifications import make_addressed_scene

# Some are as frequent as others are rare.
_LIVES = (
    *[("confirm", "complete", "pay")] * 4,
    *[("confirm", "move", "complete", "pay")] * 2,
    ("move", "confirm", "move", "move", "complete", "pay"),
    ("confirm", "move", "cancel"),
    ("confirm", "cancel"),
    ("cancel",),
    ("decline",),
)
_STATUSES = {
    "confirm": Status.CONFIRMED,
    "decline": Status.DECLINED,
    "cancel": Status.CANCELLED,
    "complete": Status.COMPLETED,
    "pay": Status.PAID,
}
# How their subjects begin, in English, of which SES keeps more than of their ids.
_TYPES = {
    "Request sent": "booking.requested",
    "New request": "booking.requested",
    "Confirmed": "booking.confirmed",
    "Another time": "booking.rescheduled",
    "Moved": "booking.rescheduled",
    "Cancelled": "booking.cancelled",
    "Elm Plumbing cannot": "booking.declined",
    "Elm Plumbing has finished": "booking.completed",
    "Receipt": "booking.paid",
}
_BOOKINGS_PER_SCENE = 20
_GOING_ON_AT_ONCE = 60
# A sender that read the booking has so long until SES has taken the email or was given up.
_READ_TO_SENT = LEASE
_NANOSECONDS = 1_000_000_000


class Life:
    """One booking, from its request to its end; each change is noted with the time at which it was there."""

    def __init__(
        self, scene: Scene, addresses: Mapping[Role, str], path: Sequence[str], times: Iterator[datetime]
    ) -> None:
        self.history: list[tuple[int, Booking]] = []
        self.addresses = addresses
        self._scene, self._path, self._times = scene, list(path), times

    @property
    def booking(self) -> Booking:
        """As it is now."""
        return self.history[-1][1]

    def go_on(self) -> bool:
        """Take the next step; whether there is another one."""
        booking = self._change(self._path.pop(0)) if self.history else self._scene.book(next(self._times))
        self.history.append((time.time_ns(), booking))
        return bool(self._path)

    def _change(self, step: str) -> Booking:
        booking_id, now = self.booking.booking_id, clock.now()
        if step == "move":
            return reschedule_booking(
                actor=self._scene.customer,
                booking_id=booking_id,
                starts_at=next(self._times),
                expected_version=None,
                now=now,
            )[0]
        return change_status(
            actor=self._scene.customer if step == "cancel" else self._scene.provider,
            booking_id=booking_id,
            status=_STATUSES[step],
            expected_version=None,
            # Nobody completes a job before its time.
            now=max(now, self.booking.starts_at) if step in ("complete", "pay") else now,
        )[0]

    def deliveries(self) -> list[Delivery]:
        """All that its parties should have been told, unless it was no longer true."""
        return [delivery for event in events_after(self.booking, 0) for delivery in deliveries_of(event)]

    def seconds_untrue(self, delivery: Delivery, at: int) -> float:
        """For how long the delivery's message had been untrue at that time; negative while it is true."""
        for changed_at, booking in self.history:
            if booking.version > delivery.event.version and not is_still_true(delivery.event, booking, clock.now()):
                return (at - changed_at) / _NANOSECONDS
        return -1.0


class Lives:
    """Many lives, some of them going on at once."""

    def __init__(self, count: int, *, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311
        self.lives: list[Life] = []
        for start in range(0, count, _BOOKINGS_PER_SCENE):
            scene = make_addressed_scene()
            contacts = get_contacts([scene.customer.user_id, scene.provider.user_id])
            addresses = {actor.role: contacts[actor.user_id].email for actor in (scene.customer, scene.provider)}
            times = (next_day(number % 24, days=3 + number // 24) for number in itertools.count())
            for _ in range(min(_BOOKINGS_PER_SCENE, count - start)):
                self.lives.append(Life(scene, addresses, self._chance.choice(_LIVES), times))
        self._chance.shuffle(self.lives)
        self._to_come = list(self.lives)
        self._going_on: list[Life] = []

    def go_on(self) -> bool:
        """One step of one of them; whether there is another one."""
        while self._to_come and len(self._going_on) < _GOING_ON_AT_ONCE:
            self._going_on.append(self._to_come.pop())
        life = self._chance.choice(self._going_on)
        if not life.go_on():
            self._going_on.remove(life)
        return bool(self._going_on or self._to_come)


# Which booking, which address, which type of event.
Kind = tuple[str, str, str]


class Inbox:
    """When which emails arrived, in nanoseconds since 1970. The embedded cloud keeps the last thousand: look often."""

    def __init__(self) -> None:
        assert settings.INBOX_DIR is not None
        self._directory: Path = settings.INBOX_DIR
        self._seen = set(self._directory.glob("*.eml"))
        self.arrivals: dict[Kind, list[int]] = defaultdict(list)

    def look(self) -> None:
        """Note what has come since the last look."""
        for path in set(self._directory.glob("*.eml")) - self._seen:
            self._seen.add(path)
            headers = BytesHeaderParser(policy=policy.default).parsebytes(path.read_bytes())
            booking_id = headers["References"].strip("<>").partition("@")[0].removeprefix("booking-")
            (type_,) = {type_ for start, type_ in _TYPES.items() if headers["Subject"].startswith(start)}
            self.arrivals[booking_id, headers["To"], type_].append(int(path.stem))


class Outcome:
    """What has become of these lives' deliveries so far."""

    def __init__(self, lives: list[Life]) -> None:
        self.statuses: dict[str, DeliveryStatus] = {}
        self._deliveries = [(life, delivery) for life in lives for delivery in life.deliveries()]
        self._open = [delivery.delivery_id for _, delivery in self._deliveries]
        self._unhandled = [life.booking.booking_id for life in lives]
        self._emails: dict[Kind, list[tuple[Life, Delivery]]] = defaultdict(list)
        for life, delivery in self._deliveries:
            if delivery.channel is Channel.EMAIL:
                kind = (delivery.event.booking_id, life.addresses[delivery.recipient.role], delivery.event.type)
                self._emails[kind].append((life, delivery))

    def open(self) -> list[str]:
        """What is still to be told or handled, as it is stored now."""
        self._open = [name for name in self._open if not self._is_settled(name)] if self._read_open() else []
        found = _rows(BookingItem, self._unhandled)
        self._unhandled = [name for name in self._unhandled if "outbox_key" in found[name]]
        return self._open + self._unhandled

    def _read_open(self) -> bool:
        self.statuses |= {name: DeliveryStatus(row["status"]) for name, row in _rows(DeliveryItem, self._open).items()}
        return bool(self._open)

    def _is_settled(self, name: str) -> bool:
        return name in self.statuses and self.statuses[name].is_final

    def untold(self) -> list[str]:
        """Deliveries of last changes that were not made: nothing has contradicted them."""
        return [
            delivery.delivery_id
            for life, delivery in self._deliveries
            if delivery.event.version == life.booking.version
            and self.statuses[delivery.delivery_id] is not DeliveryStatus.SENT
        ]

    def missing(self, inbox: Inbox) -> list[Kind]:
        """Emails that were sent, as the ledger says, and did not arrive."""
        return [kind for kind in self._emails if len(inbox.arrivals[kind]) < self._sent(kind)]

    def surplus(self, inbox: Inbox) -> int:
        """How many emails arrived of which the ledger does not say that they were sent."""
        return sum(len(inbox.arrivals[kind]) - self._sent(kind) for kind in self._emails)

    def contradictions(self, inbox: Inbox) -> list[str]:
        """Emails that arrived so long after they had become untrue that it must have been known."""
        return [
            f"{kind} {late:.1f} s late"
            for kind, emails in self._emails.items()
            for arrived_at in inbox.arrivals[kind]
            if (late := min(life.seconds_untrue(delivery, arrived_at) for life, delivery in emails))
            > _READ_TO_SENT.total_seconds()
        ]

    def _sent(self, kind: Kind) -> int:
        statuses = [self.statuses[delivery.delivery_id] for _, delivery in self._emails[kind]]
        return statuses.count(DeliveryStatus.SENT)


def _rows(table: type[storage.Item], names: list[str]) -> dict[str, storage.Row]:
    """The rows that are there, by their keys."""
    found: dict[str, storage.Row] = {}
    for start in range(0, len(names), storage.MAX_BATCH_KEYS):
        part = names[start : start + storage.MAX_BATCH_KEYS]
        rows = storage.get_rows([(table, name) for name in part])
        found |= {name: row for name, row in zip(part, rows, strict=True) if row is not None}
    return found
