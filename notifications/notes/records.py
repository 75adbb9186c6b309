"""How the table of notes stores notes and bells."""

from collections.abc import Mapping

from kernel.clock import to_rfc3339
from kernel.storage import Row, RowMapping, Stored
from notifications.domain import Bell, Note, Subject, note_id
from notifications.models import NoteItem


def _read_subject(row: Row) -> Subject:
    if "subject_kind" in row:
        return Subject(row["subject_kind"], row["subject_id"])
    return Subject("booking", row["booking_id"])


def _read_values(row: Row) -> Mapping[str, str]:
    if "values" in row:
        values: Mapping[str, str] = row["values"]
        return values
    return {
        "service": row["service_name"],
        "provider": row["provider_name"],
        "starts_at": to_rfc3339(row["starts_at"]),
        "time_zone": row["time_zone"],
    }


NOTES = RowMapping(
    NoteItem,
    Note,
    stored={
        "number": Stored(lambda row: int(row["notification_id"]), lambda number: {"notification_id": note_id(number)}),
        "subject": Stored(_read_subject, lambda subject: {"subject_kind": subject.kind, "subject_id": subject.id}),
        "values": Stored(_read_values, lambda values: {"values": dict(values)}),
    },
    # Up to where someone's notes are read is with the bell.
    given={"is_read"},
)


def read_note(row: Row, *, seen: int) -> Note:
    """The note that a row describes, for someone who has read theirs up to number `seen`."""
    return NOTES.read(row, is_read=int(row["notification_id"]) <= seen)


def read_bell(row: Row | None) -> Bell:
    """The bell that a row of `BellItem` describes; a silent one without a row."""
    row = row or {}
    return Bell(row.get("sequence", 0), row.get("seen", 0), row.get("activity", 0))
