"""What a month of the serverless profile costs, by the list prices and the numbers of `prices.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel.values import dataclass
from marketplace.background.wiring import wiring
from marketplace.laptop.cloudformation import read_template
from marketplace.settings.env import BASE_DIR

_PRICES = Path(__file__).with_name("prices.toml")
_KB_PER_GB = 1_000_000
# What to call it, and in which order.
_NAMES = {
    "active_person": "people who signed in (Cognito)",
    "emails": "emails (SES)",
    "write_units": "writes (DynamoDB)",
    "read_units": "reads (DynamoDB)",
    "table_gb": "tables (DynamoDB)",
    "recovery_gb": "point-in-time recovery",
    "api_requests": "requests (API Gateway)",
    "edge_requests": "requests (CloudFront)",
    "edge_gb": "traffic (CloudFront)",
    "function_calls": "calls (Lambda)",
    "function_gb_seconds": "time (Lambda)",
    "queue_requests": "queues (SQS)",
    "topic_messages": "events (SNS)",
    "document_writes": "invoices (S3)",
    "document_gb": "documents (S3)",
    "log_gb": "logs",
    "alarm": "alarms",
    "metric": "metrics",
    "dashboard": "dashboards",
    # Options.
    "firewall": "firewall (WAF)",
    "firewall_requests": "requests (WAF)",
    "traces": "traces (X-Ray)",
    "snapshot_gb_seconds": "snapshots kept (SnapStart)",
    "restored_gb": "starts from snapshots (SnapStart)",
    "endpoint_hours": "interfaces of the network (VPC), hours",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of thing that is charged: how much in a month, how much of that is free, and the rest in dollars."""

    name: str
    amount: float
    free: float
    dollars: float
    # The month in which the price was last seen; empty if it is from memory.
    seen: str


def monthly_cost(bookings: int) -> list[Item]:
    """What is charged in a month with so many bookings, the dearest first."""
    prices, amounts = _prices(), _amounts(bookings)
    items = []
    for key, name in _NAMES.items():
        free = prices["free"].get(key, 0)
        price = prices["million"][key] / 1_000_000 if key in prices["million"] else prices["each"][key]
        dollars = max(0, amounts[key] - free) * price
        items.append(Item(name, amounts[key], free, dollars, prices["seen"].get(key, "")))
    return sorted(items, key=lambda item: -item.dollars)


def prices_as_of() -> str:
    """The months whose list prices these are: the oldest and the newest."""
    months = {_prices()["remembered_as_of"], *_prices()["seen"].values()}
    return f"{min(months)} to {max(months)}"


def remembered_as_of() -> str:
    """The month of the prices that are from memory."""
    return str(_prices()["remembered_as_of"])


def _amounts(bookings: int) -> Mapping[str, float]:
    one, always = _prices()["booking"], _prices()["always"]
    requests = bookings * one["requests"]
    stored_gb = bookings * always["months_of_data"] * one["table_kb"] / _KB_PER_GB
    milliseconds = requests * one["web_milliseconds_per_request"]
    milliseconds += bookings * one["event_calls"] * one["event_milliseconds"]
    return {
        "api_requests": requests,
        "edge_requests": requests * (1 + one["files_per_request"]),
        "edge_gb": requests * one["kb_per_request"] / _KB_PER_GB,
        "function_calls": requests + bookings * one["event_calls"] + always["function_calls"],
        "function_gb_seconds": milliseconds / 1000 * always["memory_gb"] + always["function_gb_seconds"],
        "write_units": bookings * (one["write_units"] + one["write_units_of_events"]),
        "read_units": requests * one["read_units_per_request"],
        "table_gb": stored_gb,
        "recovery_gb": stored_gb,
        "queue_requests": bookings * one["queue_requests"] + always["queue_requests"],
        "topic_messages": bookings * one["topic_messages"],
        "emails": bookings * one["emails"],
        "document_writes": bookings * one["document_writes"],
        "document_gb": bookings * always["months_of_data"] * one["document_kb"] / _KB_PER_GB,
        "log_gb": requests * one["log_kb_per_request"] / _KB_PER_GB,
        "active_person": bookings * one["active_people"],
        **_watching(),
        **_options(requests),
    }


@cache
def _watching() -> Mapping[str, int]:
    """What watches, counted in its template."""
    resources = read_template(BASE_DIR / "infrastructure" / "alarms.yaml")["Resources"].values()
    kinds = [each["Type"] for each in resources]
    # What compares with the weeks before counts for three: the metric, and both ends of what is to be expected.
    compared = sum("ANOMALY_DETECTION_BAND" in str(each) for each in resources)
    return {
        "alarm": kinds.count("AWS::CloudWatch::Alarm") + 2 * compared,
        "dashboard": kinds.count("AWS::CloudWatch::Dashboard"),
        # One for each type of event, if all of them happen every hour, and the revenue in one currency.
        "metric": kinds.count("AWS::Logs::MetricFilter") + len(wiring().event_types) + 1,
    }


def _options(requests: float) -> Mapping[str, float]:
    """What the operator has chosen beside, by the settings."""
    always = _prices()["always"]
    traces = requests * always["traces_per_request"] if settings.WITH_TRACING else 0
    snapped = always["memory_gb"] if settings.WITH_SNAPSTART else 0
    return {
        "firewall": int(settings.WITH_FIREWALL),
        "firewall_requests": requests if settings.WITH_FIREWALL else 0,
        "traces": traces,
        "snapshot_gb_seconds": snapped * always["hours"] * 3600,
        "restored_gb": snapped * requests * always["starts_per_request"],
        "endpoint_hours": _interfaces() * always["zones"] * always["hours"] if settings.WITH_NETWORK else 0,
    }


def _interfaces() -> int:
    """How many services the network has an interface to."""
    resources = read_template(BASE_DIR / "infrastructure" / "network.yaml")["Resources"].values()
    return sum(
        each["Properties"].get("VpcEndpointType") == "Interface"
        and (settings.WITH_TRACING or each.get("Condition") != "Traced")
        for each in resources
    )


@cache
def _prices() -> dict[str, Any]:
    return tomllib.loads(_PRICES.read_text())
