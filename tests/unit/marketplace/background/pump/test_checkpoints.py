"""Which checkpoint is whose."""

from marketplace.background.pump.checkpoints import key_of

SHARD = "shardId-00000000000000000000-00000000"


def stream(table: str, label: str = "2026-11-29T00:53:56.193Z") -> str:
    return f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/{label}"


def test_tables_that_were_made_in_one_millisecond_have_a_checkpoint_each() -> None:
    assert key_of(stream("local-photos-table"), SHARD) != key_of(stream("local-providers-table"), SHARD)


def test_a_table_that_was_made_anew_begins_anew() -> None:
    assert key_of(stream("local-photos-table"), SHARD) != key_of(stream("local-photos-table", "2026-11-30"), SHARD)
