"""How the table of notes stores them."""

from kernel.storage import Row, RowMapping, Stored
from notifications.domain import Note, note_id
from notifications.models import NoteItem

_NUMBER = Stored(lambda row: int(row["notification_id"]), lambda number: {"notification_id": note_id(number)})
# Up to where someone's notes are read is with the bell.
NOTES = RowMapping(NoteItem, Note, stored={"number": _NUMBER}, given={"is_read"})


def read_note(row: Row, *, seen: int) -> Note:
    """The note that a row describes, for someone who has read theirs up to number `seen`."""
    return NOTES.read(row, is_read=int(row["notification_id"]) <= seen)
