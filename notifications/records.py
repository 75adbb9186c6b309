"""How the table of notes stores them."""

from dataclasses import replace

from kernel.storage import Row, RowMapping, Stored
from notifications.domain import Note, note_id
from notifications.models import NoteItem

NOTES = RowMapping(
    NoteItem,
    Note,
    stored={
        "number": Stored(lambda row: int(row["notification_id"]), lambda number: {"notification_id": note_id(number)}),
        # Up to where notes are read is with the bell.
        "is_read": Stored(lambda row: False, lambda is_read: {}),
    },
)


def read_note(row: Row, *, seen: int) -> Note:
    """The note that a row describes, for someone who has read theirs up to number `seen`."""
    note = NOTES.read(row)
    return replace(note, is_read=note.number <= seen)
