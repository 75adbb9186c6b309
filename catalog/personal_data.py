"""What the catalog stores about people: the provider that somebody runs, with its services."""

from datetime import datetime
from typing import Any

from catalog.domain import NO_HOURS, PROFILE_DEFAULTS, ServiceValues
from catalog.models import FavouritesItem
from catalog.queries import favourite_ids, get_drafted_trades, get_provider, list_provider_services, own_times_read
from catalog.representation import (
    represent_hours,
    represent_own_provider,
    represent_own_service,
    represent_own_time,
)
from catalog.services import (
    change_profile,
    change_service,
    forget_draft_write,
    forget_own_times_write,
    remove_all_photos,
    replace_hours,
)
from kernel import storage
from kernel.actors import Actor, Role
from kernel.errors import NotFoundError
from kernel.ids import provider_id_for
from photos.domain import Owner, OwnerKind

FORMER_PROVIDER = "Former provider"


def export(user_id: str, *, now: datetime) -> dict[str, Any]:
    """The person's favourites, and the provider with its services if they run one, or what they began to say of it."""
    favourites = {"favourites": sorted(favourite_ids(actor=Actor(user_id, Role.CUSTOMER)))}
    try:
        provider = get_provider(provider_id_for(user_id))
    except NotFoundError:
        trades = get_drafted_trades(provider_id_for(user_id))
        return favourites | ({"trades": list(trades)} if trades else {})
    return favourites | {
        "provider": represent_own_provider(provider),
        "working_hours": represent_hours(provider),
        "own_time": [represent_own_time(each) for each in storage.read(own_times_read(provider.provider_id))],
        "services": [represent_own_service(service) for service in list_provider_services(provider)],
    }


def erase(user_id: str, *, now: datetime) -> None:
    """Take the provider out of the market, and everything out of it that tells whose it was."""
    storage.write(storage.delete("favourites", FavouritesItem, user_id))
    owner = Actor(user_id=user_id, role=Role.PROVIDER)
    provider_id = provider_id_for(user_id)
    storage.write(forget_draft_write(provider_id))
    try:
        provider = replace_hours(actor=owner, provider_id=provider_id, hours=NO_HOURS, now=now)
    except NotFoundError:
        return
    storage.write(forget_own_times_write(provider_id))
    remove_all_photos(actor=owner, owner=Owner(OwnerKind.PROVIDER, provider_id), now=now)
    silent = ServiceValues(active=False, description="", questions=())
    for service_id in provider.service_ids:
        remove_all_photos(actor=owner, owner=Owner(OwnerKind.SERVICE, service_id), now=now)
        change_service(actor=owner, service_id=service_id, changes=silent, now=now)
    change_profile(
        actor=owner,
        provider_id=provider_id,
        changes={
            # Description, telephone, and whatever else of text need not be said.
            **{name: value for name, value in PROFILE_DEFAULTS.items() if isinstance(value, str)},
            "name": FORMER_PROVIDER,
            "latitude": 0.0,
            "longitude": 0.0,
            "accepting_bookings": False,
        },
        now=now,
    )
