"""The figures of the marketplace, kept by the events, so that the admin's first page counts nothing.

Each event counts once: a mark of it is written in the transaction that counts. `recount` puts right what was counted
wrongly, or not at all, from bookings and reviews themselves.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from bookings.domain import Booking, HistoryEntry, Status
from bookings.events import EVENT_TYPES as BOOKING_EVENTS
from bookings.events import BookingEvent
from bookings.queries import get_booking, iterate_listed
from kernel import storage
from kernel.actors import SYSTEM
from kernel.clock import epoch, to_rfc3339
from kernel.errors import NotFoundError
from kernel.listing import LIST_KEYS, list_key
from kernel.storage import Item, Row, physical_name
from kernel.values import dataclass
from reviews.events import ReviewSubmitted, id_of_event
from reviews.queries import find_review
from reviews.queries import iterate_listed as iterate_listed_reviews

# A day is shown, and a month kept, for longer than any event is published again.
SHOWN_DAYS = 30
_MARKED_FOR = timedelta(days=30)
_KEPT_FOR = timedelta(days=400)
_LATEST_REVIEWS = 5
MADE = "made"
REVIEWS = "reviews"


class FiguresItem(Item):
    """Counts of one shard: of now (an attribute for each status), or of a month (`made 28`, `paid 28`, `EUR 28`)."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    # Rises with everything that is counted.
    revision = NumberAttribute(null=True)
    expires_at = NumberAttribute(attr_name="expiresAt", null=True)


class CountedEventItem(Item):
    """The mark of an event that is counted."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    expires_at = NumberAttribute(attr_name="expiresAt")


class NewestReviewsItem(Item):
    """The newest reviews: `[[review id, stars, service, when], …]`, the newest first."""

    class Meta:
        table_name = physical_name("counters-table")

    counter_key = UnicodeAttribute(hash_key=True, attr_name="counterKey")
    revision = NumberAttribute(null=True)
    reviews = JSONAttribute()


NEWEST_REVIEWS_KEY = "figures#newest-reviews"
_META = frozenset({"counter_key", "revision", "expires_at"})


def now_key(shard: str) -> str:
    """The item with how many bookings are in each status, of one shard."""
    return f"figures#now#{shard}"


def month_key(day: date, shard: str) -> str:
    """The item with what happened on each day of a month, of one shard."""
    return f"figures#{day:%Y-%m}#{shard}"


# --- Counting --------------------------------------------------------------------------------------------------------


def count_booking(event: BookingEvent, now: datetime) -> None:
    """Count what the event did to its booking. May be repeated, late, and out of order."""
    try:
        booking, _ = get_booking(actor=SYSTEM, booking_id=event.booking_id)
    except NotFoundError:
        return
    entry = next((entry for entry in booking.history if entry.version == event.version), None)
    if entry is None:
        return
    of_now, of_day = _differences(booking, entry)
    if not of_now and not of_day:
        return
    shard, day = list_key(booking.booking_id), _day(entry.at)
    _count_once(
        event.event_id,
        [_adding(now_key(shard), of_now), _adding(month_key(day, shard), _dated(of_day, day), expires=now)],
        now,
    )


def count_review(event: ReviewSubmitted, now: datetime) -> None:
    """Count the review, and keep it among the newest. May be repeated, late, and out of order."""
    day, shard = _day(event.occurred_at), list_key(event.review_id)
    counted = _adding(month_key(day, shard), _dated(Counter({REVIEWS: 1}), day), expires=now)
    _count_once(event.event_id, [counted], now)
    keep_newest(event.review_id)


def _differences(booking: Booking, entry: HistoryEntry) -> tuple[Counter[str], Counter[str]]:
    """How many more bookings are in each status after the change, and what happened on its day."""
    of_now, of_day = Counter[str](), Counter[str]()
    if entry.from_status is entry.to_status:
        return of_now, of_day
    of_now[entry.to_status.value] += 1
    of_day[entry.to_status.value] += 1
    if entry.from_status is None:
        of_day[MADE] += 1
    else:
        of_now[entry.from_status.value] -= 1
    if entry.to_status is Status.PAID:
        of_day[booking.price.currency] += booking.price.amount
    return of_now, of_day


def _dated(counts: Counter[str], day: date) -> Counter[str]:
    return Counter({f"{name} {day.day}": count for name, count in counts.items()})


def _adding(key: str, counts: Mapping[str, int], *, expires: datetime | None = None) -> storage.Write:
    actions: list[Action] = [Path([name]).add(count) for name, count in counts.items()]
    actions.append(FiguresItem.revision.add(1))
    if expires is not None:
        actions.append(FiguresItem.expires_at.set(epoch(expires + _KEPT_FOR)))
    return storage.update(key, FiguresItem, key, actions=actions)


def _count_once(event_id: str, writes: Sequence[storage.Write], now: datetime) -> None:
    mark = CountedEventItem(counter_key=_mark(event_id), expires_at=epoch(now + _MARKED_FOR))
    marking = storage.put("mark", mark, condition=CountedEventItem.counter_key.does_not_exist())
    try:
        storage.transact([marking, *writes])
    except storage.ConditionFailedError:
        # It is counted.
        return


def _mark(event_id: str) -> str:
    return f"counted#{event_id}"


def keep_newest(review_id: str) -> None:
    """Keep the review among the newest, if it is one of them. May be repeated. Raises `BusyError`."""
    storage.retrying(lambda: _keep(review_id))


def _keep(review_id: str) -> None:
    review = find_review(review_id)
    if review is None:
        return
    row = storage.get_row(NewestReviewsItem, NEWEST_REVIEWS_KEY) or {"reviews": []}
    entry = [review_id, review.rating, review.service_name, to_rfc3339(review.created_at)]
    others = [each for each in row["reviews"] if each[0] != review_id]
    newest = sorted([entry, *others], key=lambda each: str(each[3]), reverse=True)[:_LATEST_REVIEWS]
    if newest == row["reviews"]:
        return
    revision = NewestReviewsItem.revision
    last = row.get("revision")
    storage.write(
        storage.update(
            "newest reviews",
            NewestReviewsItem,
            NEWEST_REVIEWS_KEY,
            actions=[NewestReviewsItem.reviews.set(newest), revision.set((last or 0) + 1)],
            condition=revision.does_not_exist() if last is None else revision == last,
        )
    )


# --- Counting again --------------------------------------------------------------------------------------------------


def recount(shard: str, *, now: datetime) -> bool:
    """Count the bookings and reviews of one shard again, and write what was counted otherwise; False if an event came
    in between.

    One Query and one BatchGetItem for each hundred. What no event has counted yet is left for its event.
    """
    months = sorted({month_key(day, shard) for day in shown_days(now)})
    keys = [now_key(shard), *months]
    before = {key: storage.get_row(FiguresItem, key) or {} for key in keys}
    counts: dict[str, Counter[str]] = {key: Counter() for key in keys}
    for booking, handled_version in iterate_listed(shard):
        for entry in _counted_entries(booking, handled_version):
            of_now, of_day = _differences(booking, entry)
            counts[now_key(shard)].update(of_now)
            key = month_key(_day(entry.at), shard)
            if key in counts:
                counts[key].update(_dated(of_day, _day(entry.at)))
    for review, is_handled in iterate_listed_reviews(shard, since=_beginning(shown_days(now)[0].replace(day=1))):
        day, mark = _day(review.created_at), _mark(id_of_event(review.review_id, 1))
        key = month_key(day, shard)
        is_counted = is_handled or storage.get_row(CountedEventItem, mark) is not None
        if is_counted and key in counts:
            counts[key].update(_dated(Counter({REVIEWS: 1}), day))
    right = [_put_right(key, before[key], counts[key], now) for key in keys]
    return all(right)


def _counted_entries(booking: Booking, handled_version: int) -> Iterable[HistoryEntry]:
    """The changes of the booking that are counted, or never will be."""
    certain = [entry for entry in booking.history if entry.version <= handled_version]
    others = [entry for entry in booking.history if entry.version > handled_version]
    marks = storage.get_rows([(CountedEventItem, _mark(f"{booking.booking_id}#{entry.version}")) for entry in others])
    return [*certain, *(entry for entry, mark in zip(others, marks, strict=True) if mark is not None)]


def _put_right(key: str, before: Row, counts: Counter[str], now: datetime) -> bool:
    stored = {name: value for name, value in before.items() if name not in _META}
    wrong = {name for name in {*stored, *counts} if stored.get(name, 0) != counts[name]}
    if not wrong:
        return True
    revision, last = FiguresItem.revision, before.get("revision")
    actions: list[Action] = [Path([name]).set(counts[name]) for name in sorted(wrong)]
    actions += [revision.set((last or 0) + 1), FiguresItem.expires_at.set(epoch(now + _KEPT_FOR))]
    if key == now_key(key.rpartition("#")[2]):
        actions.pop()
    same = revision.does_not_exist() if last is None else revision == last
    try:
        storage.write(storage.update(key, FiguresItem, key, actions=actions, condition=same))
    except storage.ConditionFailedError:
        return False
    return True


# --- Reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """What is kept: bookings by status now, and by day what happened; the newest reviews."""

    by_status: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    newest_reviews: Sequence[tuple[str, int, str, str]] = ()

    def total(self, name: str, days: Iterable[date]) -> int:
        """How often something happened on these days, or how much was paid in a currency."""
        return sum(self.by_day.get(day, {}).get(name, 0) for day in days)


def shown_days(now: datetime) -> list[date]:
    """The last thirty days, today being the last, in UTC."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=age) for age in range(SHOWN_DAYS - 1, -1, -1)]


