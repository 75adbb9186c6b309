"""What becomes of the appointments of a provider whose owner cannot look after them any more."""

from datetime import datetime

from bookings.services import cancel_upcoming
from kernel.actors import Actor, Role


def withdraw(user_id: str, *, now: datetime) -> None:
    """Decline what the person's provider was asked for and cancel what it agreed to: its customers are told, and owe
    nothing. May be repeated. Raises `BusyError`.
    """
    cancel_upcoming(actor=Actor(user_id, Role.PROVIDER), now=now)
