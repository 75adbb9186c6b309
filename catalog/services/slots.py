"""Claims on a provider's time, handed out as writes for the transaction of the booking that they belong to.

A booking claims every quarter hour that it blocks, buffers included, with one update per UTC day. The condition of
that update is per quarter hour: it is free, or held by a request that has lapsed. So overlap of any length is
impossible, and a lapsed hold frees its time by itself. A claim with `held_until` is a hold; without, it is firm.

What the provider keeps for themselves of a day is one text beside its claims. A claim's condition is that there is
none, or that it is the one that a failure has shown (`learn_own_time`) and that the claimed quarter hours lie outside.
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from catalog.domain import CELL_MINUTES, MAX_BLOCKED_CELLS, cell_position, own_positions, parts_by_day
from catalog.models import CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, SlotClaimsItem
from catalog.queries.claims import claimed_cells
from kernel import storage
from kernel.clock import epoch
from kernel.errors import ConflictError, UnprocessableError
from kernel.sentences import sentence

# How long a day's claims are kept after it began: for questions about what happened.
_KEPT_FOR = timedelta(days=40)
_WRITE_NAME = "claims:"
# Of the 300 that DynamoDB takes in one condition.
_MAX_OPERATORS = 240
_CLAIMS = tuple(Path([name]) for name in CLAIM_ATTRIBUTES)
_HOLDS = tuple(Path([name]) for name in HOLD_ATTRIBUTES)


# The provider's own time on days where there is any, as it was read.
OwnTimes = Mapping[date, str]
NO_OWN_TIMES: OwnTimes = MappingProxyType({})


def claim_writes(
    *,
    provider_id: str,
    booking_id: str,
    cells: range,
    held_until: datetime | None,
    now: datetime,
    own_times: OwnTimes = NO_OWN_TIMES,
) -> list[storage.Write]:
    """Claim the cells; the writes fail where another booking has any of them, or own time is not as it was read.

    Raises `UnprocessableError` naming `service_id` for more than 12 hours.
    """
    _check_length(cells)
    return _writes(
        provider_id, booking_id, old=(), new=cells, held_until=held_until, lapsed_by=epoch(now), own_times=own_times
    )


def confirm_writes(*, provider_id: str, booking_id: str, cells: range) -> list[storage.Write]:
    """Make the booking's hold firm; the writes fail if it lapsed and another booking has taken any of it."""
    return _writes(provider_id, booking_id, old=cells, new=cells)


def move_writes(
    *,
    provider_id: str,
    booking_id: str,
    old: range,
    new: range,
    held_until: datetime | None,
    now: datetime,
    lapsed: Set[int] = frozenset(),
    own_times: OwnTimes = NO_OWN_TIMES,
) -> list[storage.Write]:
    """Give up the old cells for the new ones, some of which may be the same; fails where a new cell is not free.

    A long move within a day also fails where a hold has lapsed but was not swept yet. Add `lapsed_cells` of the failure
    to `lapsed` and try again.
    """
    _check_length(new)
    return _writes(
        provider_id,
        booking_id,
        old=old,
        new=new,
        held_until=held_until,
        lapsed_by=epoch(now),
        lapsed=lapsed,
        own_times=own_times,
    )


def release_writes(
    *, provider_id: str, booking_id: str, cells: range, lost: Set[int] = frozenset()
) -> list[storage.Write]:
    """Give up the cells without those in `lost`; the writes fail if another booking has taken more of them.

    That happens only to lapsed holds. Add `lost_cells` of the failure to `lost` and try again.
    """
    kept = [cell for cell in cells if cell not in lost]
    return _writes(provider_id, booking_id, old=kept, new=())


def lost_cells(booking_id: str, cells: range, failure: storage.ConditionFailedError) -> set[int]:
    """The cells that the booking does not have any more, as the failed writes found."""
    lost = set()
    for cell in cells:
        day, position = cell_position(cell)
        name = f"{_WRITE_NAME}{day}"
        if name in failure.failed and (failure.failed[name] or {}).get(CLAIM_ATTRIBUTES[position]) != booking_id:
            lost.add(cell)
    return lost