def figures_read(now: datetime) -> storage.Read[Figures]:
    """The read of all figures (at most thirteen items), to be read beside others'."""
    days = shown_days(now)
    months = sorted({day.replace(day=1) for day in days})
    keys: list[storage.Key] = [(FiguresItem, now_key(shard)) for shard in LIST_KEYS]
    keys += [(FiguresItem, month_key(month, shard)) for month in months for shard in LIST_KEYS]
    keys.append((NewestReviewsItem, NEWEST_REVIEWS_KEY))

    def build(rows: Sequence[Row | None]) -> Figures:
        *counted, newest = rows
        of_now, of_months = counted[: len(LIST_KEYS)], counted[len(LIST_KEYS) :]
        by_status = Counter[str]()
        for row in of_now:
            by_status.update({name: int(value) for name, value in (row or {}).items() if name not in _META})
        by_day: dict[date, Counter[str]] = {day: Counter() for day in days}
        for position, row in enumerate(of_months):
            _add_days(by_day, months[position // len(LIST_KEYS)], row or {})
        reviews = [tuple(each) for each in newest["reviews"]] if newest else []
        return Figures(by_status, by_day, reviews)

    return storage.Read(tuple(keys), build)


def _add_days(by_day: Mapping[date, Counter[str]], month: date, row: Row) -> None:
    for name, value in row.items():
        if name not in _META:
            what, _, number = name.rpartition(" ")
            day = month.replace(day=int(number))
            if day in by_day:
                by_day[day][what] += int(value)


def _beginning(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


HANDLERS: dict[str, Any] = {
    **dict.fromkeys(BOOKING_EVENTS, (count_booking,)),
    ReviewSubmitted.type: (count_review,),
}
