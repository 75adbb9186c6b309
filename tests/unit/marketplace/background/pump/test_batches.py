"""Batches go through the handler in order, whatever it does with them."""

from collections.abc import Sequence, Set
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.background.pump.batches import MAX_TRIES, Record, process
from tests import mutants


def records(count: int) -> list[Record]:
    return [{"dynamodb": {"SequenceNumber": f"{number:03d}"}} for number in range(count)]


def numbers(batch: Sequence[Record]) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in batch]


class Run:
    """Sends records through a handler that behaves as told, and notes what came of it."""

    def __init__(
        self, *, poison: Set[int] = frozenset(), raising: bool = False, flaky: dict[int, int] | None = None
    ) -> None:
        self.poison, self.raising, self.flaky = poison, raising, dict(flaky or {})
        self.effects: list[int] = []
        self.given_up: list[int] = []
        self.done: list[int] = []

    def handle(self, batch: Sequence[Record]) -> dict[str, Any]:
        for record, number in zip(batch, numbers(batch), strict=True):
            if number in self.poison or self.flaky.get(number, 0) > 0:
                self.flaky[number] = self.flaky.get(number, 0) - 1
                if self.raising:
                    raise RuntimeError(number)
                return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
            self.effects.append(number)
        return {"batchItemFailures": []}

    def process(self, count: int) -> "Run":
        process(
            records(count),
            self.handle,
            done=lambda number: self.done.append(int(number)),
            give_up=lambda record: self.given_up.extend(numbers([record])),
            sleep=lambda seconds: None,
        )
        return self


def test_a_good_batch_is_handled_once() -> None:
    run = Run().process(7)
    assert run.effects == list(range(7))
    assert run.done == [6]


@pytest.mark.parametrize("raising", [False, True])
@given(poison=st.sets(st.integers(0, 11), max_size=4))
def test_only_poison_is_given_up_and_everything_else_is_handled_in_order(raising: bool, poison: set[int]) -> None:
    run = Run(poison=poison, raising=raising).process(12)
    assert run.given_up == sorted(poison)
    first_effects = list(dict.fromkeys(run.effects))
    assert sorted(first_effects) == sorted(set(range(12)) - poison)
    assert first_effects == sorted(first_effects)
    assert run.done[-1] == 11
    assert run.done == sorted(run.done)


def test_mutant_batches_are_not_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.do_not_halve_batches(monkeypatch)
    assert Run(poison={3}, raising=True).process(12).given_up != [3]


@pytest.mark.parametrize("raising", [False, True])
def test_what_fails_for_a_while_is_tried_until_it_works(raising: bool) -> None:
    run = Run(flaky={3: MAX_TRIES - 1}, raising=raising).process(5)
    assert run.given_up == []
    assert set(run.effects) == set(range(5))


def test_nothing_is_marked_done_before_it_was_handled() -> None:
    run = Run(poison={2})

    def done(number: str) -> None:
        assert set(range(int(number) + 1)) <= set(run.effects) | set(run.given_up)

    process(
        records(5),
        run.handle,
        done=done,
        give_up=lambda record: run.given_up.extend(numbers([record])),
        sleep=lambda seconds: None,
    )


def test_an_answer_that_names_unknown_records_is_a_failed_batch() -> None:
    given_up: list[int] = []
    process(
        records(1),
        lambda batch: {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        done=lambda number: None,
        give_up=lambda record: given_up.extend(numbers([record])),
        sleep=lambda seconds: None,
    )
    assert given_up == [0]
