"""Polling one table's stream."""

import logging
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

import orjson
from botocore.exceptions import ClientError

from kernel import clock
from kernel.aws import client
from marketplace.background.pump import checkpoints
from marketplace.background.pump.batches import Handler, Record, process, sequence_number

logger = logging.getLogger(__name__)

BATCH_SIZE = 100
# Asked for again at once while there is something, and then less and less often.
SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5
# New shards appear every few hours, and when a table is made anew.
_SHARDS_KNOWN_FOR_SECONDS = 10.0


class StreamPump:
    """Hands the records of a table's stream to a handler, shard by shard, parents before children."""

    def __init__(self, table_name: str, handle: Handler, *, failures_queue_url: str) -> None:
        self._table_name = table_name
        self._handle = handle
        self._failures_queue_url = failures_queue_url
        self._owner = secrets.token_hex(8)
        self._shards: dict[str, _Shard] = {}
        self._shards_read_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Poll until told to stop. What fails is logged and tried again."""
        pause = SHORTEST_PAUSE_SECONDS
        while not stop.is_set():
            try:
                found = self.drain_once()
            except Exception:
                logger.exception("the stream of %s cannot be drained now", self._table_name)
                self._shards.clear()
                self._shards_read_at = float("-inf")
                found, pause = 0, LONGEST_PAUSE_SECONDS
            pause = SHORTEST_PAUSE_SECONDS if found else min(pause * 1.5, LONGEST_PAUSE_SECONDS)
            stop.wait(pause)
        self.close()

    def close(self) -> None:
        """Give up the leases, so that the next pump need not wait for them to run out."""
        for shard in self._shards.values():
            shard.release()
        self._shards.clear()
        self._shards_read_at = float("-inf")

    def drain_once(self) -> int:
        """At most one batch of every shard; how many records were handled."""
        self._find_shards()
        found = 0
        for shard in self._shards.values():
            parent = self._shards.get(shard.parent_id)
            # A child's records come after its parent's. A parent that is not listed any more was trimmed.
            if not shard.is_finished and (parent is None or parent.is_finished):
                found += self._drain(shard)
        return found

    def _find_shards(self) -> None:
        if time.monotonic() - self._shards_read_at < _SHARDS_KNOWN_FOR_SECONDS:
            return
        stream_arn = client("dynamodb").describe_table(TableName=self._table_name)["Table"]["LatestStreamArn"]
        listed: dict[str, _Shard] = {}
        start: dict[str, str] = {}
        while True:
            stream = client("dynamodbstreams").describe_stream(StreamArn=stream_arn, **start)["StreamDescription"]
            for shard in stream["Shards"]:
                known = self._shards.get(shard["ShardId"])
                if known is None or known.stream_arn != stream_arn:
                    known = _Shard(stream_arn, shard, self._owner)
                listed[known.shard_id] = known
            if "LastEvaluatedShardId" not in stream:
                break
            start = {"ExclusiveStartShardId": stream["LastEvaluatedShardId"]}
        self._shards, self._shards_read_at = listed, time.monotonic()

    def _drain(self, shard: "_Shard") -> int:
        if not shard.take():
            return 0
        records = shard.next_records()
        process(
            records,
            self._handle,
            done=shard.advance,
            give_up=lambda record: self._report_failure(shard, record),
        )
        shard.go_on()
        return len(records)

    def _report_failure(self, shard: "_Shard", record: Record) -> None:
        """Leave the position of a record that cannot be processed: like Lambda, without its contents."""
        position = {
            "shardId": shard.shard_id,
            "startSequenceNumber": sequence_number(record),
            "endSequenceNumber": sequence_number(record),
            "batchSize": 1,
            "streamArn": shard.stream_arn,
        }
        client("sqs").send_message(
            QueueUrl=self._failures_queue_url,
            MessageBody=orjson.dumps({"DDBStreamBatchInfo": position}).decode(),
        )
        logger.error("gave up on stream record %s", sequence_number(record))


class _Shard:
    """One shard, as this pump sees it."""

    def __init__(self, stream_arn: str, description: Mapping[str, Any], owner: str) -> None:
        self.stream_arn = stream_arn
        self.shard_id: str = description["ShardId"]
        self.parent_id: str = description.get("ParentShardId", "")
        self.is_finished = False
        self._owner = owner
        self._key = checkpoints.key_of(stream_arn, self.shard_id)
        self._taken_at = float("-inf")
        self._sequence_number: str | None = None
        self._iterator: str | None = None
        self._next_iterator: str | None = None

    def take(self) -> bool:
        """Whether this pump has the shard; its lease is renewed in good time."""
        if time.monotonic() - self._taken_at < checkpoints.LEASE.total_seconds() / 3:
            return True
        row = checkpoints.take(self._key, owner=self._owner, now=clock.now())
        if row is None:
            self._iterator = None
            return False
        self.is_finished = bool(row.get("is_finished"))
        if row.get("sequence_number") != self._sequence_number:
            self._sequence_number = row.get("sequence_number")
            self._iterator = None
        self._taken_at = time.monotonic()
        return not self.is_finished

    def release(self) -> None:
        """Give up the lease, if this pump has it."""
        if self._taken_at > float("-inf") and not self.is_finished:
            checkpoints.release(self._key, owner=self._owner)

    def next_records(self) -> list[Record]:
        """The next records behind the checkpoint, in the shape in which Lambda gets them."""
        if self._iterator is None:
            self._iterator = self._iterator_at_checkpoint()
        answer = client("dynamodbstreams").get_records(ShardIterator=self._iterator, Limit=BATCH_SIZE)
        # Taken over only when the records are done: after a failure they are read again.
        self._next_iterator = answer.get("NextShardIterator")
        return [{**record, "eventSourceARN": self.stream_arn} for record in answer["Records"]]

    def advance(self, number: str) -> None:
        """Note that all up to this record is done."""
        checkpoints.advance(self._key, owner=self._owner, sequence_number=number, now=clock.now())
        self._sequence_number = number
        self._taken_at = time.monotonic()
        # If anything fails from here on, reading goes on at the checkpoint.
        self._iterator = None

    def go_on(self) -> None:
        """Go on behind the records that were read last: all of them are done."""
        self._iterator = self._next_iterator
        if self._iterator is None:
            checkpoints.advance(self._key, owner=self._owner, finished=True, now=clock.now())
            self.is_finished = True

    def _iterator_at_checkpoint(self) -> str:
        streams = client("dynamodbstreams")
        where = {"StreamArn": self.stream_arn, "ShardId": self.shard_id}
        if self._sequence_number is not None:
            try:
                return str(
                    streams.get_shard_iterator(
                        **where, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=self._sequence_number
                    )["ShardIterator"]
                )
            except ClientError as error:
                # Trimmed: the pump was away for more than a day. The reconciler publishes what is missing.
                if error.response["Error"]["Code"] != "TrimmedDataAccessException":
                    raise
                logger.info("the checkpoint of %s is no longer in the stream", self.shard_id)
        return str(streams.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")["ShardIterator"])
