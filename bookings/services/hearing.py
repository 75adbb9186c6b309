"""Keeping track of which changes of a booking everyone concerned has heard of."""

from datetime import datetime

from bookings.domain import Booking, next_announcement
from bookings.models import BookingItem
from kernel import storage


def note_heard(*, booking_id: str, version: int) -> None:
    """Note that all handlers of this version's event are through.

    Versions are noted in order: a later one leaves the booking unheard, so that the reconciler announces the missing
    one. May be repeated.
    """
    try:
        storage.write(
            storage.update(
                "booking",
                BookingItem,
                booking_id,
                actions=[
                    BookingItem.heard_version.set(version),
                    BookingItem.unheard_key.remove(),
                    BookingItem.announce_at.remove(),
                ],
                condition=(BookingItem.heard_version == version - 1) & (BookingItem.version == version),
            )
        )
    except storage.ConditionFailedError as failure:
        stored = failure.failed["booking"]
        if stored is None or stored["heard_version"] != version - 1:
            return
        # There is a newer version, whose event is still on its way.
        _note_beside_newer(booking_id, version)


def _note_beside_newer(booking_id: str, version: int) -> None:
    try:
        storage.write(
            storage.update(
                "booking",
                BookingItem,
                booking_id,
                actions=[BookingItem.heard_version.set(version)],
                condition=BookingItem.heard_version == version - 1,
            )
        )
    except storage.ConditionFailedError:
        # Another delivery of the same event has noted it.
        return


def note_announced_again(*, booking: Booking, now: datetime) -> None:
    """Let the reconciler leave the booking alone for a while, unless it was changed or heard meanwhile."""
    try:
        storage.write(
            storage.update(
                "booking",
                BookingItem,
                booking.booking_id,
                actions=[BookingItem.announce_at.set(next_announcement(booking.updated_at, now))],
                condition=(BookingItem.version == booking.version) & BookingItem.unheard_key.exists(),
            )
        )
    except storage.ConditionFailedError:
        return
