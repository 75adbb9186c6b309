import pytest

from benchmarks.capacity import TableSchema, item_size, write_units

SCHEMA = TableSchema.of(
    {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["state"]},
            },
            {
                "IndexName": "by-mark",
                "KeySchema": [{"AttributeName": "mark", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            },
        ],
    }
)
ITEM = {"id": {"S": "1"}, "owner": {"S": "ann"}, "state": {"S": "new"}, "text": {"S": "x" * 2000}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "1234"}, 3),
        ({"N": "12345"}, 4),
        ({"N": "1200"}, 2),
        ({"N": "-1"}, 3),
        ({"N": "0.5"}, 2),
        ({"BOOL": True}, 1),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 9),
        ({"M": {"ab": {"S": "cd"}}}, 8),
    ],
)
def test_a_value_is_as_large_as_aws_says(value: dict[str, object], size: int) -> None:
    assert item_size({"a": value}) == 1 + size


def test_a_new_item_costs_a_unit_per_kilobyte_and_one_per_small_entry_of_an_index() -> None:
    assert write_units(SCHEMA, None, ITEM, transactional=False) == 2 + 1


def test_a_transaction_doubles_the_item_but_not_its_entries() -> None:
    assert write_units(SCHEMA, None, ITEM, transactional=True) == 4 + 1


def test_the_larger_of_old_and_new_item_counts() -> None:
    assert write_units(SCHEMA, ITEM, ITEM | {"text": {"S": ""}}, transactional=False) == 2


def test_an_entry_is_written_when_it_changes_and_twice_when_its_key_does() -> None:
    assert write_units(SCHEMA, ITEM, ITEM | {"state": {"S": "old"}}, transactional=False) == 2 + 1
    assert write_units(SCHEMA, ITEM, ITEM | {"owner": {"S": "bob"}}, transactional=False) == 2 + 2


def test_an_item_enters_an_index_with_the_index_key() -> None:
    assert write_units(SCHEMA, ITEM, ITEM | {"mark": {"S": "!"}}, transactional=False) == 2 + 2


def test_deleting_costs_what_is_deleted() -> None:
    assert write_units(SCHEMA, ITEM, None, transactional=False) == 2 + 1
