"""Providers and services: as domain objects for rules, and stored for everything else."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from catalog.domain import (
    NO_HOURS,
    Point,
    ProfileValues,
    Provider,
    RatingSummary,
    Service,
    WorkingHours,
    cell_position,
    parse_hours,
)
from catalog.models import CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, ServiceItem, SlotClaimsItem
from catalog.queries import get_provider
from catalog.records import PROVIDERS, service_attributes
from catalog.representation import represent_own_service
from catalog.services import add_service, copy_rating, put_profile, rating_write, replace_hours
from kernel import storage
from kernel.actors import Actor
from kernel.clock import now as clock_now
from kernel.idempotency import IdempotentRequest
from kernel.money import Money
from tests.factories.accounts import make_provider

OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
EVERY_DAY = {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}

PROFILE: ProfileValues = {
    "name": "Maple Plumbing",
    "city": "Austin",
    "country": "US",
    "latitude": 30.26715,
    "longitude": -97.74306,
    "time_zone": "America/Chicago",
    "minimum_notice_minutes": 0,
}


def build_provider(*, hours: WorkingHours = NO_HOURS, time_zone: str = "UTC", **values: Any) -> Provider:
    """A provider that is not stored; open never, unless hours are given, and without notice, horizon or buffers."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    attributes: dict[str, Any] = {
        "provider_id": "0123456789ab",
        "owner_id": "owner",
        "version": 1,
        "name": "Maple Plumbing",
        "description": "",
        "city": "Austin",
        "country": "US",
        "location": Point(30.26715, -97.74306),
        "minimum_notice_minutes": 0,
        "horizon_days": 365,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "free_cancellation_hours": 24,
        "late_cancellation_percent": 50,
        "cancellation_grace_minutes": 60,
        "tax_rate_basis_points": 0,
        "former_tax_rates": (),
        "tax_number": "",
        "phone": "",
        "trades": (),
        "travel_radius_km": 50,
        "accepting_bookings": True,
        "service_ids": (),
        "categories": (),
        "rating": RatingSummary(),
        "created_at": moment,
        "updated_at": moment,
        **values,
    }
    return Provider(hours=hours, time_zone=time_zone, **attributes)


def build_service(**values: Any) -> Service:
    """A service of `build_provider` that is not stored."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    attributes: dict[str, Any] = {
        "service_id": "0123456789ab-0123456789abcd",
        "provider_id": "0123456789ab",
        "version": 1,
        "name": "Leak repair",
        "description": "",
        "category": "plumbing",
        "price": Money(9000, "USD"),
        "duration_minutes": 60,
        "active": True,
        "instant": False,
        "created_at": moment,
        "updated_at": moment,
        **values,
    }
    return Service(**attributes)


def idempotent(actor: Actor, key: str | None = None, body: Any = None) -> IdempotentRequest[Service]:
    """The actor's call that adds a service, under a key of its own unless one is given."""
    return IdempotentRequest.of(
        user_id=actor.user_id,
        key=key or uuid4().hex,
        method="POST",
        path="/test",
        body=body,
        represent=represent_own_service,
    )


@dataclass
class Shop:
    """A stored provider."""

    actor: Actor = field(default_factory=make_provider)

    @property
    def provider_id(self) -> str:
        assert self.actor.provider_id is not None
        return self.actor.provider_id

    @property
    def provider(self) -> Provider:
        return get_provider(self.provider_id)

    def rate(self, stars: int) -> None:
        """Count one more rating, and let search see it."""
        storage.transact([rating_write(self.provider, stars)])
        copy_rating(provider_id=self.provider_id)

    def add(self, **values: Any) -> str:
        """The id of a new service of this provider."""
        service: Any = {
            "name": "Leak repair",
            "category": "plumbing",
            "price": Money(9000, "USD"),
            "duration_minutes": 60,
            **values,
        }
        added = add_service(
            actor=self.actor,
            provider_id=self.provider_id,
            values=service,
            idempotency=idempotent(self.actor),
            now=clock_now(),
        )
        return str(added.answer["id"])


def open_shop(*, weekly: Any = None, exceptions: Any = None, **profile: Any) -> Shop:
    """A new provider, open every day from 8 to 20 unless told otherwise."""
    shop = Shop()
    values: Any = {**PROFILE, **profile}
    put_profile(actor=shop.actor, profile=values, now=clock_now())
    hours = parse_hours(EVERY_DAY if weekly is None else weekly, exceptions or {})
    replace_hours(actor=shop.actor, provider_id=shop.provider_id, hours=hours, now=clock_now())
    return shop


def unique_city() -> str:
    """A city in which no other test has anyone."""
    return f"City {uuid4().hex[:12]}"


def store(provider: Provider, services: list[Service]) -> None:
    """Put a provider and its services as they are, with copies and listing keys, around all use cases."""
    writes = [
        storage.put("provider", PROVIDERS.item(provider)),
        *(
            storage.put(service.service_id, ServiceItem(**service_attributes(service, provider)))
            for service in services
        ),
    ]
    storage.transact(writes)


def claim(provider_id: str, cells: dict[int, int | None]) -> None:
    """Let somebody have these cells of the provider's time: firmly (None), or until a second since 1970."""
    days: dict[str, list[Action]] = {}
    for cell, held_until in cells.items():
        day, position = cell_position(cell)
        actions = days.setdefault(day.isoformat(), [])
        actions.append(Path([CLAIM_ATTRIBUTES[position]]).set("a booking"))
        if held_until is not None:
            actions.append(Path([HOLD_ATTRIBUTES[position]]).set(held_until))
    for day_key, actions in days.items():
        storage.write(storage.update("claims", SlotClaimsItem, provider_id, day_key, actions=actions))
