"""The first page of the admin."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pynamodb.expressions.operand import Path

from kernel import storage
from kernel.actors import Role
from kernel.clock import now
from kernel.listing import LIST_KEYS
from marketplace.admin import watch
from marketplace.admin.watch import Depth
from marketplace.background.dead_letters import NAMES
from marketplace.background.figures import FiguresItem, month_key
from tests.integration.marketplace.admin.conftest import SignedIn


def test_it_shows_figures_queues_and_the_newest(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is not about how fast a busy machine answers.
    monkeypatch.setattr(watch, "DEADLINE_SECONDS", 30)
    response = signed_in(Role.AUDITOR).get("/admin/")
    page = response.content.decode()
    assert response.status_code == 200
    assert [depth.name for depth in response.context["depths"]] == list(NAMES)
    assert all(depth.dead is not None for depth in response.context["depths"])
    # A chart, and its numbers for those who read.
    assert page.count('<svg class="chart"') == 1
    assert "As a table" in page


def test_it_is_said_in_french(signed_in: SignedIn) -> None:
    today = now().date()
    key, paid = month_key(today, LIST_KEYS[0]), Path([f"CHF {today.day}"])
    storage.write(storage.update("figures", FiguresItem, key, actions=[paid.set(12_000)]))
    response = signed_in(Role.ADMIN, language="fr").get("/admin/")
    page = response.content.decode()
    assert "Chiffre d’affaires, CHF" in page
    assert [span.today.split() for span in response.context["spans"] if "CHF" in span.label] == [["120,00", "CHF"]]
    assert "Réservations par état" in page
    assert "Messages abandonnés" in page


def test_what_does_not_answer_is_not_known(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any) -> Mapping[str, str]:
        raise EndpointConnectionError(endpoint_url="https://sqs.invalid")

    monkeypatch.setattr(watch, "_attributes", unreachable)
    monkeypatch.setattr(watch, "_alarms", unreachable)
    response = signed_in(Role.ADMIN).get("/admin/")
    assert response.context["depths"] == [Depth(name) for name in NAMES]
    assert response.context["alarms"] is None
    assert "not known" in response.content.decode()


def test_what_hangs_is_not_known_either(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(watch, "_depth", lambda name: time.sleep(1))
    response = signed_in(Role.ADMIN).get("/admin/")
    assert response.context["depths"] == [Depth(name) for name in NAMES]
