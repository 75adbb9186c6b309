from collections.abc import Iterator
from typing import Any

import pytest

from marketplace.kernel.aws import dynamodb_client


@pytest.fixture(scope="session", autouse=True)
def _cloud(cloud: str) -> None:
    """Every test of this folder runs against the embedded cloud."""


@pytest.fixture
def dynamodb_calls(cloud: str) -> Iterator[list[str]]:
    """The operations sent to DynamoDB so far ("TransactWriteItems"); clear it to count from there."""
    calls: list[str] = []

    def record(model: Any, **kwargs: Any) -> None:
        calls.append(model.name)

    events = dynamodb_client().meta.events
    events.register("before-call.dynamodb", record)
    yield calls
    events.unregister("before-call.dynamodb", record)
