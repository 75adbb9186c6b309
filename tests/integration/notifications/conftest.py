from typing import Any

import pytest
from django.core import mail

from marketplace.kernel.storage import reads, writes
from notifications import tasks


@pytest.fixture(autouse=True)
def _outbox() -> None:
    mail.outbox = []


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The deliveries whose email was queued, in the place of the task queue."""
    found: list[str] = []
    monkeypatch.setattr(tasks.deliver_email, "delay", found.append)
    return found


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests to DynamoDB, by operation."""
    made: list[str] = []

    for module in (reads, writes):
        dispatch = module.dispatch

        def counted(operation: str, kwargs: dict[str, Any], dispatch: Any = dispatch) -> dict[str, Any]:
            made.append(operation)
            answer: dict[str, Any] = dispatch(operation, kwargs)
            return answer

        monkeypatch.setattr(module, "dispatch", counted)
    return made
