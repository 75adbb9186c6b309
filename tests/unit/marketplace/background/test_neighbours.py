"""Releases side by side: what the one before wrote is read, and so is what the one after may add.

`messages_0_1.json` has each kind of message as release 0.1 wrote it. A release that writes otherwise adds a file of its
own; those of releases whose messages may still be on their way stay.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from bookings.events import EVENT_TYPES
from bookings.models import BookingItem
from bookings.records import BOOKINGS
from bookings.stream import OUTBOX, events_after
from kernel.events import MalformedEventError, read_event
from notifications.messages import MESSAGE_TYPES
from tests import mutants
from tests.factories.events import image_of

RECORDED: dict[str, Any] = orjson.loads(Path(__file__).with_name("messages_0_1.json").read_bytes())
MESSAGES: list[dict[str, Any]] = RECORDED["events"] + RECORDED["reminders"]
# Keys of an index that is gone, and of one that has only what waits for an answer: no release reads them off an item.
NOT_WRITTEN_ANY_MORE = {"customerStatusKey", "providerStatusKey"}


def next_release(wire: dict[str, Any]) -> dict[str, Any]:
    """The message as a later release may write it: with more in it."""
    added = {"party_size": 4, "labels": ["x"], "place": {"floor": 2}}
    return {**wire, "schema": 2, "trace": "abc", "data": {**wire["data"], **added}}


def says(written: dict[str, Any], wire: dict[str, Any]) -> bool:
    """Whether the first message says all that the second does."""
    return all(
        whole[name] == value
        for whole, part in ((written, wire), (written["data"], wire["data"]))
        for name, value in part.items()
        if name not in ("data", "schema")
    )


def unread() -> list[str]:
    """Which messages of a neighbour are not read, or not as what they say."""
    found = []
    for wire in MESSAGES:
        for neighbour, message in (("before", wire), ("after", next_release(wire))):
            try:
                event = read_event(message, MESSAGE_TYPES)
            except MalformedEventError:
                found.append(f"{wire['type']} of the release {neighbour}")
                continue
            if not says(event.to_wire(), wire):
                found.append(f"{wire['type']} of the release {neighbour}, read as another")
    return found


def unreadable_for_the_release_before() -> list[str]:
    """In which messages that are written now something is missing that the release before reads."""
    found = []
    for wire in MESSAGES:
        written = read_event(wire, MESSAGE_TYPES).to_wire()
        if not (wire.keys() <= written.keys() and wire["data"].keys() <= written["data"].keys()):
            found.append(wire["type"])
    return found


def misread_images() -> list[str]:
    """Of which bookings a neighbour's item of the table is read otherwise than one's own."""
    found = []
    for name, image in RECORDED["images"].items():
        after = {**image, "addedLater": {"M": {"any": {"S": "thing"}}}}
        recorded = OUTBOX.events_of(None, image)
        booking = BOOKINGS.read(BookingItem.read_row(image))
        if not recorded or recorded != OUTBOX.events_of(None, after) or recorded != events_after(booking, 0):
            found.append(name)
        elif missing := image.keys() - image_of(booking).keys() - NOT_WRITTEN_ANY_MORE:
            found.append(f"{name}, written without {missing}")
    return found


def test_every_kind_of_message_is_recorded() -> None:
    assert {wire["type"] for wire in MESSAGES} == set(MESSAGE_TYPES)
    assert {wire["type"] for wire in RECORDED["events"]} == set(EVENT_TYPES)


def test_events_of_both_neighbours_are_read() -> None:
    assert unread() == []


def test_the_release_before_can_read_what_is_written_now() -> None:
    assert unreadable_for_the_release_before() == []


def test_items_of_both_neighbours_are_read() -> None:
    assert misread_images() == []


# --- Mutants ---------------------------------------------------------------------------------------------------------


def test_mutant_what_is_unknown_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.refuse_what_is_unknown(monkeypatch)
    assert unread() == [f"{wire['type']} of the release after" for wire in MESSAGES]


def test_mutant_a_new_field_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.demand_a_new_field(monkeypatch)
    assert unread() == ["booking.requested of the release before"]


def test_mutant_a_field_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.leave_out_a_field(monkeypatch)
    of_bookings = [wire["type"] for wire in MESSAGES if "time_zone" in wire["data"]]
    assert unreadable_for_the_release_before() == of_bookings
