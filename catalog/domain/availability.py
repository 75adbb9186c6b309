"""When a provider can be booked.

A provider is open at an instant if the local wall time of that instant lies in the working hours of its local date.
So an hour that a clock change skips is not offered, and one that it repeats is offered twice. Intervals are computed
once per stretch of constant UTC offset, in whole seconds since 1970.
"""

from collections.abc import Iterator, Set
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from math import ceil
from zoneinfo import ZoneInfo

from catalog.domain.cells import CELL_SECONDS
from catalog.domain.entities import Offer, Provider
from catalog.domain.geo import Point
from kernel.errors import ConflictError, InvalidInputError, UnprocessableError
from kernel.sentences import Sentence, sentence

_DAY_SECONDS = 86_400
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def check_bookable(offer: Offer) -> None:
    """Raises `ConflictError` (`not_bookable`) while the service is inactive or its provider takes no bookings."""
    if not offer.is_bookable:
        raise ConflictError(sentence("This service cannot be booked at present."), code="not_bookable")


def check_reach(provider: Provider, position: Point | None) -> None:
    """Whether the provider drives to a job there; None where nobody knows the place.

    Raises `UnprocessableError` with the code `out_of_area`, naming the field `position`.
    """
    if position is None or provider.reaches(position):
        return
    message = sentence(
        "This provider drives up to %(radius)s\u00a0km, and the job is %(distance)s\u00a0km away. "
        "Choose one who is nearer.",
        radius=provider.travel_radius_km,
        distance=ceil(provider.distance_to(position) / 1000),
    )
    raise UnprocessableError.of("position", message, "out_of_area")


def check_start(provider: Provider, *, duration_minutes: int, starts_at: datetime, now: datetime) -> None:
    """Whether the provider would take an appointment of that length at that instant, claims of others aside.

    Raises `InvalidInputError` for a time without UTC offset, and `UnprocessableError` with the code `not_aligned`,
    `too_soon`, `too_far` or `outside_working_hours`; both name the field `starts_at`.
    """
    if starts_at.tzinfo is None:
        raise InvalidInputError.of("starts_at", sentence("Give the time with its UTC offset."), "missing_offset")
    refusal = _refusal(provider, duration_minutes, starts_at, now)
    if refusal is not None:
        code, message = refusal
        raise UnprocessableError.of("starts_at", message, code)


def _refusal(
    provider: Provider, duration_minutes: int, starts_at: datetime, now: datetime
) -> tuple[str, Sentence] | None:
    if starts_at.timestamp() % CELL_SECONDS:
        return "not_aligned", sentence("Appointments start on the quarter hour.")
    if starts_at < now:
        return "too_soon", sentence("This time is over. Choose a later one.")
    if starts_at < _earliest_start(provider, now):
        notice = timedelta(minutes=provider.minimum_notice_minutes)
        return "too_soon", sentence("This provider takes requests up to %(notice)s before the start.", notice=notice)
    if starts_at > _latest_start(provider, now):
        horizon = timedelta(days=provider.horizon_days)
        return "too_far", sentence("This provider takes bookings up to %(horizon)s ahead.", horizon=horizon)
    ends_at = starts_at + timedelta(minutes=duration_minutes)
    if open_spans(provider, starts_at, ends_at) != [(starts_at, ends_at)]:
        return "outside_working_hours", sentence("The appointment does not lie within the provider’s working hours.")
    return None


def _earliest_start(provider: Provider, now: datetime) -> datetime:
    return now + timedelta(minutes=provider.minimum_notice_minutes)


def _latest_start(provider: Provider, now: datetime) -> datetime:
    return now + timedelta(days=provider.horizon_days)


def offered_starts(
    provider: Provider,
    *,
    duration_minutes: int,
    start: datetime,
    end: datetime,
    claimed_cells: Set[int],
    now: datetime,
) -> list[datetime]:
    """The instants from `start` to before `end` at which an appointment of that length can begin, ascending, in UTC.

    `claimed_cells` are the numbers of the cells that others hold; an appointment's buffers must be free as well.
    """
    # Starts are whole seconds: of a second that has begun, the next one is the first that is not too soon.
    earliest = ceil(max(start, _earliest_start(provider, now)).timestamp())
    latest = min(ceil(end.timestamp()) - 1, int(_latest_start(provider, now).timestamp()))
    duration = duration_minutes * 60
    before, after = provider.buffer_before_minutes * 60, provider.buffer_after_minutes * 60
    # Cells are in the way of the starts from which an appointment, with its buffers, touches one of them.
    taken = {
        second
        for first, last in _runs(claimed_cells)
        for second in _quarters(first * CELL_SECONDS - duration - after + 1, (last + 1) * CELL_SECONDS + before)
    }
    return [
        datetime.fromtimestamp(second, UTC)
        for opens, closes in _open_seconds(provider, earliest, latest + duration)
        for second in _quarters(opens, min(closes - duration, latest) + 1)
        if second not in taken
    ]


def _runs(cells: Set[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each row of cells without a gap."""
    for _, run in groupby(enumerate(sorted(cells)), lambda numbered: numbered[1] - numbered[0]):
        found = [cell for _, cell in run]
        yield found[0], found[-1]


def _quarters(start: int, end: int) -> range:
    """The quarter hours from one second to before another."""
    return range(-(-start // CELL_SECONDS) * CELL_SECONDS, end, CELL_SECONDS)


def day_bounds(provider: Provider, day: date) -> tuple[datetime, datetime]:
    """The instants, in UTC, at which a local date begins and ends where the provider is."""
    zone = _zone(provider.time_zone)
    start, end = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def open_spans(provider: Provider, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The provider's open time between two instants, in UTC: ascending, disjoint, each span as long as can be."""
    spans = _open_seconds(provider, int(start.timestamp()), int(end.timestamp()))
    return [(datetime.fromtimestamp(opens, UTC), datetime.fromtimestamp(closes, UTC)) for opens, closes in spans]


def _open_seconds(provider: Provider, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for stretch_start, stretch_end, offset in _constant_offsets(provider.time_zone, start, end):
        first_day = (stretch_start + offset) // _DAY_SECONDS
        last_day = (stretch_end + offset - 1) // _DAY_SECONDS
        for day in range(first_day, last_day + 1):
            midnight = day * _DAY_SECONDS - offset
            for opens_minute, closes_minute in provider.hours.spans_on(date.fromordinal(_EPOCH_ORDINAL + day)):
                opens = max(midnight + opens_minute * 60, stretch_start)
                closes = min(midnight + closes_minute * 60, stretch_end)
                if opens >= closes:
                    continue
                if spans and spans[-1][1] == opens:
                    spans[-1] = (spans[-1][0], closes)
                else:
                    spans.append((opens, closes))
    return spans


def _constant_offsets(time_zone: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """`(start, end, UTC offset)` of each stretch between clock changes, in seconds.

    `zoneinfo` does not list the changes of a zone, so the offset is asked for once a day, and where two days differ
    the change is found by halving. No zone changes twice within a day.
    """
    zone = _zone(time_zone)
    stretch_start, offset = start, _offset(zone, start)
    probe = start
    while probe < end:
        before, probe = probe, min(probe + _DAY_SECONDS, end)
        if _offset(zone, probe) != offset:
            change = _find_change(zone, before, probe)
            if change < end:
                yield stretch_start, change, offset
                stretch_start, offset = change, _offset(zone, change)
    if stretch_start < end:
        yield stretch_start, end, offset


def _find_change(zone: ZoneInfo, before: int, after: int) -> int:
    """The first second with the offset of `after`, given that the one of `before` is another."""
    offset_before = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset_before:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
