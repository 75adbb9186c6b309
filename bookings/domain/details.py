"""The personal part of a booking and what it may contain."""

from dataclasses import dataclass

from kernel.errors import InvalidInputError
from kernel.wording.text import TextRule, clean_text, text_errors

ADDRESS = TextRule(5, 200)
NOTES = TextRule(0, 1000, has_lines=True)


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """Where the job is and what to know: personal data, kept apart from the booking."""

    address: str
    notes: str


def checked_details(address: str, notes: str) -> BookingDetails:
    """The details as they are kept. Raises `InvalidInputError` naming `address`, `notes` or both."""
    details = BookingDetails(clean_text(address), clean_text(notes))
    errors = [*text_errors("address", details.address, ADDRESS), *text_errors("notes", details.notes, NOTES)]
    if errors:
        raise InvalidInputError(errors)
    return details
