"""Reads as values: several apps' items, fetched with one call."""

from collections.abc import Sequence
from typing import Any

import pytest

from kernel.errors import NotFoundError
from kernel.idempotency import IdempotencyItem
from kernel.rate_limits import CounterItem
from kernel.sentences import sentence
from kernel.storage import Read, Row, item_read, joined, read, reads

ROWS = {"a": {"n": 1}, "b": {"n": 2}}


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many keys each call asked for."""
    asked: list[int] = []

    def get_rows(keys: Sequence[Any], *, consistent: bool) -> list[Row | None]:
        asked.append(len(keys))
        return [ROWS.get(key) for _, key in keys]

    monkeypatch.setattr(reads, "get_rows", get_rows)
    monkeypatch.setattr(reads, "get_row", lambda *key, consistent: get_rows([key], consistent=consistent)[0])
    return asked


def number(key: str) -> Read[int | None]:
    return item_read((IdempotencyItem, key), lambda row: int(row["n"]))


def required(value: int | None) -> int:
    if value is None:
        raise NotFoundError(sentence("There is no such number."))
    return value


def test_one_read_is_the_value_of_its_item(calls: list[int]) -> None:
    assert (read(number("a")), read(number("c"))) == (1, None)
    assert calls == [1, 1]


def test_several_reads_are_one_call(calls: list[int]) -> None:
    other = item_read((CounterItem, "b"), lambda row: str(row["n"]))

    assert read(joined(number("a"), other, number("c"))) == (1, "2", None)
    assert calls == [3]


def test_a_read_can_be_read_on_and_joined_again(calls: list[int]) -> None:
    total = joined(number("a").then(required), number("b").then(required)).then(sum)

    assert read(joined(total, number("a"))) == (3, 1)
    assert calls == [3]


def test_a_read_says_what_is_missing() -> None:
    with pytest.raises(NotFoundError):
        read(joined(number("a"), number("c").then(required)))
