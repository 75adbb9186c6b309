"""CSV of a list: read and sent page by page, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from kernel.clock import to_rfc3339

# A spreadsheet takes a text that begins so for a formula, or drops the character and looks at the next.
_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: Any) -> str:
    """The value as it stands in a cell. A text that a spreadsheet would calculate begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return to_rfc3339(value)
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(_FORMULA_STARTS) else text


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Each row as a line of CSV (RFC 4180)."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([cell(value) for value in row])
        yield line.getvalue()
