"""A provider's profile, booking rules and working hours.

Transactions even for a single item: the SDK repeats a call whose answer was lost, and only a transaction's token
keeps the repetition from failing on the version that the first try wrote.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from catalog.domain import (
    NO_HOURS,
    PROFILE_DEFAULTS,
    Point,
    ProfileValues,
    Provider,
    RatingSummary,
    WorkingHours,
    check_may_manage,
    checked_phone,
    checked_values,
)
from catalog.models import DraftItem, ProviderItem
from catalog.queries import get_provider
from catalog.queries.drafts import draft_key
from catalog.records import PROVIDERS
from catalog.services.changes import check_version, store_provider
from kernel import storage
from kernel.actors import Actor
from kernel.clock import epoch
from kernel.errors import ForbiddenError, NotFoundError
from kernel.outbox import outboxed
from kernel.sentences import sentence
from kernel.values import dataclass
from kernel.versions import ExpectedVersion

# How long it is remembered what somebody wanted to offer who did not go on.
_DRAFT_KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """The provider as it is now, and whether this call created it."""

    provider: Provider
    created: bool


def put_profile(
    *,
    actor: Actor,
    provider_id: str | None = None,
    profile: ProfileValues,
    first_hours: WorkingHours = NO_HOURS,
    expected_version: ExpectedVersion = None,
    now: datetime,
) -> SavedProfile:
    """Replace a profile, or create the actor's own, with `first_hours`; values left out take their defaults.

    `provider_id` is the actor's own unless given. Raises `InvalidInputError`, `NotFoundError`, `ForbiddenError` and
    `StaleVersionError`.
    """
    provider_id = provider_id or actor.provider_id
    if provider_id is None:
        raise ForbiddenError(sentence("Only providers have a profile."))
    check_may_manage(actor, provider_id)
    values = checked_values(PROFILE_DEFAULTS | profile)

    def attempt() -> SavedProfile:
        try:
            before = get_provider(provider_id)
        except NotFoundError:
            # Only the owner can create a provider: its id is derived from theirs.
            if actor.provider_id != provider_id:
                raise
            check_version(0, expected_version)
            return SavedProfile(_create(provider_id, actor.user_id, values, first_hours, now), created=True)
        changed = _changed(before, values, now)
        stored = store_provider(before, changed, now, expected_version=expected_version)
        return SavedProfile(stored, created=False)

    return storage.retrying(attempt)


def draft_trades(*, actor: Actor, trades: Sequence[str], now: datetime) -> None:
    """Keep which trades the actor works in until there is a profile. One PutItem.

    Raises `ForbiddenError` for anyone but a provider, and `InvalidInputError`.
    """
    if actor.provider_id is None:
        raise ForbiddenError(sentence("Only providers have a profile."))
    kept = checked_values({"trades": tuple(trades)})["trades"]
    expires_at = epoch(now + _DRAFT_KEPT_FOR)
    draft = DraftItem(counter_key=draft_key(actor.provider_id), trades=list(kept), expires_at=expires_at)
    storage.write(storage.put("draft", draft))


def forget_draft_write(provider_id: str) -> storage.Write:
    """The deletion of what was drafted before there was a profile."""
    return storage.delete("draft", DraftItem, draft_key(provider_id))


def change_profile(
    *,
    actor: Actor,
    provider_id: str,
    changes: ProfileValues,
    expected_version: ExpectedVersion = None,
    now: datetime,
    also: Sequence[storage.Write] = (),
) -> Provider:
    """Change the named values of a profile and leave the others.

    `also` is written with the change, in its transaction. Raises `InvalidInputError`, `NotFoundError`,
    `ForbiddenError` and `StaleVersionError`.
    """
    check_may_manage(actor, provider_id)
    changes = checked_values(changes)

    def attempt() -> Provider:
        before = get_provider(provider_id)
        return store_provider(before, _changed(before, changes, now), now, also, expected_version=expected_version)

    return storage.retrying(attempt)


def replace_hours(
    *, actor: Actor, provider_id: str, hours: WorkingHours, expected_version: ExpectedVersion = None, now: datetime
) -> Provider:
    """Replace the weekly plan and all exceptions. Appointments that lie outside of the new hours stay.

    Raises `NotFoundError`, `ForbiddenError` and `StaleVersionError`.
    """
    check_may_manage(actor, provider_id)

    def attempt() -> Provider:
        before = get_provider(provider_id)
        return store_provider(before, replace(before, hours=hours), now, expected_version=expected_version)

    return storage.retrying(attempt)


def _changed(before: Provider, values: ProfileValues, now: datetime) -> Provider:
    """The provider with these values; the rate of tax that applied until now is kept for the jobs until now."""
    attributes = _attributes({"country": before.country, **values}, before.location)
    rate = attributes.pop("tax_rate_basis_points", before.tax_rate_basis_points)
    # By the clock where those jobs were, also of a provider that moves with this change.
    return replace(before.with_tax_rate(rate, now), **attributes)


def _attributes(values: ProfileValues, location: Point) -> dict[str, Any]:
    """The attributes of `Provider` that the values are; `location` has the coordinates that are not among them."""
    named: dict[str, Any] = dict(values)
    latitude = named.pop("latitude", location.latitude)
    longitude = named.pop("longitude", location.longitude)
    if "phone" in named:
        named["phone"] = checked_phone(named["phone"], named["country"])
    # Five decimals are one metre, and what is stored.
    return {**named, "location": Point(round(latitude, 5), round(longitude, 5))}


def _create(provider_id: str, owner_id: str, values: ProfileValues, hours: WorkingHours, now: datetime) -> Provider:
    provider = Provider(
        provider_id=provider_id,
        owner_id=owner_id,
        version=1,
        hours=hours,
        service_ids=(),
        categories=(),
        rating=RatingSummary(),
        former_tax_rates=(),
        created_at=now,
        updated_at=now,
        **_attributes(values, Point(values["latitude"], values["longitude"])),
    )
    item = outboxed(PROVIDERS.item(provider), provider_id, now)
    is_new = ProviderItem.provider_id.does_not_exist()
    storage.transact([storage.put("provider", item, condition=is_new), forget_draft_write(provider_id)])
    return provider
