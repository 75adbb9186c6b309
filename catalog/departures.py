"""What becomes of a provider whose owner cannot look after it any more."""

from contextlib import suppress
from datetime import datetime

from catalog.services import change_profile
from kernel.actors import Actor, Role
from kernel.errors import NotFoundError
from kernel.ids import provider_id_for


def withdraw(user_id: str, *, now: datetime) -> None:
    """Let nobody find or book the person's provider, if there is one, until its owner says otherwise.

    May be repeated. Raises `BusyError`.
    """
    owner = Actor(user_id=user_id, role=Role.PROVIDER)
    with suppress(NotFoundError):
        change_profile(
            actor=owner, provider_id=provider_id_for(user_id), changes={"accepting_bookings": False}, now=now
        )
