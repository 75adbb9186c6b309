"""Services that can be booked on a date: hours, notice, horizon and claims are considered."""

from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import date, datetime

from catalog.domain import Provider, blocked_cells, cell_position, day_bounds, offered_starts
from catalog.models import ProviderItem, SlotClaimsItem
from catalog.queries.claims import claimed_cells
from catalog.records import PROVIDERS
from kernel import storage
from kernel.storage import Row


def select_free(services: list[Row], *, day: date, now: datetime) -> list[Row]:
    """The services that can be booked for a start on that date, by the clocks of their provider's place.

    Two BatchGetItem at most, for up to 25 services: one of their providers, one of the days that the candidates'
    appointments can touch (three UTC days each).
    """
    providers = _read_providers(services)

    def has_start(service: Row, claimed: Set[int]) -> bool:
        provider = providers.get(service["provider_id"])
        return provider is not None and bool(free_starts(provider, service, day, claimed, now))

    candidates = [service for service in services if has_start(service, frozenset())]
    keys = {key for service in candidates for key in claim_keys(providers[service["provider_id"]], service, day)}
    claimed = read_claims(keys, now)
    return [service for service in candidates if has_start(service, claimed[service["provider_id"]])]


def _read_providers(services: list[Row]) -> dict[str, Provider]:
    provider_ids = sorted({service["provider_id"] for service in services})
    rows = storage.get_rows([(ProviderItem, provider_id) for provider_id in provider_ids], consistent=False)
    return {row["provider_id"]: PROVIDERS.read(row) for row in rows if row is not None}


def read_claims(keys: set[tuple[str, str]], now: datetime) -> Mapping[str, Set[int]]:
    """The cells that are taken, by provider, on those days (provider id, UTC date). One BatchGetItem."""
    claimed: defaultdict[str, set[int]] = defaultdict(set)
    for row in storage.get_rows([(SlotClaimsItem, *key) for key in sorted(keys)], consistent=False):
        if row is not None:
            claimed[row["provider_id"]] |= claimed_cells(row, now=now)
    return claimed


def free_starts(provider: Provider, service: Row, day: date, claimed: Set[int], now: datetime) -> list[datetime]:
    """The starts of the service on that date, where its provider is, beside what is claimed."""
    start, end = day_bounds(provider, day)
    return offered_starts(
        provider,
        duration_minutes=service["duration_minutes"],
        start=start,
        end=end,
        claimed_cells=claimed,
        now=now,
    )


def claim_keys(provider: Provider, service: Row, day: date) -> set[tuple[str, str]]:
    """The keys of the claims that could stand in the way of a start on that date."""
    start, end = day_bounds(provider, day)
    minutes = int((end - start).total_seconds()) // 60 + service["duration_minutes"]
    cells = blocked_cells(start, minutes, provider.buffer_before_minutes, provider.buffer_after_minutes)
    return {(provider.provider_id, cell_position(cell)[0].isoformat()) for cell in cells}