def lapsed_cells(booking_id: str, cells: range, failure: storage.ConditionFailedError, *, now: datetime) -> set[int]:
    """The cells whose holds of other bookings have lapsed and were not swept; none if others have any of the cells."""
    lapsed = set()
    for cell in cells:
        day, position = cell_position(cell)
        row = failure.failed.get(f"{_WRITE_NAME}{day}") or {}
        if row.get(CLAIM_ATTRIBUTES[position], booking_id) != booking_id:
            if row.get(HOLD_ATTRIBUTES[position], math.inf) > epoch(now):
                return set()
            lapsed.add(cell)
    return lapsed


def learn_own_time(cells: range, failure: storage.ConditionFailedError, known: OwnTimes) -> OwnTimes | None:
    """What the failed claim of these cells found of the provider's own time, if it may succeed knowing that.

    None where nothing is new, or the cells lie in own time: then they are taken.
    """
    found = dict(known)
    for day, positions in parts_by_day(cells):
        name = f"{_WRITE_NAME}{day}"
        if name not in failure.failed:
            continue
        text = (failure.failed[name] or {}).get("own_time")
        found.pop(day, None)
        if text is not None:
            if not own_positions(text).isdisjoint(positions):
                return None
            found[day] = text
    return found if found != known else None


def are_taken(*, provider_id: str, cells: range, now: datetime, but_by: str | None = None) -> bool:
    """Whether the provider, or any booking other than the one named, has any of the cells.

    One read; a write decides for itself.
    """
    days = sorted(_by_day(cells))
    rows = storage.get_rows([(SlotClaimsItem, provider_id, day.isoformat()) for day in days])
    return any(claimed_cells(row, now=now, but_by=but_by) & set(cells) for row in rows if row is not None)


def slot_taken() -> ConflictError:
    """The refusal when claims failed: another booking, or the provider, has some of the time."""
    return ConflictError(sentence("This time has just been taken. Choose another start."), code="slot_taken")


def is_refusal(failure: storage.ConditionFailedError) -> bool:
    """Whether claims were among the conditions that failed."""
    return any(name.startswith(_WRITE_NAME) for name in failure.failed)


def purge_at(day: date) -> int:
    """The second from which DynamoDB may sweep the claims on a UTC day."""
    return epoch(datetime.combine(day, datetime.min.time(), UTC) + _KEPT_FOR)


def _check_length(cells: range) -> None:
    if len(cells) > MAX_BLOCKED_CELLS:
        hours = MAX_BLOCKED_CELLS * CELL_MINUTES // 60
        message = sentence("One booking may block at most %(hours)s hours, buffers included.", hours=hours)
        raise UnprocessableError.of("service_id", message, "too_long")


def _by_day(cells: Iterable[int]) -> dict[date, list[int]]:
    days: dict[date, list[int]] = {}
    for cell in cells:
        day, position = cell_position(cell)
        days.setdefault(day, []).append(position)
    return days


def _writes(
    provider_id: str,
    booking_id: str,
    *,
    old: Iterable[int],
    new: Iterable[int],
    held_until: datetime | None = None,
    lapsed_by: int = 0,
    lapsed: Set[int] = frozenset(),
    own_times: OwnTimes | None = None,
) -> list[storage.Write]:
    """One update per day. The old cells must be the booking's; those only in `new` must be free, or held up to the
    second `lapsed_by` at most; those only in `old` are given up. `own_times` None: whatever the provider keeps.
    """
    old_days, new_days, lapsed_days = _by_day(old), _by_day(new), _by_day(lapsed)
    return [
        _day_write(
            provider_id,
            booking_id,
            day,
            old=old_days.get(day, ()),
            new=new_days.get(day, ()),
            held_until=held_until,
            lapsed_by=lapsed_by,
            lapsed=lapsed_days.get(day, ()),
            own_time=None if own_times is None or day not in new_days else own_times.get(day, ""),
        )
        for day in sorted(old_days | new_days)
    ]


