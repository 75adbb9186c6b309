"""A provider's time is claimed in cells: quarter hours of UTC, numbered from 1970-01-01T00:00Z.

UTC, because local time repeats and skips hours; quarter hours, because every UTC offset in use is a multiple of one.
"""

from datetime import UTC, date, datetime, timedelta

CELL_MINUTES = 15
CELL_SECONDS = CELL_MINUTES * 60
CELLS_PER_DAY = 24 * 60 // CELL_MINUTES
# 12 hours: what the longest service (8 h) with the longest buffers (2 h each) can block.
MAX_BLOCKED_CELLS = 48

_EPOCH = date(1970, 1, 1)


def cells_between(start: datetime, end: datetime) -> range:
    """The numbers of all cells that the half-open interval from `start` to `end` touches."""
    return range(int(start.timestamp()) // CELL_SECONDS, -(-int(end.timestamp()) // CELL_SECONDS))


def blocked_cells(
    starts_at: datetime, duration_minutes: int, buffer_before_minutes: int = 0, buffer_after_minutes: int = 0
) -> range:
    """The cells that an appointment keeps from others: its time and the buffers around it, rounded out to cells."""
    return cells_between(
        starts_at - timedelta(minutes=buffer_before_minutes),
        starts_at + timedelta(minutes=duration_minutes + buffer_after_minutes),
    )


def cell_position(cell: int) -> tuple[date, int]:
    """The UTC day of a cell and its index, 0 to 95, in that day."""
    day, index = divmod(cell, CELLS_PER_DAY)
    return _EPOCH + timedelta(days=day), index


def first_cell(day: date) -> int:
    """The number of the cell with which a UTC day begins; 96 follow."""
    return (day - _EPOCH).days * CELLS_PER_DAY


def cell_start(cell: int) -> datetime:
    """The instant at which a cell begins."""
    return datetime.fromtimestamp(cell * CELL_SECONDS, UTC)
