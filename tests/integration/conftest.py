import math
from collections.abc import Mapping
from typing import Any

import pytest

from kernel.rate_limits import _Tallies
from kernel.storage import shared_transport


@pytest.fixture(scope="session", autouse=True)
def _cloud(cloud: str) -> None:
    """Every test of this folder runs against the embedded cloud."""


@pytest.fixture
def dynamodb_calls(cloud: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations sent to DynamoDB so far ("TransactWriteItems"); clear it to count from there."""
    calls: list[str] = []
    # One request in so many also settles what was counted for rate limits: here, none that other tests began.
    monkeypatch.setattr("kernel.rate_limits._tallies", _Tallies())
    # Nor does any request look whether tokens were revoked, as one does every ten seconds.
    monkeypatch.setattr("accounts.revocations._REFRESH_SECONDS", math.inf)
    send = shared_transport().send

    def recording_send(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        calls.append(operation)
        return send(operation, request)

    monkeypatch.setattr(shared_transport(), "send", recording_send)
    return calls
