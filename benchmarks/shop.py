"""A provider that is always open, with one service: what crowds and benchmarks book."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from catalog.domain import WEEKDAYS, parse_hours
from catalog.queries import forget_offers, get_public_offer
from catalog.representation import represent_own_service
from catalog.services import add_service, put_profile, replace_hours
from kernel import clock
from kernel.actors import Actor
from kernel.clock import to_rfc3339
from kernel.idempotency import IdempotentRequest
from kernel.ids import provider_id_for
from kernel.money import Money
from tests.factories.accounts import make_provider

_HORIZON_DAYS = 365
# Eight appointments a day: a busy provider.
_HOURS_BETWEEN_SLOTS = 3


@dataclass(frozen=True, slots=True)
class Shop:
    """The provider, its one service of an hour, and starts to book it at."""

    owner: Actor
    provider_id: str
    service_id: str
    offer_version: str
    hours: "count[int]"

    def next_slot(self) -> datetime:
        """A start that nobody was given before: one every three hours, from tomorrow on."""
        tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return tomorrow + timedelta(hours=next(self.hours))

    def next_start(self) -> str:
        """The same as the API writes it."""
        return to_rfc3339(self.next_slot())


def open_shop(*, buffer_minutes: int = 0) -> Shop:
    """Create it; `buffer_minutes` are kept free before and after each appointment, at most 60."""
    owner = make_provider()
    provider_id = provider_id_for(owner.user_id)
    now = clock.now()
    put_profile(
        actor=owner,
        provider_id=provider_id,
        profile={
            "name": "Always Open",
            "city": "Austin",
            "country": "US",
            "latitude": 30.27,
            "longitude": -97.74,
            "time_zone": "America/Chicago",
            "minimum_notice_minutes": 0,
            "horizon_days": _HORIZON_DAYS,
            "buffer_before_minutes": buffer_minutes,
            "buffer_after_minutes": buffer_minutes,
        },
        now=now,
    )
    always = parse_hours({day: [["00:00", "24:00"]] for day in WEEKDAYS}, {})
    replace_hours(actor=owner, provider_id=provider_id, hours=always, now=now)
    added = add_service(
        actor=owner,
        provider_id=provider_id,
        values={
            "name": "Tap repair",
            "category": "plumbing",
            "price": Money(9_500, "USD"),
            "duration_minutes": 60,
        },
        idempotency=IdempotentRequest.of(
            user_id=owner.user_id, key="shop", method="POST", path="", body=None, represent=represent_own_service
        ),
        now=now,
    )
    service_id = added.answer["id"]
    offer_version = get_public_offer(service_id).terms.version
    # Read around the memory of those that are measured.
    forget_offers()
    return Shop(owner, provider_id, service_id, offer_version, count(step=_HOURS_BETWEEN_SLOTS))
