"""What a provider's screens read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.domain import BookingSummary, Status
from bookings.queries import list_bookings
from catalog.queries import get_provider
from kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What waits for a provider's answer, the earliest start first, and what is confirmed for today in their zone."""

    requests: Sequence[BookingSummary]
    today: Sequence[BookingSummary]
    time_zone: str


_REQUEST_ROWS = 50
# A day has 96 quarter hours, and what was cancelled or declined is read, too.
_DAY_ROWS = 250


def get_dashboard(*, actor: Actor, now: datetime) -> Dashboard:
    """The provider's dashboard. One GetItem and two Queries. Raises `NotFoundError` before there is a profile."""
    zone = get_provider(actor.provider_id or "").time_zone
    requests = list_bookings(
        actor=actor, status=Status.PENDING, starts_from=now, latest_first=False, limit=_REQUEST_ROWS, now=now
    )
    midnight = datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))
    today = list_bookings(
        actor=actor,
        status=Status.CONFIRMED,
        starts_from=midnight.astimezone(UTC),
        starts_before=(midnight + timedelta(days=1)).astimezone(UTC),
        latest_first=False,
        limit=_DAY_ROWS,
        now=now,
    )
    return Dashboard(requests.results, today.results, zone)
