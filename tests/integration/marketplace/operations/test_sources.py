"""Connecting the events function to queues and stream on the embedded cloud."""

from typing import Any

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy import sources
from marketplace.operations.deploy.sources import SourceError, connect, disconnect, mappings
from marketplace.operations.provisioning import provision


@pytest.fixture
def outputs() -> dict[str, str]:
    return provision(settings.STAGE)


def by_source(function: str) -> dict[str, dict[str, Any]]:
    """The mappings of the function by the name of their queue, or as "stream"."""
    return {
        "stream" if "/stream/" in each["EventSourceArn"] else each["EventSourceArn"].rsplit(":", 1)[1]: each
        for each in mappings(function)
    }


def test_each_queue_feeds_the_function_once(function: str, outputs: dict[str, str]) -> None:
    for _ in range(2):
        connect(function, outputs, with_stream=False)

    assert len(mappings(function)) == 3
    connected = by_source(function)
    assert set(connected) == {"test-email-feedback", "test-notifications.fifo", "test-tasks"}
    for mapping in connected.values():
        # Else one failed message would bring back its whole batch.
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        # Else a pile of messages would take all that the account may run at once.
        assert mapping["ScalingConfig"]["MaximumConcurrency"] <= 5


def test_the_stream_feeds_the_function_from_its_beginning_and_gives_up_in_the_open(
    function: str, outputs: dict[str, str]
) -> None:
    for _ in range(2):
        connect(function, outputs, with_stream=True)

    mapping = by_source(function)["stream"]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["BisectBatchOnFunctionError"], mapping["MaximumRetryAttempts"]) == (True, 5)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == outputs["STREAM_FAILURES_QUEUE_ARN"]


def test_a_mapping_gets_the_settings_of_this_checkout(function: str, outputs: dict[str, str]) -> None:
    connect(function, outputs, with_stream=False)
    old = by_source(function)["test-tasks"]
    client("lambda").update_event_source_mapping(UUID=old["UUID"], BatchSize=1)

    connect(function, outputs, with_stream=False)

    assert by_source(function)["test-tasks"]["BatchSize"] == 5
    assert by_source(function)["test-tasks"]["UUID"] == old["UUID"]


class LeavingFirst:
    """Lists a mapping that was deleted for some more looks, as AWS does."""

    def __init__(self, mapping: dict[str, Any], looks: int) -> None:
        self._mapping, self._looks = {**mapping, "State": "Deleting"}, looks

    def __call__(self, function: str) -> list[dict[str, Any]]:
        self._looks -= 1
        return [self._mapping, *mappings(function)] if self._looks >= 0 else mappings(function)


def test_a_mapping_on_its_way_out_is_waited_for_and_made_anew(
    function: str, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(function, outputs, with_stream=False)
    leaving = by_source(function)["test-tasks"]
    disconnect(function)
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr(sources, "mappings", LeavingFirst(leaving, looks=5))

    connect(function, outputs, with_stream=False)

    assert pauses
    assert by_source(function)["test-tasks"]["UUID"] != leaving["UUID"]


def test_a_mapping_that_stays_busy_is_named(
    function: str, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(function, outputs, with_stream=False)
    busy = {**by_source(function)["test-tasks"], "State": "Updating"}
    others = [each for each in mappings(function) if each["UUID"] != busy["UUID"]]
    monkeypatch.setattr(sources, "_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(sources, "mappings", lambda function: [*others, busy])

    with pytest.raises(SourceError, match="test-tasks: its mapping stays Updating"):
        connect(function, outputs, with_stream=False)
