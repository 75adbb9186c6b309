"""Connecting a function to queues and stream, and taking it off, on the embedded cloud; Zappa's part is rehearsed."""

from typing import Any

import pytest
from django.conf import settings

from marketplace.deploy import functions
from marketplace.kernel.aws import client
from marketplace.provisioning import provision


@pytest.fixture
def outputs() -> dict[str, str]:
    return provision(settings.STAGE)


def mappings(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    return found


def test_each_queue_feeds_the_function_once(function: str, outputs: dict[str, str]) -> None:
    for _ in range(2):
        functions._connect_queues(function, outputs)
    connected = mappings(function)
    assert sorted(mapping["EventSourceArn"].rsplit(":", 1)[1] for mapping in connected) == [
        "test-email-feedback",
        "test-notifications.fifo",
        "test-tasks",
    ]
    # Else one failed message would bring back its whole batch.
    assert all(mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for mapping in connected)


def test_the_stream_feeds_the_function_from_its_beginning_and_gives_up_in_the_open(
    function: str, outputs: dict[str, str]
) -> None:
    for _ in range(2):
        functions._connect_stream(function, outputs)
    (mapping,) = mappings(function)
    assert "/stream/" in mapping["EventSourceArn"]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["BisectBatchOnFunctionError"], mapping["MaximumRetryAttempts"]) == (True, 5)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == outputs["STREAM_FAILURES_QUEUE_ARN"]


def test_what_the_stacks_made_joins_what_the_settings_say(function: str, outputs: dict[str, str]) -> None:
    functions._configure(function, outputs)
    functions._configure(function, {"SECRET_KEY": "made once"})
    variables = client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    assert variables == {"STAGE": "test", **outputs, "SECRET_KEY": "made once"}


def test_undeploying_takes_away_what_feeds_the_function(
    function: str, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    undeployed: list[str] = []
    monkeypatch.setattr(functions, "_zappa", lambda verb, stage, *_, report: undeployed.append(f"{verb} {stage}"))
    functions._connect_queues(function, outputs)
    functions._connect_stream(function, outputs)
    functions.undeploy(settings.STAGE, report=lambda line: None)
    assert mappings(function) == []
    # The web function was never made.
    assert undeployed == ["undeploy test_events"]


def test_a_stage_keeps_its_signing_key() -> None:
    key = functions._secret_key("one")
    assert len(key) >= 50
    assert functions._secret_key("one") == key
    assert functions._secret_key("other") != key
