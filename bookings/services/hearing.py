"""Keeping track of which changes of a booking everyone concerned has heard of."""

from bookings.models import BookingItem
from marketplace.kernel import storage


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
                actions=[BookingItem.heard_version.set(version), BookingItem.unheard_key.remove()],
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
