"""Keeping time free: own time is set in the days of claims that it touches and in the provider's list of it, at once.

What is booked in it is shown first (`TimeIsBookedError`), and stays only if the provider says so of each booking. The
condition of each day holds all that was read of it: nobody can book the time meanwhile without being seen.
"""

import secrets
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from catalog.domain import (
    MAX_OWN_TIMES,
    OwnTime,
    OwnTimeKind,
    Provider,
    check_may_manage,
    own_span,
    parts_by_day,
    parts_text,
    read_parts,
)
from catalog.domain.cells import cell_start, first_cell
from catalog.models import OwnTimesItem, SlotClaimsItem
from catalog.queries import get_provider
from catalog.queries.claims import booked_positions
from catalog.queries.own_time import OWN_TIMES_DAY, find_own_time, own_times_read
from catalog.records import own_times_value
from catalog.services.changes import check_version
from catalog.services.slots import all_of, own_time_condition, purge_at, seen_condition
from kernel import storage
from kernel.actors import Actor
from kernel.errors import ConflictError, UnprocessableError
from kernel.idempotency import IdempotentRequest, Outcome, find_outcome, remember_write, replayed_outcome
from kernel.sentences import sentence
from kernel.values import dataclass
from kernel.versions import ExpectedVersion

# Own time that is over is listed so long, for the calendar of past weeks: as long as its days are kept.
_LISTED_FOR = timedelta(days=40)
# The provider's list, and the record of the call.
_OTHER_ITEMS = 2


class TimeIsBookedError(ConflictError):
    """Something is booked in the time: `bookings` are the ids of all of it, also of what the provider said to keep."""

    code = "time_is_booked"

    def __init__(self, bookings: Sequence[str]) -> None:
        super().__init__(
            sentence("Something is booked in this time. Move or cancel it first, or keep it and block the rest.")
        )
        self.bookings = tuple(bookings)


@dataclass(frozen=True, slots=True)
class OwnTimeValues:
    """What a provider sets: dates of their place, both included, or instants."""

    kind: OwnTimeKind
    first: date | datetime
    last: date | datetime


def block_time(
    *,
    actor: Actor,
    provider_id: str,
    values: OwnTimeValues,
    keep: Set[str] = frozenset(),
    idempotency: IdempotentRequest[OwnTime],
    now: datetime,
) -> Outcome[OwnTime]:
    """Keep a time free: nobody can book it from now on. `keep` names bookings in it that stay.

    Two reads and one transaction. Raises `NotFoundError`, `ForbiddenError`, `InvalidInputError`, `UnprocessableError`,
    `TimeIsBookedError` while anything is booked in it that `keep` does not name, and `ConflictError`
    (`too_many_own_times`).
    """
    check_may_manage(actor, provider_id)

    def attempt() -> Outcome[OwnTime]:
        provider = get_provider(provider_id)
        start, end = own_span(provider, values.first, values.last, now=now, begun_at=None)
        own_time = OwnTime(
            own_time_id=secrets.token_hex(6),
            version=1,
            kind=values.kind,
            starts_at=start,
            ends_at=end,
            time_zone=provider.time_zone,
            is_whole_days=_are_dates(values),
        )
        outcome = idempotency.outcome(own_time)
        calendar = _read_calendar(provider_id, range(0), own_time.cells, now)
        if len(calendar.listed) >= MAX_OWN_TIMES:
            message = sentence("You have as much own time as you can have. Remove some of it first.")
            raise ConflictError(message, code="too_many_own_times")
        try:
            storage.transact(
                [
                    remember_write(idempotency, outcome, now=now),
                    _list_write(calendar, [*calendar.listed, own_time]),
                    *_day_writes(calendar, own_time.own_time_id, range(0), own_time.cells, keep, now),
                ]
            )
        except storage.ConditionFailedError as failure:
            earlier = replayed_outcome(idempotency, failure)
            if earlier is None:
                raise
            return earlier
        return outcome

    try:
        return storage.retrying(attempt)
    except (ConflictError, UnprocessableError):
        # By now the time may be over, or booked where the first call with this key was told what to keep.
        earlier = find_outcome(idempotency, now=now)
        if earlier is None:
            raise
        return earlier


