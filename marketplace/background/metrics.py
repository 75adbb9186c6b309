"""Business metrics, counted from events: lines of the log that CloudWatch makes metrics of (its embedded format).

Where there is no CloudWatch, on a laptop, the same lines are kept in files, a day in each.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel import clock
from kernel.events import Event

NAMESPACE = "Lintel"
# The event whose price somebody has paid.
_PAID = "booking.paid"


def count(event: Event) -> None:
    """Say that it happened. An event that is handled again, which is seldom, counts again."""
    if not settings.COUNTS_EVENTS:
        return
    _write({"stage": settings.STAGE}, {event.type: 1})
    if event.type == _PAID:
        # In the currency's smallest unit; sums of two currencies mean nothing.
        currency, amount = getattr(event, "price_currency", ""), getattr(event, "price_amount", 0)
        _write({"stage": settings.STAGE, "currency": currency}, {"revenue": amount})


def _write(dimensions: Mapping[str, str], values: Mapping[str, int]) -> None:
    metrics = [{"Name": name, "Unit": "None" if name == "revenue" else "Count"} for name in values]
    line: dict[str, Any] = {
        "_aws": {
            "Timestamp": round(clock.now().timestamp() * 1000),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": metrics}],
        },
        **dimensions,
        **values,
    }
    if settings.METRICS_DIR is None:
        # Not a record of the log: CloudWatch reads the line as it is.
        sys.stdout.write(json.dumps(line) + "\n")
        return
    folder = Path(settings.METRICS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{clock.now():%Y-%m-%d}.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
