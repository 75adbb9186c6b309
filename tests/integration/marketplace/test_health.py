"""Health: quick by itself, honest about its parts, silent about details to strangers."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from kernel.aws import client
from kernel.storage import item_classes
from marketplace import health
from tests.factories.accounts import make_admin, make_customer

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh_and_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test asks anew, and a busy machine is not taken for a broken part."""
    health.remembered.forget()
    monkeypatch.setattr(health, "TIME_LIMIT_SECONDS", 60.0)


def broken() -> None:
    raise RuntimeError("secret-host:5432 refused the connection")


@pytest.mark.parametrize("address", ["/health", "/api/v1/health"])
def test_the_quick_check_asks_nobody(api: Api, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(health, "CHECKS", {"tables": broken})

    response = api().get(address)

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("query", ["", "?deep=1"])
def test_head_answers_as_get_without_a_body(api: Api, query: str) -> None:
    response = api().head(f"/health{query}")

    assert response.status_code == 200
    assert response.content == b""


def test_the_deep_check_asks_every_part(api: Api) -> None:
    response = api().get("/health?deep=1")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "parts": [{"name": name, "status": "ok"} for name in ("tables", "topics", "queues", "mail")],
    }


@pytest.mark.aws_refuses
def test_it_notices_missing_tables_topics_and_queues(
    api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RESOURCE_PREFIX = "absent-"
    monkeypatch.setattr(item_classes()[0].Meta, "table_name", "absent-table")

    response = api(make_admin()).get("/health?deep=1")

    assert response.status_code == 503
    parts = {part["name"]: part for part in response.json()["parts"]}
    assert [parts[name]["status"] for name in ("tables", "topics", "queues", "mail")] == ["failed"] * 3 + ["ok"]
    assert "absent-booking-events.fifo" in parts["topics"]["detail"]


def test_a_used_up_sending_quota_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    quota = {"Max24HourSend": 200.0, "SentLast24Hours": 200.0, "MaxSendRate": 1.0}
    monkeypatch.setattr(client("ses"), "get_send_quota", lambda: quota)

    assert [part.name for part in health.check_parts() if part.status == "failed"] == ["mail"]


def test_strangers_learn_which_part_failed_and_admins_why(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.CHECKS, "mail", broken)

    for asks in (api(), api(make_customer())):
        response = asks.get("/health?deep=1")
        assert response.status_code == 503
        assert response.json()["status"] == "failed"
        assert response.json()["parts"][3] == {"name": "mail", "status": "failed"}
        assert b"secret" not in response.content

    part = api(make_admin()).get("/health?deep=1").json()["parts"][3]
    assert part["detail"] == "RuntimeError: secret-host:5432 refused the connection"
    assert part["milliseconds"] >= 0


def test_a_part_that_hangs_fails_after_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TIME_LIMIT_SECONDS", 0.2)
    released = threading.Event()
    monkeypatch.setattr(health, "CHECKS", {"mail": released.wait, "tables": lambda: None})

    try:
        mail, tables = health.check_parts()
    finally:
        # It hung until here.
        released.set()

    assert (mail.status, mail.detail) == ("failed", "no answer in time")
    assert tables.status == "ok"


def test_parts_are_asked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody passes before all four are there.
    all_there = threading.Barrier(4)
    monkeypatch.setattr(health, "CHECKS", {str(number): all_there.wait for number in range(4)})

    assert {part.status for part in health.check_parts()} == {"ok"}


def test_many_who_ask_cause_one_check(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(health, "CHECKS", {"mail": lambda: asked.append(1)})

    for _ in range(20):
        assert api().get("/health?deep=1").status_code == 200

    assert len(asked) == 1


def test_deep_must_be_a_yes_or_no(api: Api) -> None:
    response = api().get("/health?deep=perhaps")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["deep"]