def change_own_time(
    *,
    actor: Actor,
    provider_id: str,
    own_time_id: str,
    values: OwnTimeValues,
    keep: Set[str] = frozenset(),
    expected_version: ExpectedVersion = None,
    now: datetime,
) -> OwnTime:
    """Give own time another span or kind, in one transaction: what it gives up is free at once.

    What was booked in it all along stays as it is. Raises `NotFoundError`, `ForbiddenError`, `InvalidInputError`,
    `StaleVersionError`, `TimeIsBookedError` while anything is booked in the new span that `keep` does not name, and
    `UnprocessableError`, with the code `too_far_apart` where both spans together have too many days.
    """
    check_may_manage(actor, provider_id)

    def attempt() -> OwnTime:
        provider = get_provider(provider_id)
        before = _find(provider_id, own_time_id, now)
        after = _changed(before, provider, values, now)
        if after == before:
            # Perhaps the same change was made before, and its answer was lost.
            return before
        check_version(before.version, expected_version)
        after = replace(after, version=before.version + 1)
        calendar = _read_calendar(provider_id, before.cells, after.cells, now)
        storage.transact(
            [
                _list_write(calendar, [*_others(calendar, before), after]),
                *_day_writes(calendar, own_time_id, before.cells, after.cells, keep, now),
            ]
        )
        return after

    return storage.retrying(attempt)


def free_own_time(
    *,
    actor: Actor,
    provider_id: str,
    own_time_id: str,
    expected_version: ExpectedVersion = None,
    now: datetime,
) -> OwnTime:
    """Let the time be booked again. Returns what it was.

    Raises `NotFoundError`, `ForbiddenError` and `StaleVersionError`.
    """
    check_may_manage(actor, provider_id)

    def attempt() -> OwnTime:
        before = _find(provider_id, own_time_id, now)
        check_version(before.version, expected_version)
        calendar = _read_calendar(provider_id, before.cells, range(0), now)
        storage.transact(
            [
                _list_write(calendar, _others(calendar, before)),
                *_day_writes(calendar, own_time_id, before.cells, range(0), frozenset(), now),
            ]
        )
        return before

    return storage.retrying(attempt)


def forget_own_times_write(provider_id: str) -> storage.Write:
    """The deletion of a provider's list of own time, for their erasure. Its parts go with their days."""
    return storage.delete("own times", OwnTimesItem, provider_id, OWN_TIMES_DAY)


def _find(provider_id: str, own_time_id: str, now: datetime) -> OwnTime:
    """The own time that is to be changed. Raises `NotFoundError`."""
    return find_own_time(_listed(storage.read(own_times_read(provider_id)), now), own_time_id)


def _are_dates(values: OwnTimeValues) -> bool:
    return not isinstance(values.first, datetime) and not isinstance(values.last, datetime)


def _changed(before: OwnTime, provider: Provider, values: OwnTimeValues, now: datetime) -> OwnTime:
    start, end = own_span(provider, values.first, values.last, now=now, begun_at=before.starts_at)
    return replace(
        before,
        kind=values.kind,
        starts_at=start,
        ends_at=end,
        time_zone=provider.time_zone,
        is_whole_days=_are_dates(values),
    )


# --- The calendar as it was read -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The provider's own times, and the days of claims that a change of one touches, at one moment."""

    provider_id: str
    version: int | None
    listed: Sequence[OwnTime]
    days: Mapping[date, storage.Row | None]


