"""Figures with their budgets, as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

_HEADINGS = ("figure", "measured", "budget", "stretch", "verdict")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; smaller is better, or, if `exact`, nothing but the budget is right.

    Without `budget` it only informs.
    """

    name: str
    measured: float
    unit: str
    budget: float | None = None
    stretch: float | None = None
    detail: str = ""
    exact: bool = False

    @property
    def verdict(self) -> str:
        """`MISSED`, `met`, `stretch` (the stretch goal is met too), or nothing without a budget."""
        if self.budget is None:
            return ""
        if self.measured > self.budget or (self.exact and self.measured != self.budget):
            return "MISSED"
        return "stretch" if self.stretch is not None and self.measured <= self.stretch else "met"

    def _shown(self, value: float | None) -> str:
        if value is None:
            return ""
        return f"{value:.0f} {self.unit}" if value == int(value) else f"{value:.2f} {self.unit}"

    def cells(self) -> tuple[str, ...]:
        """The texts of the table's columns."""
        return (
            self.name,
            self._shown(self.measured),
            self._shown(self.budget),
            self._shown(self.stretch),
            self.verdict,
        )


def table(figures: Sequence[Figure]) -> str:
    """The figures in aligned columns, each detail on a line of its own below."""
    rows = [_HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    lines = [line(_HEADINGS), line(["-" * width for width in widths])]
    for figure in figures:
        lines.append(line(figure.cells()))
        if figure.detail:
            lines.append(f"    {figure.detail}")
    return "\n".join(lines)


def write_json(path: Path, figures: Sequence[Figure], machine: dict[str, str]) -> None:
    """Write the figures and a description of the machine to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine, "figures": [asdict(figure) | {"verdict": figure.verdict} for figure in figures]}
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
