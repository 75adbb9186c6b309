"""Reviews of completed bookings."""

from datetime import datetime, timedelta
from typing import Any

from bookings.domain import Booking, Status
from bookings.models import OpenRequestsItem
from bookings.services import NEW_ACCOUNT_FOR
from bookings.services.open_requests import customer_key
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.idempotency import Outcome
from reviews.domain import Review
from reviews.representation import represent_without_words
from reviews.services import submit_review
from tests.factories.bookings import Scene, idempotency_of, next_day


def completed_booking(scene: Scene, *, customer: Actor | None = None, hour: int = 9, days: int = 3) -> Booking:
    """A booking that has taken place, earlier than agreed."""
    booking = scene.book(next_day(hour, days=days), customer=customer)
    be_known((customer or scene.customer).user_id)
    return scene.bring(booking, Status.CONFIRMED, Status.COMPLETED)


def be_known(customer_id: str, *, since: datetime | None = None) -> None:
    """Let the customer have been one since then, by default for so long that their reviews count at once."""
    first_request_at = since or clock_now() - NEW_ACCOUNT_FOR - timedelta(days=1)
    storage.write(
        storage.update(
            "open requests",
            OpenRequestsItem,
            customer_key(customer_id),
            actions=[OpenRequestsItem.first_request_at.set(first_request_at)],
        )
    )


def review(
    scene: Scene,
    booking: Booking,
    *,
    actor: Actor | None = None,
    rating: int = 4,
    comment: str = "Quick and clean.",
    key: str | None = None,
    now: datetime | None = None,
) -> Outcome[Review]:
    """The customer's review of the booking, under a key of its own unless one is given."""
    actor = actor or scene.customer
    body: dict[str, Any] = {"booking_id": booking.booking_id, "rating": rating, "comment": comment}
    return submit_review(
        actor=actor,
        booking_id=booking.booking_id,
        rating=rating,
        comment=comment,
        idempotency=idempotency_of(actor, body, represent_without_words, key=key),
        now=now or clock_now(),
    )
