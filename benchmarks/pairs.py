"""Two ways of doing the same thing, timed in turn, so that a noisy machine disturbs both alike."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Action = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over all rounds; `ratio` is the median of each pair's ratio, not the ratio of the medians."""

    ratio: float
    ratio_low: float
    ratio_high: float
    subject_ms: float
    baseline_ms: float
    rounds: int

    def __str__(self) -> str:
        return (
            f"{self.subject_ms:.2f} ms against {self.baseline_ms:.2f} ms; "
            f"half of {self.rounds} pairs lie in {self.ratio_low:.2f} to {self.ratio_high:.2f}"
        )


def compare(subject: Action, baseline: Action, *, rounds: int, warm_up: int) -> Comparison:
    """Time `rounds` pairs after `warm_up` untimed ones; which of the two goes first alternates.

    Each action gets the number of its round, from 0, warm-up included.
    """
    pairs: list[tuple[float, float]] = []
    gc.collect()
    gc.disable()
    try:
        for number in range(warm_up + rounds):
            if number % 2:
                subject_ms = _timed(subject, number)
                baseline_ms = _timed(baseline, number)
            else:
                baseline_ms = _timed(baseline, number)
                subject_ms = _timed(subject, number)
            if number >= warm_up:
                pairs.append((subject_ms, baseline_ms))
    finally:
        gc.enable()
    low, middle, high = statistics.quantiles([subject / baseline for subject, baseline in pairs], n=4)
    return Comparison(
        ratio=middle,
        ratio_low=low,
        ratio_high=high,
        subject_ms=statistics.median(subject for subject, _ in pairs),
        baseline_ms=statistics.median(baseline for _, baseline in pairs),
        rounds=rounds,
    )


def _timed(action: Action, number: int) -> float:
    started = time.perf_counter()
    action(number)
    return (time.perf_counter() - started) * 1000
