"""What the pages for finding somebody show, made of what the apps answer. Pure: no read, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from catalog.domain import RatingSummary


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of components/score.html."""

    label: str
    number: int
    percent: int


@dataclass(frozen=True, slots=True)
class Score:
    """How many ratings have how many stars, five first; `stars` is their mean in whole stars."""

    stars: int
    bars: Sequence[Bar]


def score(rating: RatingSummary) -> Score:
    """The ratings by their stars; each bar is as long as its part of all."""
    bars = [
        Bar(
            ngettext("%(stars)s star", "%(stars)s stars", stars) % {"stars": stars},
            number,
            round(100 * number / rating.count),
        )
        for stars, number in reversed(list(enumerate(rating.numbers, 1)))
    ]
    return Score(round(rating.average / 100), bars)
