"""Records of the stream become events at SNS: in order, each at least once, and none behind one that failed."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from bookings.domain import Action, Booking
from bookings.events import EVENT_TYPES, BookingEvent
from bookings.records import booking_item
from bookings.stream import OUTBOX, events_after
from kernel.events import read_event
from marketplace.background import streams
from marketplace.background.streams import publish_changes
from tests import mutants
from tests.factories.events import failed_ids, image_of, stream_record
from tests.factories.letters import NOW, make_booking


class Topic:
    """SNS, refusing the events that it is told to."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.messages: dict[str, set[str]] = {}
        self.batches: list[list[str]] = []
        self.refused: set[str] = set()
        self.is_down = False

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self.is_down:
            raise ClientError({"Error": {"Code": "Throttling"}}, "PublishBatch")
        failed = []
        self.batches.append([])
        for entry in PublishBatchRequestEntries:
            event = read_event(orjson.loads(entry["Message"]), EVENT_TYPES)
            assert entry["MessageGroupId"] == event.subject_id
            assert entry["MessageDeduplicationId"] == event.event_id
            assert entry["MessageAttributes"]["type"]["StringValue"] == event.type
            if event.event_id in self.refused:
                failed.append({"Id": entry["Id"], "Code": "InternalError"})
            else:
                self.published.append(event.event_id)
                self.messages.setdefault(event.event_id, set()).add(entry["Message"])
                self.batches[-1].append(event.subject_id)
        assert len(PublishBatchRequestEntries) <= 10
        return {"Failed": failed}


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    topic = Topic()
    monkeypatch.setattr(streams, "client", lambda service: topic)
    return topic


def booking(number: int, *actions: Action) -> Booking:
    return make_booking(*actions, booking_id=f"booking-{number}")


def test_each_change_is_announced_once_in_the_order_of_the_stream(topic: Topic) -> None:
    records = [stream_record(number, booking(number)) for number in range(25)]
    assert failed_ids(publish_changes(OUTBOX, records)) == []
    assert topic.published == [f"booking-{number}#1" for number in range(25)]
    assert [len(batch) for batch in topic.batches] == [10, 10, 5]


def test_two_events_of_one_booking_never_share_a_call(topic: Topic) -> None:
    first, second = booking(1), booking(1, Action.CONFIRM)
    publish_changes(OUTBOX, [stream_record(1, first), stream_record(2, second, first)])
    assert topic.batches == [["booking-1"], ["booking-1"]]


def test_a_change_without_a_new_version_is_no_event(topic: Topic) -> None:
    handled = image_of(booking(1), handled_version=1)
    publish_changes(OUTBOX, [stream_record(1, handled, booking(1)), stream_record(2, None, booking(1))])
    assert topic.published == []


def test_versions_whose_own_record_never_came_are_announced_too(topic: Topic) -> None:
    paid = booking(1, Action.CONFIRM, Action.COMPLETE, Action.PAY)
    publish_changes(OUTBOX, [stream_record(1, paid, booking(1, Action.CONFIRM))])
    assert topic.published == ["booking-1#3", "booking-1#4"]


