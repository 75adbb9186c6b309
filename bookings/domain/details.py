"""The personal part of a booking and what it may contain."""

from collections.abc import Sequence

from catalog.domain import Answer
from kernel.errors import InvalidInputError
from kernel.values import dataclass
from kernel.wording.text import TextRule, checked_text, clean_text, text_errors
from photos.domain import Photos, with_claimed

ADDRESS = TextRule(5, 200)
NOTES = TextRule(0, 1000, has_lines=True)
MAX_JOB_PHOTOS = 5
REASON = TextRule(0, 500, has_lines=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody without an account, for whom a provider booked: how they are reached. `email` is None if not given.

    `language` (ISO 639-1) is that of the emails to them.
    """

    name: str
    phone: str
    email: str | None
    language: str


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """Where the job is and what to know, and the reason given for how it ended: the personal part of a booking.

    `photos` are the job's, the customer's own.
    `answers` are those to the questions that the service asked when it was booked.
    `address` is empty where a caller did not give one. `reason` is why a request was declined, an appointment cancelled
    or a job completed early; empty without any.
    """

    address: str
    notes: str
    reason: str = ""
    photos: Photos = ()
    answers: tuple[Answer, ...] = ()
    # Of a booking that the provider made for somebody without an account.
    caller: Caller | None = None


def checked_details(address: str, notes: str, upload_ids: Sequence[str] = ()) -> BookingDetails:
    """The details as they are kept, with a photo of each upload.

    Raises `InvalidInputError` naming `address`, `notes` or both, and `ConflictError` (`too_many_photos`).
    """
    photos = with_claimed((), upload_ids, most=MAX_JOB_PHOTOS)
    details = BookingDetails(clean_text(address), clean_text(notes), photos=photos)
    errors = [*text_errors("address", details.address, ADDRESS), *text_errors("notes", details.notes, NOTES)]
    if errors:
        raise InvalidInputError(errors)
    return details


def checked_reason(reason: str) -> str:
    """The reason as it is kept. Raises `InvalidInputError` naming `reason`."""
    return checked_text("reason", reason, REASON)
