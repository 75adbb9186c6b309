"""Storage against the embedded cloud: rows, pages, conditions, transactions."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.expressions.operand import Path

from bookings.models import BookingDetailsItem
from catalog.models import SlotClaimsItem
from kernel import ids, storage
from kernel.errors import BusyError
from kernel.storage import ConditionFailedError
from kernel.storage.transport import NoAnswerError


@pytest.fixture
def key() -> str:
    return ids.new_child_id(ids.provider_id_for("storage test"))


def details(key: str, notes: str = "first") -> BookingDetailsItem:
    return BookingDetailsItem(booking_id=key, address="1 Main Street", notes=notes)


ABSENT = BookingDetailsItem.booking_id.does_not_exist()


def put_absent(key: str, name: str = "details") -> storage.Write:
    return storage.put(name, details(key), condition=ABSENT)


def set_notes(key: str, notes: str, expected: str) -> storage.Write:
    return storage.update(
        "notes",
        BookingDetailsItem,
        key,
        actions=[BookingDetailsItem.notes.set(notes)],
        condition=BookingDetailsItem.notes == expected,
    )


class TestReads:
    def test_a_row_has_python_names_and_values(self, key: str) -> None:
        storage.write(put_absent(key))
        row = {"booking_id": key, "address": "1 Main Street", "notes": "first"}
        assert storage.get_row(BookingDetailsItem, key) == row

    @pytest.mark.parametrize("impossible", ["", "x" * 2049, "\u00e9" * 1025])
    def test_a_key_that_no_item_can_have_is_absent(self, key: str, impossible: str) -> None:
        storage.write(put_absent(key))
        assert storage.get_row(BookingDetailsItem, impossible) is None
        found = storage.get_rows([(BookingDetailsItem, impossible), (BookingDetailsItem, key)])
        assert [row is not None for row in found] == [False, True]
        assert storage.get_rows([(BookingDetailsItem, impossible)]) == [None]

    def test_an_absent_key_is_none(self, key: str) -> None:
        assert storage.get_row(BookingDetailsItem, key) is None

    def test_many_keys_of_several_tables_come_back_in_order_with_gaps_and_repeats(self, key: str) -> None:
        provider_id = ids.parent_provider_id(key)
        assert provider_id is not None
        storage.write(put_absent(key))
        day = "2031-01-05"
        storage.write(storage.update("day", SlotClaimsItem, provider_id, day, actions=[Path(["c37"]).set(key)]))
        rows = storage.get_rows(
            [
                (SlotClaimsItem, provider_id, day),
                (BookingDetailsItem, "absent"),
                (BookingDetailsItem, key),
                (BookingDetailsItem, key),
            ]
        )
        assert [row and row.get("booking_id", row.get("c37")) for row in rows] == [key, None, key, key]

    def test_attributes_that_the_model_does_not_declare_keep_their_stored_name(self, key: str) -> None:
        write = storage.update(
            "day", SlotClaimsItem, key, "2031-02-01", actions=[Path(["c01"]).set("b"), Path(["x01"]).set(12)]
        )
        assert storage.write(write) == {"provider_id": key, "day": "2031-02-01", "c01": "b", "x01": 12}

    def test_keys_left_unprocessed_are_asked_for_again(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        storage.write(put_absent(key))
        real, calls = storage.shared_transport().send, itertools.count()

        def leave_first_unprocessed(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
            if next(calls) == 0:
                return {"Responses": {}, "UnprocessedKeys": kwargs["RequestItems"]}
            return real(operation, kwargs)

        monkeypatch.setattr(storage.shared_transport(), "send", leave_first_unprocessed)
        assert [row is not None for row in storage.get_rows([(BookingDetailsItem, key)])] == [True]

    def test_more_keys_than_one_batch_takes_are_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="100 keys"):
            storage.get_rows([(BookingDetailsItem, str(number)) for number in range(101)])


class TestPages:
    @pytest.fixture
    def days(self, key: str) -> list[str]:
        days = [f"2031-03-{day:02d}" for day in range(1, 8)]
        for day in days:
            storage.write(storage.update("day", SlotClaimsItem, key, day, actions=[Path(["c00"]).set(day)]))
        return days

    def walk(self, key: str, **options: Any) -> Iterator[list[str]]:
        start_key = None
        while True:
            page = storage.query_rows(SlotClaimsItem, key, limit=3, start_key=start_key, **options)
            yield [row["day"] for row in page.rows]
            start_key = page.next_key
            if start_key is None:
                return

    def test_pages_follow_one_another_without_gap_or_repeat(self, key: str, days: list[str]) -> None:
        assert list(itertools.chain(*self.walk(key))) == days

    def test_backward(self, key: str, days: list[str]) -> None:
        assert list(itertools.chain(*self.walk(key, forward=False))) == days[::-1]

    def test_a_range_condition_narrows(self, key: str, days: list[str]) -> None:
        assert list(itertools.chain(*self.walk(key, range_condition=SlotClaimsItem.day >= days[4]))) == days[4:]

    def test_a_filter_drops_rows_after_they_were_counted(self, key: str, days: list[str]) -> None:
        pages = list(self.walk(key, filter_condition=Path(["c00"]) == days[5]))
        assert pages == [[], [days[5]], []]


class TestWrites:
    def test_a_failed_condition_shows_the_stored_row(self, key: str) -> None:
        storage.write(put_absent(key))
        with pytest.raises(ConditionFailedError) as failure:
            storage.write(set_notes(key, "second", expected="never"))
        assert failure.value.failed["notes"] == {"booking_id": key, "address": "1 Main Street", "notes": "first"}

    def test_a_failed_condition_on_nothing_shows_none(self, key: str) -> None:
        with pytest.raises(ConditionFailedError) as failure:
            storage.write(set_notes(key, "second", expected="first"))
        assert failure.value.failed == {"notes": None}

    def test_an_update_answers_the_new_row(self, key: str) -> None:
        storage.write(put_absent(key))
        row = storage.write(set_notes(key, "second", expected="first"))
        assert row is not None
        assert row["notes"] == "second"

    def test_a_transaction_writes_all_or_nothing_and_names_what_failed(self, key: str) -> None:
        other = ids.new_child_id(key[:12])
        storage.write(put_absent(key))
        with pytest.raises(ConditionFailedError) as failure:
            storage.transact([put_absent(other, "other"), put_absent(key, "taken")])
        assert list(failure.value.failed) == ["taken"]
        assert storage.get_row(BookingDetailsItem, other) is None

    def test_all_failed_conditions_of_a_transaction_are_named(self, key: str) -> None:
        others = [ids.new_child_id(key[:12]) for _ in range(3)]
        for taken in (others[0], others[2]):
            storage.write(put_absent(taken))
        with pytest.raises(ConditionFailedError) as failure:
            storage.transact([put_absent(other, f"write {number}") for number, other in enumerate(others)])
        assert sorted(failure.value.failed) == ["write 0", "write 2"]

    def test_a_check_can_stop_a_transaction(self, key: str) -> None:
        check = storage.check("check", BookingDetailsItem, "absent", condition=BookingDetailsItem.notes.exists())
        with pytest.raises(ConditionFailedError):
            storage.transact([put_absent(key), check])
        assert storage.get_row(BookingDetailsItem, key) is None

    def test_a_delete_honours_its_condition(self, key: str) -> None:
        storage.write(put_absent(key))
        keep = BookingDetailsItem.notes == "never"
        with pytest.raises(ConditionFailedError):
            storage.write(storage.delete("details", BookingDetailsItem, key, condition=keep))
        storage.write(storage.delete("details", BookingDetailsItem, key))
        assert storage.get_row(BookingDetailsItem, key) is None

    def test_a_transaction_repeated_with_its_token_writes_once(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        lose_first_answer(monkeypatch)
        storage.transact([put_absent(key)])
        assert storage.get_row(BookingDetailsItem, key) is not None


def refusal(code: str, reasons: list[str] | None = None) -> ClientError:
    response: Any = {"Error": {"Code": code}}
    if reasons is not None:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "TransactWriteItems")


def fail_first(monkeypatch: pytest.MonkeyPatch, errors: list[Exception]) -> list[str]:
    """Let the first requests end in these errors; the list returned names every request made."""
    real, seen = storage.shared_transport().send, []

    def dispatch(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        seen.append(operation)
        if len(seen) <= len(errors):
            raise errors[len(seen) - 1]
        return real(operation, kwargs)

    monkeypatch.setattr(storage.shared_transport(), "send", dispatch)
    monkeypatch.setattr("kernel.storage.requests.sleep", lambda seconds: None)
    return seen


def lose_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first request be carried out, but answer it with an error of the server."""
    real, calls = storage.shared_transport().send, itertools.count()

    def dispatch(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        answer = real(operation, kwargs)
        if next(calls) == 0:
            raise refusal("InternalServerError")
        return answer

    monkeypatch.setattr(storage.shared_transport(), "send", dispatch)


class TestPassingTrouble:
    @pytest.mark.parametrize(
        "error",
        [
            refusal("ThrottlingException"),
            refusal("ProvisionedThroughputExceededException"),
            refusal("TransactionCanceledException", ["TransactionConflict"]),
            refusal("TransactionCanceledException", ["None", "TransactionConflict"]),
            # The conflict may hide that one's own first try holds the slot.
            refusal("TransactionCanceledException", ["TransactionConflict", "ConditionalCheckFailed"]),
        ],
        ids=str,
    )
    def test_contention_is_tried_again(self, key: str, monkeypatch: pytest.MonkeyPatch, error: ClientError) -> None:
        seen = fail_first(monkeypatch, [error, error])
        storage.transact([put_absent(key)])
        assert seen == ["TransactWriteItems"] * 3

    def test_lasting_contention_ends_in_busy(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = fail_first(monkeypatch, [refusal("ThrottlingException")] * 100)
        with pytest.raises(BusyError) as busy:
            storage.transact([put_absent(key)])
        assert busy.value.retry_after >= 1
        assert len(seen) == 6

    def test_no_answer_is_busy_and_not_repeated_beyond_the_transport(
        self, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = fail_first(monkeypatch, [NoAnswerError("read timed out")])
        with pytest.raises(BusyError):
            storage.get_row(BookingDetailsItem, key)
        assert seen == ["GetItem"]

    def test_any_other_refusal_is_a_defect_and_comes_through(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        fail_first(monkeypatch, [refusal("ValidationException")])
        with pytest.raises(ClientError):
            storage.get_row(BookingDetailsItem, key)


def test_a_model_opens_no_connection_of_its_own(key: str) -> None:
    with pytest.raises(TypeError, match="Models only declare"):
        BookingDetailsItem.get(key)


class TestRetrying:
    def test_a_change_is_made_again_of_what_somebody_wrote_in_between(self, key: str) -> None:
        storage.write(put_absent(key))
        read = []

        def add_a_letter() -> str:
            row = storage.get_row(BookingDetailsItem, key)
            assert row is not None
            read.append(row["notes"])
            if len(read) == 1:
                storage.write(set_notes(key, "second", expected="first"))
            storage.write(set_notes(key, row["notes"] + "!", expected=row["notes"]))
            return str(row["notes"])

        assert storage.retrying(add_a_letter) == "second"
        assert read == ["first", "second"]

    def test_pauses_are_random_and_end_in_busy(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        pauses: list[float] = []
        monkeypatch.setattr("kernel.storage.requests.sleep", pauses.append)

        def lose() -> None:
            raise ConditionFailedError({"provider": None})

        with pytest.raises(BusyError):
            storage.retrying(lose)
        assert len(set(pauses)) == 9

    def test_other_errors_are_not_tried_again(self, key: str) -> None:
        tries = []

        def fail() -> None:
            tries.append(1)
            raise KeyError(key)

        with pytest.raises(KeyError):
            storage.retrying(fail)
        assert len(tries) == 1
