"""Photos of the job: the customer's, in the personal part of the booking.

The condition of each write is the list as it was read; neither the booking nor its version changes.
"""

from collections.abc import Sequence
from datetime import datetime

from bookings.domain import MAX_JOB_PHOTOS, OPEN_STATUSES, Booking, BookingDetails
from bookings.models import BookingDetailsItem
from bookings.queries import get_booking
from bookings.records import DETAILS
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import ConflictError, ForbiddenError
from kernel.sentences import sentence
from photos.domain import Owner, OwnerKind, Photo, Photos, photo_not_found, with_outcome
from photos.services import ListChange, claiming, list_write, photos_unchanged, removal_writes, removing, transact_list


def claim_job_photo(*, actor: Actor, booking_id: str, upload_id: str, now: datetime) -> Photos:
    """Make the customer's upload a photo of the job; all of them. Repeating it changes nothing.

    Raises `NotFoundError`, `ForbiddenError` for anyone but the customer, `InvalidInputError` (`upload`), and
    `ConflictError` (`too_many_photos`, `too_late` once the booking is over).
    """
    claim = claiming(actor=actor, upload_id=upload_id, owner=job_owner(booking_id), most=MAX_JOB_PHOTOS, now=now)
    return _change_own(actor, booking_id, claim, now)


def remove_job_photo(*, actor: Actor, booking_id: str, photo_id: str, now: datetime) -> Photos:
    """Take a photo of the job away, and have its files deleted; those that are left.

    Raises `NotFoundError`, `ForbiddenError` for anyone but the customer, and `ConflictError` (`too_late` once the
    booking is over).
    """
    return _change_own(actor, booking_id, removing(photo_id, now=now), now)


def keep_job_photo_outcome(*, booking_id: str, outcome: Photo) -> None:
    """Keep with the booking what became of a photo, unless it was removed meanwhile. May be repeated."""

    def attempt() -> None:
        row = storage.get_row(BookingDetailsItem, booking_id)
        if row is not None:
            before = DETAILS.read(row).photos
            _write(booking_id, before, with_outcome(before, outcome), ())

    storage.retrying(attempt)


def erase_details(*, booking_id: str, now: datetime, also: Sequence[storage.Write] = ()) -> None:
    """Delete the personal part of a booking, and have the files of its photos deleted. May be repeated.

    `also` is written with it, in its transaction; and if somebody was faster, without it.
    """

    def attempt() -> None:
        row = storage.get_row(BookingDetailsItem, booking_id)
        if row is None:
            if also:
                storage.transact(also)
            return
        photos = DETAILS.read(row).photos
        delete = storage.delete(
            "owner", BookingDetailsItem, booking_id, condition=photos_unchanged(BookingDetailsItem, photos)
        )
        storage.transact([delete, *removal_writes([photo.photo_id for photo in photos], now=now), *also])

    storage.retrying(attempt)


def job_owner(booking_id: str) -> Owner:
    """The owner of the photos of a job, as photos know it."""
    return Owner(OwnerKind.BOOKING, booking_id)


def may_change_job_photos(booking: Booking, details: BookingDetails | None, actor: Actor, now: datetime) -> bool:
    """Whether the actor can add photos to the job and take them away."""
    return details is not None and booking.party(actor) is Role.CUSTOMER and booking.status_at(now) in OPEN_STATUSES


def _change_own(actor: Actor, booking_id: str, change: ListChange, now: datetime) -> Photos:
    def attempt() -> Photos:
        booking, details = get_booking(actor=actor, booking_id=booking_id)
        if details is None:
            raise photo_not_found()
        if booking.party(actor) is not Role.CUSTOMER:
            raise ForbiddenError(sentence("Photos of a job are its customer's to add and to remove."))
        if booking.status_at(now) not in OPEN_STATUSES:
            raise ConflictError(sentence("This booking is over: its photos stay as they are."), code="too_late")
        after, others = change(details.photos)
        _write(booking_id, details.photos, after, others)
        return after

    return storage.retrying(attempt)


def _write(booking_id: str, before: Photos, after: Photos, others: Sequence[storage.Write]) -> None:
    if after != before:
        is_there = BookingDetailsItem.booking_id.exists()
        transact_list([list_write(BookingDetailsItem, booking_id, before, after, is_there), *others])
