"""The tables' streams in memory, as the pump reads them."""

# ruff: noqa: N803  (AWS names its parameters)

from typing import Any

from tests.factories.events import STREAM_ARN
from tests.functional.simulation.dynamodb import BOOKINGS, FakeDynamoDB


class FakeStreams:
    """The clients of DynamoDB and of its streams: each of one shard, whose records are numbered.

    A stream goes by the name of its table.
    """

    def __init__(self, dynamodb: FakeDynamoDB) -> None:
        self._dynamodb = dynamodb

    def records(self, table: str, start: int, limit: int) -> list[dict[str, Any]]:
        """The records of the table's stream from that number on."""
        return [
            {
                "eventSourceARN": STREAM_ARN.replace(BOOKINGS, table),
                "dynamodb": {
                    "SequenceNumber": str(start + position),
                    **{name: image for name, image in (("OldImage", old), ("NewImage", new)) if image},
                },
            }
            for position, (old, new) in enumerate(self._dynamodb.streams[table][start : start + limit])
        ]

    def describe_table(self, *, TableName: str) -> dict[str, Any]:
        return {"Table": {"LatestStreamArn": TableName}}

    def describe_stream(self, *, StreamArn: str) -> dict[str, Any]:
        return {"StreamDescription": {"Shards": [{"ShardId": "shard-1"}]}}

    def get_shard_iterator(
        self, *, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str = "-1"
    ) -> dict[str, Any]:
        return {"ShardIterator": f"{StreamArn} {int(SequenceNumber) + 1}"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:
        table, number = ShardIterator.split()
        records = self.records(table, int(number), Limit)
        return {"Records": records, "NextShardIterator": f"{table} {int(number) + len(records)}"}
