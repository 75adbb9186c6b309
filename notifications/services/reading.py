"""What people have read of their notes."""

from kernel import storage
from kernel.actors import Actor
from kernel.errors import InvalidInputError
from kernel.sentences import sentence
from notifications.domain import Bell, recipient_of
from notifications.models import BELL_ID, BellItem
from notifications.notes.records import read_bell


def mark_read(*, actor: Actor, up_to: int) -> Bell:
    """Count the actor's notes up to number `up_to` as read; those after it stay as they are. One UpdateItem.

    Repeating it, or naming a note before the last one read, changes nothing. Raises `InvalidInputError` for a note
    that does not exist yet.
    """
    is_ahead = BellItem.seen.does_not_exist() | (BellItem.seen < up_to)
    try:
        row = storage.write(
            storage.update(
                "bell",
                BellItem,
                recipient_of(actor).id,
                BELL_ID,
                actions=[BellItem.seen.set(up_to)],
                condition=(BellItem.sequence >= up_to) & is_ahead,
            )
        )
    except storage.ConditionFailedError as failure:
        bell = read_bell(failure.failed["bell"])
        if up_to > bell.sequence:
            raise InvalidInputError.of("up_to", sentence("There is no such notification."), "unknown") from failure
        return bell
    return read_bell(row)
