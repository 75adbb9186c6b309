"""Judges a race: could what the clients were told, and what is stored, come from bookings made one after the other?

The judge knows nothing of how the application works. Outcomes without an answer are indeterminate: their booking may
exist or not, but it must be whole, and whoever asks again with the same key must be told the truth.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from kernel.storage import Row
from tests.functional.races.clients import Outcome
from tests.functional.races.stored import Stored

_CELL = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def find_violations(outcomes: Sequence[Outcome], stored: Stored) -> list[str]:
    """Every contradiction found, in words; an empty list acquits."""
    return [
        *_unexpected_answers(outcomes),
        *_double_bookings(stored),
        *_claims_without_bookings(stored),
        *_orphans(stored),
        *_broken_promises(outcomes, stored),
        *_differing_repetitions(outcomes),
        *_false_refusals(outcomes, stored),
    ]


def _unexpected_answers(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if not (outcome.is_booked or outcome.is_slot_taken or outcome.is_indeterminate):
            yield f"{outcome.attempt.user_id} was answered {outcome.status}: {outcome.body[:300].decode()}"


def _cells(booking: Row) -> range:
    """The quarter hours that a booking keeps from others, numbered from 1970."""
    first = booking["starts_at"] - timedelta(minutes=booking["buffer_before_minutes"])
    last = booking["starts_at"] + timedelta(minutes=booking["duration_minutes"] + booking["buffer_after_minutes"])
    return range((first - _EPOCH) // _CELL, -((_EPOCH - last) // _CELL))


def _double_bookings(stored: Stored) -> Iterator[str]:
    owners: dict[int, list[str]] = defaultdict(list)
    for booking_id, booking in stored.bookings.items():
        for cell in _cells(booking):
            owners[cell].append(booking_id)
    for cell, booking_ids in owners.items():
        if len(booking_ids) > 1:
            yield f"double booking: {len(booking_ids)} bookings have the quarter hour {_EPOCH + cell * _CELL:%F %H:%M}"


def _claims_without_bookings(stored: Stored) -> Iterator[str]:
    """Claims and live bookings correspond one to one; in these races every booking is live."""
    expected = {(cell, booking_id) for booking_id, booking in stored.bookings.items() for cell in _cells(booking)}
    actual = set(stored.claims.items())
    for cell, booking_id in sorted(expected - actual):
        yield f"booking {booking_id} does not hold its quarter hour {_EPOCH + cell * _CELL:%F %H:%M}"
    for cell, booking_id in sorted(actual - expected):
        yield f"the quarter hour {_EPOCH + cell * _CELL:%F %H:%M} is claimed by {booking_id}, which does not need it"


def _orphans(stored: Stored) -> Iterator[str]:
    for booking_id in stored.bookings.keys() ^ stored.details:
        yield f"{booking_id} has a booking or details, but not both"
    recorded = list(stored.records.values())
    for booking_id in stored.bookings.keys() ^ set(recorded):
        yield f"{booking_id} has a booking or an idempotency record, but not both"
    if len(recorded) != len(set(recorded)):
        yield "one booking answers for several idempotency keys"


def _broken_promises(outcomes: Iterable[Outcome], stored: Stored) -> Iterator[str]:
    """Whoever was told 201 has that booking, and nobody has one without having asked."""
    asked = set()
    for outcome in outcomes:
        attempt = outcome.attempt
        if outcome.is_booked:
            booking = stored.bookings.get(outcome.document["id"])
            if booking is None:
                yield f"{attempt.user_id} was promised {outcome.document['id']}, which does not exist"
            elif booking["customer_id"] != attempt.user_id or booking["starts_at"] != _instant(attempt.starts_at):
                yield f"{attempt.user_id} was promised {booking['booking_id']}, which is for somebody or something else"
        if outcome.is_booked or outcome.is_indeterminate:
            asked.add((attempt.user_id, _instant(attempt.starts_at)))
    for booking_id, booking in stored.bookings.items():
        if (booking["customer_id"], booking["starts_at"]) not in asked:
            yield f"{booking['customer_id']} has {booking_id}, but was told otherwise"


def _differing_repetitions(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One key, one answer: the same body each time, and at most one that is not marked as a replay."""
    by_key: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.is_booked:
            by_key[outcome.attempt.user_id, outcome.attempt.key].append(outcome)
    for (user_id, key), booked in by_key.items():
        if len({outcome.body for outcome in booked}) > 1:
            yield f"{user_id} was given different answers for the key {key}"
        if sum(not outcome.replayed for outcome in booked) > 1:
            yield f"{user_id} was told several times that the key {key} made something new"


def _false_refusals(outcomes: Iterable[Outcome], stored: Stored) -> Iterator[str]:
    """A slot is refused only to those without it, and only after somebody else had asked for time that overlaps."""
    first_asked: dict[str, float] = {}
    for outcome in outcomes:
        booking_id = stored.records.get(f"{outcome.attempt.user_id}#{outcome.attempt.key}")
        if booking_id is not None:
            first_asked[booking_id] = min(outcome.asked_at, first_asked.get(booking_id, outcome.asked_at))
    for outcome in outcomes:
        if not outcome.is_slot_taken:
            continue
        attempt = outcome.attempt
        if f"{attempt.user_id}#{attempt.key}" in stored.records:
            yield f"{attempt.user_id} was refused the slot {attempt.starts_at} that it has"
        wanted = _wanted_cells(attempt.starts_at, stored)
        winners = {stored.claims[cell] for cell in wanted if cell in stored.claims}
        if not any(first_asked.get(winner, outcome.answered_at) < outcome.answered_at for winner in winners):
            yield f"{attempt.user_id} was refused the slot {attempt.starts_at} that nobody had"


def _wanted_cells(starts_at: str, stored: Stored) -> range:
    """The cells of a refused attempt, which differs from those that succeeded by its start alone."""
    example = next(iter(stored.bookings.values()), None)
    return range(0) if example is None else _cells({**example, "starts_at": _instant(starts_at)})


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
