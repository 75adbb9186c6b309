"""Copies of items are equal to the original and share nothing with it."""

import random
from collections import defaultdict
from copy import deepcopy
from typing import Any

import pytest
from ministack.services import dynamodb

from marketplace.laptop.embedded_cloud import copies
from marketplace.laptop.embedded_cloud.copies import deep_copy


def random_value(dice: random.Random, depth: int) -> Any:
    kind = dice.randrange(8 if depth else 6)
    if kind == 6:
        return {str(number): random_value(dice, depth - 1) for number in range(dice.randrange(4))}
    if kind == 7:
        return [random_value(dice, depth - 1) for _ in range(dice.randrange(4))]
    return (dice.choice(["", "a", "é"]), b"\x00", dice.random() < 0.5, dice.randrange(9), dice.random(), None)[kind]


def containers(value: Any) -> set[int]:
    """What can change in it, by identity."""
    if not isinstance(value, dict | list):
        return set()
    parts = value.values() if isinstance(value, dict) else value
    return {id(value)}.union(*map(containers, parts))


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_is_equal_and_shares_nothing_that_can_change(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    for _ in range(50):
        value = {"item": random_value(dice, depth=4)}
        made = deep_copy(value)
        assert made == deepcopy(value)
        assert not containers(made) & containers(value)


def test_what_no_item_has_is_copied_in_the_general_way() -> None:
    value = defaultdict(dict, {"a": {"S": "x"}})
    made = deep_copy(value)
    assert type(made) is defaultdict
    assert made == value
    assert made["a"] is not value["a"]
    assert made["new"] == {}


def test_dynamodb_copies_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb, "copy", dynamodb.copy)
    copies.enforce()
    assert dynamodb.copy.deepcopy is deep_copy
    assert dynamodb.copy.copy is not None
