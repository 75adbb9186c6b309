"""The personal part of a booking and what it may contain."""

import unicodedata
from dataclasses import dataclass

from kernel.errors import FieldError, InvalidInputError
from kernel.sentences import sentence

ADDRESS_LENGTH = (5, 200)
NOTES_MAX_LENGTH = 1000
REASON_MAX_LENGTH = 500


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """Where the job is and what to know, and the reason given for how it ended: free text, kept apart from the booking.

    `reason` is why a request was declined, an appointment cancelled or a job completed early; empty without any.
    """

    address: str
    notes: str
    reason: str = ""


def checked_details(address: str, notes: str) -> BookingDetails:
    """The details without surrounding space. Raises `InvalidInputError` naming `address`, `notes` or both."""
    details = BookingDetails(address.strip(), notes.replace("\r\n", "\n").strip())
    errors = []
    if not ADDRESS_LENGTH[0] <= len(details.address) <= ADDRESS_LENGTH[1]:
        least, most = ADDRESS_LENGTH
        message = sentence("Give %(least)s to %(most)s characters.", least=least, most=most)
        errors.append(FieldError("address", "length", message))
    if _has_control_characters(details.address):
        errors.append(
            FieldError("address", "control_characters", sentence("Leave out line breaks and control characters."))
        )
    if len(details.notes) > NOTES_MAX_LENGTH:
        errors.append(
            FieldError("notes", "length", sentence("Give at most %(most)s characters.", most=NOTES_MAX_LENGTH))
        )
    if _has_control_characters(details.notes, allowed="\n"):
        errors.append(FieldError("notes", "control_characters", sentence("Leave out control characters.")))
    if errors:
        raise InvalidInputError(errors)
    return details


def checked_reason(reason: str) -> str:
    """The reason without surrounding space. Raises `InvalidInputError` naming `reason`."""
    reason = reason.replace("\r\n", "\n").strip()
    errors = []
    if len(reason) > REASON_MAX_LENGTH:
        errors.append(
            FieldError("reason", "length", sentence("Give at most %(most)s characters.", most=REASON_MAX_LENGTH))
        )
    if _has_control_characters(reason, allowed="\n"):
        errors.append(FieldError("reason", "control_characters", sentence("Leave out control characters.")))
    if errors:
        raise InvalidInputError(errors)
    return reason


def _has_control_characters(text: str, *, allowed: str = "") -> bool:
    # Cc: control characters; Cs: half of a character; Zl and Zp: line breaks by other names.
    return any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text if char not in allowed)
