"""A provider's quarter hours that are taken: by bookings, or kept by the provider."""

from datetime import date, datetime

from catalog.domain.cells import first_cell
from catalog.domain.own_time import own_positions
from catalog.models import CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES
from kernel.clock import epoch
from kernel.storage import Row


def claimed_cells(row: Row, *, now: datetime, but_by: str | None = None) -> set[int]:
    """The numbers of the cells that nobody can have on one day, the provider's own time among them.

    Lapsed holds and the claims of one booking are left out.
    """
    first = first_cell(date.fromisoformat(row["day"]))
    booked = {first + position for position, holder in booked_positions(row, now=now).items() if holder != but_by}
    own = own_positions(row["own_time"]) if "own_time" in row else ()
    return booked.union(first + position for position in own)


def booked_positions(row: Row, *, now: datetime) -> dict[int, str]:
    """The booking that has each taken quarter hour, 0 to 95, in the row of a day; lapsed holds are left out."""
    instant = epoch(now)
    return {
        position: row[claim]
        for position, (claim, hold) in enumerate(zip(CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, strict=True))
        if claim in row and row.get(hold, instant + 1) > instant
    }
