"""The business metrics of a laptop: the lines that `marketplace.background.metrics` kept, read back for a page."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kernel.money import Money
from kernel.values import dataclass
from kernel.wording.money import format_money

HOURS = 12
# What the dashboard of a deployed stage shows by the hour; `infrastructure/alarms.yaml` has the same.
CHARTED = ("booking.requested", "booking.confirmed", "booking.completed", "booking.paid", "booking.cancelled")
_REVENUE = "revenue"


@dataclass(frozen=True, slots=True)
class Series:
    """One metric: how much in each of the last hours, by the beginning of the hour, this one last."""

    name: str
    hours: tuple[tuple[datetime, int], ...]
    # Of money; its amounts are in the smallest unit.
    currency: str = ""

    def text(self, amount: int) -> str:
        """An amount of it, as it is read."""
        return format_money(Money(amount, self.currency)) if self.currency else str(amount)


@dataclass(frozen=True, slots=True)
class AllSeries:
    """What is charted, and of every other metric how much there was of it in these hours."""

    charted: tuple[Series, ...]
    others: tuple[tuple[str, int], ...]


def read_series(directory: Path, now: datetime) -> AllSeries:
    """The metrics of the last `HOURS` hours; those of the dashboard also where nothing happened."""
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in reversed(range(HOURS))]
    counts: dict[tuple[str, str], Counter[datetime]] = defaultdict(Counter)
    for day in sorted({f"{hour:%Y-%m-%d}" for hour in hours}):
        for metric, hour, value in _lines(directory / f"{day}.jsonl"):
            if hour >= hours[0]:
                counts[metric][hour] += value

    def series(name: str, currency: str = "") -> Series:
        return Series(name, tuple((hour, counts[name, currency][hour]) for hour in hours), currency)

    money = sorted(currency for name, currency in counts if name == _REVENUE)
    others = sorted(name for name, _ in counts if name not in (*CHARTED, _REVENUE))
    return AllSeries(
        charted=(*(series(name) for name in CHARTED), *(series(_REVENUE, currency) for currency in money)),
        others=tuple((name, sum(counts[name, ""].values())) for name in others),
    )


def _lines(path: Path) -> Iterator[tuple[tuple[str, str], datetime, int]]:
    """Each metric of the file as its name and currency, the hour, and the value."""
    if not path.is_file():
        return
    for text in path.read_text().splitlines():
        line = json.loads(text)
        at = datetime.fromtimestamp(line["_aws"]["Timestamp"] / 1000, UTC).replace(minute=0, second=0, microsecond=0)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                yield (metric["Name"], line.get("currency", "")), at, line[metric["Name"]]
