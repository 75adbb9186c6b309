"""Quarter hours of a provider's calendar: pure arithmetic on whole cells since 1970, in UTC.

Cell `n` is the quarter hour that begins `n * 15` minutes after 1970-01-01T00:00Z. On the stored day of a provider it
is the attribute `cNN` (who claims it) and `xNN` (the second from which a hold counts no more), NN being 00 to 95.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

CELL_MINUTES = 15
CELL_SECONDS = CELL_MINUTES * 60
CELLS_PER_DAY = 96
# The longest time that one booking may block, buffers included (12 h): so it touches at most two days.
MAX_CELLS = 48

_EPOCH_DAY = date(1970, 1, 1)
CLAIM_NAMES = tuple(f"c{position:02}" for position in range(CELLS_PER_DAY))
HOLD_NAMES = tuple(f"x{position:02}" for position in range(CELLS_PER_DAY))


def cells_between(start: datetime, end: datetime) -> range:
    """The cells that [start, end) touches: rounded out to whole quarter hours."""
    return range(int(start.timestamp()) // CELL_SECONDS, -(-int(end.timestamp()) // CELL_SECONDS))


def cell_start(cell: int) -> datetime:
    """The instant at which the cell begins."""
    return datetime.fromtimestamp(cell * CELL_SECONDS, UTC)


def day_of(cell: int) -> str:
    """The UTC day that the cell belongs to, as the claims table's range key has it ("2026-11-22")."""
    return (_EPOCH_DAY + timedelta(days=cell // CELLS_PER_DAY)).isoformat()


def by_day(cells: Iterable[int]) -> dict[str, list[int]]:
    """The cells' positions within their UTC days (0 to 95)."""
    days: dict[str, list[int]] = {}
    for cell in cells:
        days.setdefault(day_of(cell), []).append(cell % CELLS_PER_DAY)
    return days


def claimed_cells(claims: Mapping[str, Any], now: datetime) -> set[int]:
    """The cells of one stored day (a row with `day`, `cNN`, `xNN`) that are taken at `now`: lapsed holds are free."""
    first = (date.fromisoformat(claims["day"]) - _EPOCH_DAY).days * CELLS_PER_DAY
    second = now.timestamp()
    return {
        first + position
        for position in range(CELLS_PER_DAY)
        if CLAIM_NAMES[position] in claims and claims.get(HOLD_NAMES[position], second + 1) > second
    }
