"""Working hours: a weekly plan and exceptions for single dates, in the provider's local wall time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from itertools import pairwise
from typing import Any

from kernel.errors import FieldError, InvalidInputError
from kernel.sentences import Sentence, sentence
from kernel.values import dataclass

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY = 24 * 60
MAX_SPANS_PER_DAY = 6
# Keeps the provider's item, which search reads by the batch, to a few kilobytes.
MAX_EXCEPTIONS = 100

_WALL_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
# `fromisoformat` also takes 20261224 and 2026-W52-4, which would be second spellings of one date.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# The wall minutes, counted from midnight, in which a provider is open on one date: half-open, ascending, disjoint.
DaySpans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`weekly` has the spans of Monday to Sunday; a date in `exceptions` has its own instead, none for a day off."""

    weekly: tuple[DaySpans, ...]
    exceptions: Mapping[date, DaySpans] = field(default_factory=dict)

    def spans_on(self, day: date) -> DaySpans:
        """The open wall minutes of a local date."""
        spans = self.exceptions.get(day)
        return self.weekly[day.weekday()] if spans is None else spans

    def weekly_plan(self) -> dict[str, list[list[str]]]:
        """`{"mon": [["09:00", "17:00"]], …}`, all seven days: how the plan is stored and shown."""
        return {name: _texts(spans) for name, spans in zip(WEEKDAYS, self.weekly, strict=True)}

    def exception_plan(self) -> dict[str, list[list[str]]]:
        """`{"2026-12-24": [], …}` in the order of dates."""
        return {day.isoformat(): _texts(spans) for day, spans in sorted(self.exceptions.items())}


NO_HOURS = WorkingHours(((),) * 7)


def parse_hours(weekly: Mapping[str, Any], exceptions: Mapping[str, Any]) -> WorkingHours:
    """Working hours from their stored or sent form; days that `weekly` leaves out are closed.

    Raises `InvalidInputError` naming `weekly.<day>` or `exceptions.<date>` for everything that is wrong.
    """
    day_names = sentence("The days of the week are %(days)s.", days=WEEKDAYS)
    errors = [FieldError(f"weekly.{name}", "unknown", day_names) for name in weekly if name not in WEEKDAYS]
    plan = tuple(_parse_spans(f"weekly.{name}", weekly.get(name, ()), errors) for name in WEEKDAYS)
    if len(exceptions) > MAX_EXCEPTIONS:
        errors.append(
            FieldError("exceptions", "too_many", sentence("Name at most %(most)s dates.", most=MAX_EXCEPTIONS))
        )
        exceptions = {}
    days = {}
    for text, spans in exceptions.items():
        field_name = f"exceptions.{text}"
        if _DATE.fullmatch(text) is None:
            errors.append(FieldError(field_name, "invalid", sentence("Write the date as YYYY-MM-DD.")))
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            errors.append(FieldError(field_name, "no_such_day", sentence("There is no such day in the calendar.")))
            continue
        days[day] = _parse_spans(field_name, spans, errors)
    if errors:
        raise InvalidInputError(errors)
    return WorkingHours(plan, days)


def _parse_spans(field_name: str, spans: Any, errors: list[FieldError]) -> DaySpans:
    if isinstance(spans, str) or not isinstance(spans, Sequence):
        errors.append(FieldError(field_name, "invalid", sentence('Give a list of spans such as [["09:00", "17:00"]].')))
        return ()
    if len(spans) > MAX_SPANS_PER_DAY:
        errors.append(
            FieldError(
                field_name, "too_many", sentence("Give at most %(most)s spans for a day.", most=MAX_SPANS_PER_DAY)
            )
        )
        return ()
    parsed = [_parse_span(span) for span in spans]
    refusals = [span for span in parsed if isinstance(span, Sentence)]
    if refusals:
        errors.append(FieldError(field_name, "invalid", refusals[0]))
        return ()
    ordered = sorted(span for span in parsed if isinstance(span, tuple))
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        errors.append(FieldError(field_name, "overlapping", sentence("The spans of one day must not overlap.")))
        return ()
    return tuple(ordered)


def _parse_span(span: Any) -> tuple[int, int] | Sentence:
    """The span's minutes, or what is wrong with it."""
    if isinstance(span, str) or not isinstance(span, Sequence) or len(span) != 2:
        return sentence('Give a list of spans such as [["09:00", "17:00"]].')
    start, end = (_parse_wall_time(text) for text in span)
    if start is None or end is None:
        return sentence("Write each time as HH:MM, from 00:00 to 24:00.")
    if start >= end:
        return sentence("The end of a span, up to 24:00, must be after its start.")
    return start, end


def _parse_wall_time(text: Any) -> int | None:
    match = _WALL_TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    return MINUTES_PER_DAY if match[1] is None else int(match[1]) * 60 + int(match[2])


def _texts(spans: DaySpans) -> list[list[str]]:
    return [[f"{minute // 60:02}:{minute % 60:02}" for minute in span] for span in spans]
