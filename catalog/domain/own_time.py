"""Time that a provider keeps for themselves: a holiday, an afternoon at the dentist's. Nobody can book it.

It is set in whole days or in quarter hours. Each UTC day that it touches has a part of it, beside that day's claims:
what is booked there already stays until it is moved or cancelled, and its time does not become free by that.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from catalog.domain.availability import day_bounds
from catalog.domain.cells import CELL_SECONDS, CELLS_PER_DAY, cell_position, cells_between
from catalog.domain.entities import Provider
from kernel.errors import InvalidInputError, NotFoundError, UnprocessableError
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass

# Each UTC day is one item of a transaction, which takes a hundred.
MAX_OWN_DAYS = 90
# How far ahead own time can end.
_HORIZON = timedelta(days=2 * 366)
_TOO_FAR = sentence("Own time can be set for the next two years.")
# Of times that are not over.
MAX_OWN_TIMES = 100


class OwnTimeKind(StrEnum):
    """What the time is for, which only its provider sees."""

    PRIVATE = "private"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class OwnTime:
    """A span that a provider keeps free; `is_whole_days`: it was set by dates, where `time_zone` is."""

    own_time_id: str
    version: int
    kind: OwnTimeKind
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    is_whole_days: bool

    @property
    def cells(self) -> range:
        """The quarter hours of it."""
        return cells_between(self.starts_at, self.ends_at)


def own_span(
    provider: Provider, first: date | datetime, last: date | datetime, *, now: datetime, begun_at: datetime | None
) -> tuple[datetime, datetime]:
    """From when to when own time lasts; dates, both included, are those of the provider's place.

    It begins today at the earliest, or at `begun_at`, where it has begun already. Raises `InvalidInputError` naming
    `to`, and `UnprocessableError` naming `from` or `to`.
    """
    # Far dates would lead beyond the calendar's end where midnights are looked for.
    if max(first.year, last.year) > now.year + 3:
        raise _refusal("to", "too_far", _TOO_FAR)
    start = first if isinstance(first, datetime) else day_bounds(provider, first)[0]
    end = last if isinstance(last, datetime) else day_bounds(provider, last)[1]
    if start >= end:
        raise InvalidInputError.of("to", sentence("The end must be after the start."))
    for name, instant in (("from", start), ("to", end)):
        if instant.timestamp() % CELL_SECONDS:
            raise _refusal(name, "not_aligned", sentence("Own time begins and ends on the quarter hour."))
    # A clock change makes one of the days an hour longer.
    if end - start > timedelta(days=MAX_OWN_DAYS, hours=1):
        raise _refusal("to", "too_long", sentence("Keep at most %(most)s days free at a time.", most=MAX_OWN_DAYS))
    if end <= now:
        raise _refusal("to", "past", sentence("This time is over. Choose a later one."))
    today = now.astimezone(ZoneInfo(provider.time_zone)).date()
    if start < day_bounds(provider, today)[0] and start != begun_at:
        raise _refusal("from", "past", sentence("Own time begins today at the earliest."))
    if end > now + _HORIZON:
        raise _refusal("to", "too_far", _TOO_FAR)
    return start, end


def _refusal(field: str, code: str, message: Sentence) -> UnprocessableError:
    return UnprocessableError.of(field, message, code)


def own_time_not_found() -> NotFoundError:
    """The refusal for own time that is not there any more, and for somebody else's."""
    return NotFoundError(sentence("There is no such own time."))


# --- The parts of own time on single UTC days ------------------------------------------------------------------------

# The quarter hours of one UTC day, by own time's id.
DayParts = Mapping[str, range]


def parts_by_day(cells: range) -> Iterator[tuple[date, range]]:
    """The UTC days that the cells touch, each with the positions, 0 to 95, of those cells in it."""
    cell = cells.start
    while cell < cells.stop:
        day, position = cell_position(cell)
        length = min(CELLS_PER_DAY - position, cells.stop - cell)
        yield day, range(position, position + length)
        cell += length


def parts_text(parts: DayParts) -> str:
    """A day's parts as its item has them: the same parts are always the same text, which conditions compare."""
    return " ".join(f"{name}:{part.start}-{part.stop}" for name, part in sorted(parts.items()))


def read_parts(text: str) -> dict[str, range]:
    """The parts that `parts_text` wrote."""
    parts = {}
    for each in text.split():
        name, _, positions = each.partition(":")
        start, _, stop = positions.partition("-")
        parts[name] = range(int(start), int(stop))
    return parts


def own_positions(text: str) -> set[int]:
    """All positions of a day that any part of the text has."""
    return {position for part in read_parts(text).values() for position in part}
