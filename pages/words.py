"""How states look on pages: the icon and the colour beside the word."""

from dataclasses import dataclass
from typing import Any

from bookings.domain import Status


@dataclass(frozen=True, slots=True)
class Badge:
    """A status as components/status.html shows it. `tone`: waiting, confirmed, danger, or nothing for what is past."""

    word: Any
    icon: str
    tone: str


# Amber waits for somebody, blue is agreed, red asks for attention, grey is over.
_LOOKS = {
    Status.PENDING: ("waiting", "waiting"),
    Status.CONFIRMED: ("confirmed", "confirmed"),
    Status.DECLINED: ("declined", ""),
    Status.CANCELLED: ("cancelled", ""),
    Status.EXPIRED: ("expired", ""),
    Status.COMPLETED: ("done", ""),
    Status.NO_SHOW: ("noshow", "danger"),
    Status.PAID: ("paid", ""),
    Status.UNCONFIRMED: ("expired", ""),
}


def booking_badge(status: Status, word: Any) -> Badge:
    """The badge of a booking; `word` says the status to whoever reads it."""
    icon, tone = _LOOKS[status]
    return Badge(word, icon, tone)


# The icon of a category has the category's slug as its name.
def category_icon(slug: str) -> str:
    """The name of the icon of a category."""
    return slug
