import pytest
from django.core import mail

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