def _day_write(
    provider_id: str,
    booking_id: str,
    day: date,
    *,
    old: Sequence[int],
    new: Sequence[int],
    held_until: datetime | None,
    lapsed_by: int,
    lapsed: Sequence[int],
    own_time: str | None,
) -> storage.Write:
    prepared = _day_expressions(
        tuple(old),
        tuple(new),
        tuple(lapsed),
        is_held=held_until is not None,
        has_own_time=None if own_time is None else bool(own_time),
    )
    return prepared.update(
        f"{_WRITE_NAME}{day}",
        provider_id,
        day.isoformat(),
        booking=booking_id,
        held_until=epoch(held_until) if held_until else None,
        lapsed_by=lapsed_by,
        own_time=own_time,
        purge_at=purge_at(day),
    )


# Most bookings of a provider begin at the same times, and last as long as others.
@lru_cache(maxsize=2048)
def _day_expressions(
    old: tuple[int, ...],
    new: tuple[int, ...],
    lapsed: tuple[int, ...],
    *,
    is_held: bool,
    has_own_time: bool | None,
) -> storage.Prepared:
    """The condition and the actions of `_day_write`; `has_own_time` None: whatever the provider keeps."""
    booking, lapsed_by = storage.text_parameter("booking"), storage.number_parameter("lapsed_by")
    conditions: list[Condition] = [_CLAIMS[position] == booking for position in old]
    if has_own_time is not None:
        conditions.append(own_time_condition(storage.text_parameter("own_time") if has_own_time else ""))
    actions: list[Action] = []
    gained = [position for position in new if position not in old]
    is_long = 2 * len(conditions) + 4 * len(gained) > _MAX_OPERATORS
    for position in new:
        if position in gained:
            is_free, is_lapsed = _CLAIMS[position].does_not_exist(), _HOLDS[position] <= lapsed_by
            if is_long:
                # Two operators instead of four: the caller knows which of the two to ask for.
                conditions.append(is_lapsed if position in lapsed else is_free)
            else:
                conditions.append(is_free | is_lapsed)
            actions.append(_CLAIMS[position].set(booking))
        # A hold that lapsed may have left its limit behind: a firm claim has none.
        until = storage.number_parameter("held_until")
        actions.append(_HOLDS[position].set(until) if is_held else _HOLDS[position].remove())
    for position in old:
        if position not in new:
            actions += [_CLAIMS[position].remove(), _HOLDS[position].remove()]
    if new:
        actions.append(SlotClaimsItem.purge_at.set(storage.number_parameter("purge_at")))
    return storage.Prepared(SlotClaimsItem, condition=all_of(conditions), actions=actions)


def own_time_condition(text: str) -> Condition:
    """The provider keeps of a day what the text says, which is empty for nothing."""
    own_time = SlotClaimsItem.own_time
    unchanged: Condition = own_time == text if text else own_time.does_not_exist()
    return unchanged


def seen_condition(position: int, row: storage.Row, now: datetime) -> Condition:
    """Whoever had that quarter hour of the day when its row was read has it still; a lapsed hold was not renewed."""
    holder, until = row.get(CLAIM_ATTRIBUTES[position]), row.get(HOLD_ATTRIBUTES[position], math.inf)
    if holder is None:
        free: Condition = _CLAIMS[position].does_not_exist()
        return free
    unchanged: Condition = _CLAIMS[position] == holder if until > epoch(now) else _HOLDS[position] <= epoch(now)
    return unchanged


def all_of(conditions: Sequence[Condition]) -> Condition:
    """All conditions joined two by two: a chain would nest as deep as it is long."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    joined: Condition = all_of(conditions[:middle]) & all_of(conditions[middle:])
    return joined