@pytest.mark.parametrize("position", [0, 4, 9, 10, 14])
def test_the_first_record_that_sns_refuses_is_named(topic: Topic, position: int) -> None:
    topic.refused = {f"booking-{position}#1", "booking-14#1"}
    records = [stream_record(number, booking(number)) for number in range(15)]
    assert failed_ids(publish_changes(OUTBOX, records)) == [str(position)]
    # The rest of that call may be out, no later call is.
    assert set(topic.published) <= {f"booking-{number}#1" for number in range(position // 10 * 10 + 10)}


def test_when_sns_takes_nothing_the_first_record_of_the_call_is_named(topic: Topic) -> None:
    topic.is_down = True
    records = [stream_record(number, booking(number)) for number in range(3)]
    assert failed_ids(publish_changes(OUTBOX, records)) == ["0"]


def test_what_comes_before_an_unreadable_record_goes_out_and_nothing_behind_it(topic: Topic) -> None:
    unreadable = {"bookingId": {"S": "booking-1"}}
    records = [stream_record(0, booking(0)), stream_record(1, unreadable), stream_record(2, booking(2))]
    assert failed_ids(publish_changes(OUTBOX, records)) == ["1"]
    assert topic.published == ["booking-0#1"]


def test_a_refusal_comes_before_an_unreadable_record(topic: Topic) -> None:
    topic.refused = {"booking-0#1"}
    records = [stream_record(0, booking(0)), stream_record(1, {"bookingId": {"S": "booking-1"}})]
    assert failed_ids(publish_changes(OUTBOX, records)) == ["0"]


def test_each_action_has_its_event_and_the_time_of_the_change() -> None:
    moved = replace(make_booking(Action.CONFIRM, Action.RESCHEDULE), time_zone="Europe/Paris")
    first, second, third = events_after(moved, 0)
    assert [event.type for event in (first, second, third)] == [
        "booking.requested",
        "booking.confirmed",
        "booking.rescheduled",
    ]
    assert {event.occurred_at for event in (first, second, third)} == {NOW}
    assert (first.actor_role, second.actor_role) == ("customer", "provider")


def test_attributes_that_a_newer_release_adds_do_no_harm() -> None:
    image = {**image_of(booking(1)), "addedLater": {"M": {"any": {"S": "thing"}}}}
    assert [event.event_id for event in OUTBOX.events_of(None, image)] == ["booking-1#1"]


def test_an_image_of_the_release_before_is_read() -> None:
    image = image_of(booking(1))
    for added in ("heardVersion", "unheardKey", "announceAt"):
        image.pop(added)
    (event,) = OUTBOX.events_of(None, image)
    assert isinstance(event, BookingEvent)
    assert event.starts_at - event.ends_at == timedelta(hours=-1)


def test_a_booking_that_comes_with_its_past_is_not_announced() -> None:
    booking = make_booking(Action.CONFIRM, Action.COMPLETE, Action.PAY)
    assert OUTBOX.events_of(None, booking_item(booking, handled_version=booking.version).serialize()) == []
    assert len(OUTBOX.events_of(None, booking_item(booking).serialize())) == booking.version


# --- Records of several bookings in each other's way -----------------------------------------------------------------

LIVES = [
    (),
    (Action.CONFIRM,),
    (Action.CONFIRM, Action.RESCHEDULE, Action.CANCEL),
    (Action.DECLINE,),
    (Action.RESCHEDULE, Action.RESCHEDULE),
    (Action.CONFIRM, Action.COMPLETE, Action.PAY),
]


def life_records(number: int, life: tuple[Action, ...]) -> list[dict[str, Any]]:
    """The records of one booking in their order: each change, and after some of them that it was handled."""
    states = [booking(number, *life[:length]) for length in range(len(life) + 1)]
    records = []
    for before, after in zip([None, *states], states, strict=False):
        records.append(stream_record(0, after, before))
        if after.version % 2:
            handled = image_of(after, handled_version=after.version)
            records.append(stream_record(0, handled, after))
    return records


def check_interleaving(topic: Topic, shuffles: int) -> None:
    """However the records of several bookings lie between each other, each booking is told of in the same way."""
    lives = [life_records(number, life) for number, life in enumerate(LIVES)]
    expected = {
        f"booking-{number}": [f"booking-{number}#{version}" for version in range(1, len(life) + 2)]
        for number, life in enumerate(LIVES)
    }
    for seed in range(shuffles):
        chance = Random(seed)  # noqa: S311
        # Of each booking they stay in order: that is what a stream promises, and no more.
        order = [number for number, records in enumerate(lives) for _ in records]
        chance.shuffle(order)
        rest = [iter(records) for records in lives]
        records = [next(rest[number]) for number in order]
        topic.published.clear()
        while records:
            size = chance.randint(1, len(records))
            batch, records = records[:size], records[size:]
            assert failed_ids(publish_changes(OUTBOX, batch)) == []
        told = {name: [each for each in topic.published if each.startswith(name)] for name in expected}
        assert told == expected, f"told otherwise, seed {seed}"
    assert {len(messages) for messages in topic.messages.values()} == {1}


def test_records_may_lie_between_each_other_in_any_way(topic: Topic) -> None:
    check_interleaving(topic, 500)


def test_mutant_what_is_new_is_told_from_the_record_before(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.tell_the_new_from_the_record_before(monkeypatch)
    with pytest.raises(AssertionError, match="told otherwise"):
        check_interleaving(topic, 5)
