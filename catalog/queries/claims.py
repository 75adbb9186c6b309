"""Which of a provider's quarter hours are taken."""

from datetime import date, datetime

from catalog.domain.cells import first_cell
from catalog.models import CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES
from kernel.clock import epoch
from kernel.storage import Row


def claimed_cells(row: Row, *, now: datetime, but_by: str | None = None) -> set[int]:
    """The numbers of the cells that one day's row of claims takes; lapsed holds and those of one booking left out."""
    first = first_cell(date.fromisoformat(row["day"]))
    instant = epoch(now)
    return {
        first + position
        for position, (claim, hold) in enumerate(zip(CLAIM_ATTRIBUTES, HOLD_ATTRIBUTES, strict=True))
        if claim in row and row[claim] != but_by and row.get(hold, instant + 1) > instant
    }
