"""The stream of the bookings' table in memory, as the pump reads it."""

# ruff: noqa: N803  (AWS names its parameters)

from typing import Any

from tests.factories.events import STREAM_ARN
from tests.functional.simulation.dynamodb import FakeDynamoDB


class FakeStreams:
    """The clients of DynamoDB and of its streams: one table with a stream of one shard, whose records are numbered."""

    def __init__(self, dynamodb: FakeDynamoDB) -> None:
        self._dynamodb = dynamodb

    def records(self, start: int, limit: int) -> list[dict[str, Any]]:
        """The records from that number on."""
        return [
            {
                "eventSourceARN": STREAM_ARN,
                "dynamodb": {
                    "SequenceNumber": str(start + position),
                    **{name: image for name, image in (("OldImage", old), ("NewImage", new)) if image},
                },
            }
            for position, (old, new) in enumerate(self._dynamodb.stream[start : start + limit])
        ]

    def describe_table(self, *, TableName: str) -> dict[str, Any]:
        return {"Table": {"LatestStreamArn": STREAM_ARN}}

    def describe_stream(self, *, StreamArn: str) -> dict[str, Any]:
        return {"StreamDescription": {"Shards": [{"ShardId": "shard-1"}]}}

    def get_shard_iterator(
        self, *, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str = "-1"
    ) -> dict[str, Any]:
        return {"ShardIterator": str(int(SequenceNumber) + 1)}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:
        records = self.records(int(ShardIterator), Limit)
        return {"Records": records, "NextShardIterator": str(int(ShardIterator) + len(records))}