def _read_calendar(provider_id: str, old: range, new: range, now: datetime) -> _Calendar:
    """One BatchGetItem. Days that are over are left out: nobody books them. Raises `UnprocessableError`."""
    today = now.date()
    touched = {day for cells in (old, new) for day, _ in parts_by_day(cells)}
    days = sorted(day for day in touched if day >= today)
    if len(days) + _OTHER_ITEMS > storage.MAX_TRANSACTION_ITEMS:
        message = sentence("These times are too far apart for one change. Remove this one and add another.")
        raise UnprocessableError.of("to", message, "too_far_apart")
    listed, *rows = storage.get_rows(
        [
            (OwnTimesItem, provider_id, OWN_TIMES_DAY),
            *((SlotClaimsItem, provider_id, day.isoformat()) for day in days),
        ]
    )
    own_times = own_times_read(provider_id).build([listed])
    return _Calendar(
        provider_id,
        version=listed["version"] if listed else None,
        listed=_listed(own_times, now),
        days=dict(zip(days, rows, strict=True)),
    )


def _listed(own_times: Sequence[OwnTime], now: datetime) -> list[OwnTime]:
    """What is not over for so long that the next change drops it."""
    return [each for each in own_times if now < each.ends_at + _LISTED_FOR]


def _others(calendar: _Calendar, own_time: OwnTime) -> list[OwnTime]:
    """All own time but this, if this is still as it was read before its days; else all is to be read again."""
    if own_time not in calendar.listed:
        raise storage.ConditionFailedError({})
    return [each for each in calendar.listed if each != own_time]


def _list_write(calendar: _Calendar, own_times: Sequence[OwnTime]) -> storage.Write:
    """The write of the list, if it is still the one that was read."""
    version = OwnTimesItem.version
    item = OwnTimesItem(
        provider_id=calendar.provider_id,
        day=OWN_TIMES_DAY,
        version=(calendar.version or 0) + 1,
        own_times=own_times_value(own_times),
    )
    return storage.put(
        "own times",
        item,
        condition=version.does_not_exist() if calendar.version is None else version == calendar.version,
    )


def _day_writes(
    calendar: _Calendar, own_time_id: str, old: range, new: range, keep: Set[str], now: datetime
) -> list[storage.Write]:
    """One update per day that changes. Raises `TimeIsBookedError`."""
    given_up, taken = dict(parts_by_day(old)), dict(parts_by_day(new))
    gained = {day: [each for each in part if each not in given_up.get(day, ())] for day, part in taken.items()}
    booked = [
        booking_id
        for day, row in calendar.days.items()
        for position, booking_id in sorted(booked_positions(row or {}, now=now).items())
        if position in gained.get(day, ()) and not _is_over(day, position, now)
    ]
    if set(booked) - keep:
        raise TimeIsBookedError(list(dict.fromkeys(booked)))
    return [
        _day_write(calendar.provider_id, own_time_id, day, row, taken.get(day), gained.get(day, ()), now)
        for day, row in calendar.days.items()
        if given_up.get(day) != taken.get(day) and (row is not None or day in taken)
    ]


def _is_over(day: date, position: int, now: datetime) -> bool:
    return cell_start(first_cell(day) + position + 1) <= now


def _day_write(
    provider_id: str,
    own_time_id: str,
    day: date,
    row: storage.Row | None,
    part: range | None,
    gained: Sequence[int],
    now: datetime,
) -> storage.Write:
    text = (row or {}).get("own_time", "")
    parts = read_parts(text)
    parts.pop(own_time_id, None)
    if part:
        parts[own_time_id] = part
    own_time = SlotClaimsItem.own_time
    actions: list[Action] = [own_time.set(parts_text(parts)) if parts else own_time.remove()]
    if part:
        actions.append(SlotClaimsItem.purge_at.set(purge_at(day)))
    return storage.update(
        f"own time:{day}",
        SlotClaimsItem,
        provider_id,
        day.isoformat(),
        actions=actions,
        condition=_unchanged(day, row, text, gained, now),
    )


def _unchanged(day: date, row: storage.Row | None, text: str, gained: Sequence[int], now: datetime) -> Condition:
    """What the provider keeps of the day, and who has which of the gained quarter hours, is as it was read."""
    if row is None:
        absent: Condition = SlotClaimsItem.provider_id.does_not_exist()
        return absent
    claims = [seen_condition(position, row, now) for position in gained if not _is_over(day, position, now)]
    return all_of([own_time_condition(text), *claims])
