"""The writes that put a note on someone's list and count it on the bell."""

from datetime import datetime

from pynamodb.expressions.update import Action

from kernel import storage
from kernel.clock import epoch
from notifications.domain import KEPT_FOR, Note, Recipient
from notifications.models import BELL_ID, BellItem
from notifications.notes.records import NOTES


def note_write(note: Note, now: datetime) -> storage.Write:
    """The write that stores the note until it is 90 days old."""
    return storage.put(f"note for {note.recipient_role}", NOTES.item(note, expires_at=epoch(now + KEPT_FOR)))


def bell_write(recipient: Recipient, number: int | None) -> storage.Write:
    """The write that counts an event on the recipient's bell, and with it the note that the event made, if it made one.

    It fails if another note has just taken the number.
    """
    actions: list[Action] = [BellItem.activity.add(1)]
    condition = None
    if number is not None:
        actions.append(BellItem.sequence.set(number))
        condition = BellItem.sequence.does_not_exist() if number == 1 else BellItem.sequence == number - 1
    return storage.update(
        f"bell of {recipient.role}", BellItem, recipient.id, BELL_ID, actions=actions, condition=condition
    )
