"""What pages read of somebody who books."""

from bookings.services import first_request_read
from kernel import storage
from kernel.actors import Actor, Role


def has_booked_before(actor: Actor) -> bool:
    """Whether a provider booked something before they became one. One GetItem, for a provider alone."""
    return actor.role is Role.PROVIDER and storage.read(first_request_read(actor.user_id)) is not None
