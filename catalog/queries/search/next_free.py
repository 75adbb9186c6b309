"""The next free start of each of a page of services, for a list that is shown already."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.domain import Provider
from catalog.models import ProviderItem, ServiceItem
from catalog.queries.search.free import claim_keys, free_starts, read_claims
from catalog.records import PROVIDERS
from kernel import storage
from kernel.ids import parent_provider_id
from kernel.storage import MAX_BATCH_KEYS, Row
from kernel.values import dataclass

MAX_SERVICES = 25
# Days looked at, beginning with today where the provider is.
MAX_DAYS = 14
_MAX_READS_OF_CLAIMS = 2


@dataclass(frozen=True, slots=True)
class NextFree:
    """The first start that can be booked, and the zone of the place; `starts_at` is None if none was found."""

    service_id: str
    starts_at: datetime | None
    time_zone: str


def list_next_free(service_ids: Sequence[str], *, now: datetime, first_day: date | None = None) -> list[NextFree]:
    """When each of up to 25 services can be booked next, from that day of its place on; those that cannot are left out.

    Three BatchGetItem at most: one of the services with their providers, two of claims. So many services share the
    200 days of claims that of fully booked ones not all days are looked at.
    """
    offers = _read_offers([service_id for service_id in service_ids if parent_provider_id(service_id)][:MAX_SERVICES])
    found: dict[str, datetime] = {}
    days = {
        service_id: _open_days(provider, service, now, first_day) for service_id, (service, provider) in offers.items()
    }
    for _ in range(_MAX_READS_OF_CLAIMS):
        wanting = [service_id for service_id in offers if service_id not in found and days[service_id]]
        if not wanting:
            break
        found |= _look(wanting, offers, days, now)
    return [
        NextFree(service_id, found.get(service_id), provider.time_zone) for service_id, (_, provider) in offers.items()
    ]


_Offers = Mapping[str, tuple[Row, Provider]]


def _read_offers(service_ids: Sequence[str]) -> _Offers:
    provider_ids = sorted({parent_provider_id(service_id) or "" for service_id in service_ids})
    keys: list[storage.Key] = [(ServiceItem, service_id) for service_id in dict.fromkeys(service_ids)]
    keys += [(ProviderItem, provider_id) for provider_id in provider_ids]
    rows = [row for row in storage.get_rows(keys, consistent=False) if row is not None]
    providers = {row["provider_id"]: PROVIDERS.read(row) for row in rows if "service_id" not in row}
    return {
        row["service_id"]: (row, provider)
        for row in rows
        if "service_id" in row
        and row["active"]
        and (provider := providers.get(row["provider_id"])) is not None
        and provider.takes_bookings
    }


def _open_days(provider: Provider, service: Row, now: datetime, first_day: date | None) -> list[date]:
    """The next days on which an appointment could begin if nobody else had one."""
    today = now.astimezone(ZoneInfo(provider.time_zone)).date()
    first = max(today, first_day or today)
    further = (today - first).days + provider.horizon_days + 1
    days = (first + timedelta(days=offset) for offset in range(min(MAX_DAYS, further)))
    return [day for day in days if free_starts(provider, service, day, frozenset(), now)]


def _look(wanting: Sequence[str], offers: _Offers, days: dict[str, list[date]], now: datetime) -> dict[str, datetime]:
    """Read as many days of claims as one call may, a fair share for each service; what is free on them.

    The days that were looked at are taken off `days`.
    """
    share = max(MAX_BATCH_KEYS // len(wanting), 3)
    keys: set[tuple[str, str]] = set()
    looked: dict[str, list[date]] = {}
    for service_id in wanting:
        service, provider = offers[service_id]
        own: set[tuple[str, str]] = set()
        for day in days[service_id]:
            more = own | claim_keys(provider, service, day)
            if len(more) > share or len(keys | more) > MAX_BATCH_KEYS:
                break
            own = more
            looked.setdefault(service_id, []).append(day)
        keys |= own
    claimed: Mapping[str, Set[int]] = read_claims(keys, now)
    found = {}
    for service_id, looked_at in looked.items():
        service, provider = offers[service_id]
        days[service_id] = days[service_id][len(looked_at) :]
        taken = claimed.get(provider.provider_id, frozenset())
        starts = (start for day in looked_at for start in free_starts(provider, service, day, taken, now))
        first = next(starts, None)
        if first is not None:
            found[service_id] = first
    return found
