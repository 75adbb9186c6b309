"""Keys of integrators at a stage's API: each has a rate and a daily quota of its own, and ends when it is revoked."""

from datetime import timedelta
from typing import Any

from kernel import clock
from kernel.aws import client
from kernel.values import dataclass
from marketplace.operations.provisioning import API, outputs_so_far

# Usage is listed by days; of this month at the most.
_DAYS = 7


class IntegratorError(Exception):
    """There is no such key, there is one already, or there is no API; the message says which."""


@dataclass(frozen=True, slots=True)
class Integrator:
    """Whoever has a key, without the key itself."""

    name: str
    since: str
    # Within the last days, and what is left for today.
    asked: int
    left_today: int | None


def integrators(stage: str) -> list[Integrator]:
    """All of the stage, by name. Raises `IntegratorError` where there is no API."""
    plan_id, gateway = _plan(stage), client("apigateway")
    today = clock.now().date()
    days_asked: dict[str, list[list[int]]] = {}
    for page in gateway.get_paginator("get_usage").paginate(
        usagePlanId=plan_id, startDate=str(today - timedelta(days=_DAYS - 1)), endDate=str(today)
    ):
        days_asked |= page.get("items", {})
    found = []
    for name, key in _keys(stage).items():
        days = days_asked.get(key["id"], [])
        since = clock.to_rfc3339(key["createdDate"])
        found.append(Integrator(name, since, sum(used for used, _ in days), days[-1][1] if days else None))
    return sorted(found, key=lambda each: each.name)


def add_integrator(stage: str, name: str) -> str:
    """Make a key for the integrator; the key, which is shown this once. Raises `IntegratorError`."""
    plan_id, gateway = _plan(stage), client("apigateway")
    if name in _keys(stage):
        raise IntegratorError(f"{name} has a key already: revoke it first")
    key = gateway.create_api_key(name=f"{_prefix(stage)}{name}", enabled=True, tags={"stage": stage})
    gateway.create_usage_plan_key(usagePlanId=plan_id, keyId=key["id"], keyType="API_KEY")
    return str(key["value"])


def revoke_integrator(stage: str, name: str) -> None:
    """End the integrator's key, at once. Raises `IntegratorError`."""
    key = _keys(stage).get(name)
    if key is None:
        raise IntegratorError(f"{name} has no key")
    client("apigateway").delete_api_key(apiKey=key["id"])


def revoke_all(stage: str) -> list[str]:
    """End every integrator's key of the stage, which has an API or had one; their names. May be repeated."""
    keys = _keys(stage)
    for key in keys.values():
        client("apigateway").delete_api_key(apiKey=key["id"])
    return sorted(keys)


def _plan(stage: str) -> str:
    plan_id = outputs_so_far(API, stage).get("INTEGRATORS_PLAN_ID")
    if plan_id is None:
        raise IntegratorError(f"{stage} has no API that takes keys: deploy it")
    return plan_id


def _keys(stage: str) -> dict[str, dict[str, Any]]:
    """Name of the integrator → their key as API Gateway tells of it, which is without its value."""
    pages = client("apigateway").get_paginator("get_api_keys").paginate(nameQuery=_prefix(stage))
    return {key["name"].removeprefix(_prefix(stage)): key for page in pages for key in page["items"]}


def _prefix(stage: str) -> str:
    return f"lintel-{stage}-"
