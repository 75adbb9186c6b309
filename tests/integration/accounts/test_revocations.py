"""Access tokens that end before their time, although no request asks for it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts import cognito, tokens
from accounts.models import SessionItem
from accounts.queries import find_user, find_user_id
from accounts.revocations import WINDOW_SECONDS, Revocations, revoke_tokens
from accounts.services import (
    change_password,
    disable_person,
    enable_person,
    ensure_account,
    erase_person,
    reset_password,
    sign_in_for_token,
    sign_out_everywhere,
)
from accounts.services.access import end_sessions
from kernel import storage
from kernel.actors import Actor, Role
from kernel.clock import epoch, now
from kernel.errors import BusyError, NotFoundError
from tests.factories.accounts import ApiClient, mailed_code, make_admin, make_customer
from tests.templates import resources

PASSWORD = "Copper-Kettle-41"
OTHER_PASSWORD = "Silver-Spoon-17"
# What one test revokes is in no window of another's.
_hours = iter(range(1, 1000))

Api = Callable[..., ApiClient]


class Clock:
    """What `time.monotonic` says to copies of the list."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of a process that has read nothing yet."""
    clock = Clock()
    monkeypatch.setattr("accounts.revocations.time.monotonic", clock)
    monkeypatch.setattr("accounts.authentication.revocations", Revocations())
    return clock


@pytest.fixture
def moment() -> Iterator[datetime]:
    """The time, which stands still, ten seconds after a window began."""
    moment = datetime(2031, 1, 1, 0, 0, 10, tzinfo=UTC) + timedelta(hours=next(_hours))
    with time_machine.travel(moment, tick=False):
        yield moment


def make_person() -> Actor:
    user_id = ensure_account(
        email=f"{uuid4()}@example.com", password=PASSWORD, name="Ada Park", role=Role.CUSTOMER, now=now()
    )
    return Actor(user_id=user_id, role=Role.CUSTOMER)


def email_of(actor: Actor) -> str:
    user = find_user(actor.user_id)
    assert user is not None
    return user.email


def disable(actor: Actor) -> None:
    disable_person(actor=make_admin(), user_id=actor.user_id, now=now())


def sign_out(actor: Actor) -> None:
    sign_out_everywhere(user_id=actor.user_id)


def change(actor: Actor) -> None:
    user = find_user(actor.user_id)
    assert user is not None
    change_password(user=user, password=PASSWORD, new_password=OTHER_PASSWORD, code="", now=now())


def reset(actor: Actor) -> None:
    email = email_of(actor)
    cognito.send_reset_code(email)
    reset_password(email=email, code=mailed_code(email), password=OTHER_PASSWORD, client_address="192.0.2.1", now=now())


def erase(actor: Actor) -> None:
    erase_person(actor.user_id, now=now())


def raise_epoch(actor: Actor) -> None:
    end_sessions(actor.user_id)


def status(client: ApiClient) -> int:
    return int(client.get("/api/v1/bookings").status_code)


@pytest.mark.parametrize("end", [disable, sign_out, change, reset, erase, raise_epoch])
def test_what_ends_sessions_ends_tokens_at_the_next_look(clock: Clock, end: Callable[[Actor], None]) -> None:
    person, other = make_person(), make_person()
    theirs, others = (ApiClient(sign_in_for_token(email=email_of(each), password=PASSWORD)) for each in (person, other))
    assert (status(theirs), status(others)) == (200, 200)

    end(person)

    clock.seconds += 10
    assert status(theirs) == 200
    clock.seconds += 0.1
    response = theirs.get("/api/v1/bookings")
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert response.json()["detail"] == "The account was disabled or signed out."
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert status(others) == 200


def test_public_addresses_refuse_the_token_too(api: Api, clock: Clock) -> None:
    person = make_customer()
    client = api(person)
    revoke_tokens(person.user_id)

    assert client.get("/api/v1/categories").status_code == 401
    assert api().get("/api/v1/categories").status_code == 200


def test_a_token_of_the_same_second_is_refused_and_one_of_the_next_believed(
    api: Api, clock: Clock, moment: datetime
) -> None:
    person = make_customer()
    old = api(person)
    revoke_tokens(person.user_id)

    assert status(old) == 401
    with time_machine.travel(moment + timedelta(seconds=1), tick=False):
        assert status(api(person)) == 200
        assert status(old) == 401


def test_who_is_let_in_again_needs_a_new_token(api: Api, clock: Clock) -> None:
    person = make_person()
    old = api(person)
    disable(person)
    enable_person(actor=make_admin(), user_id=person.user_id)

    with time_machine.travel(now() + timedelta(seconds=2), tick=False):
        assert (status(old), status(api(person))) == (401, 200)


def test_a_request_pays_for_the_look_once_in_ten_seconds(
    api: Api, clock: Clock, dynamodb_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.revocations._REFRESH_SECONDS", 10.0)
    client = api(make_customer())
    assert status(client) == 200
    dynamodb_calls.clear()

    for _ in range(5):
        assert status(client) == 200
    assert dynamodb_calls == ["Query"] * 5

    clock.seconds += 10.1
    for _ in range(5):
        assert status(client) == 200
    assert dynamodb_calls[5:] == ["BatchGetItem"] + ["Query"] * 5


def test_the_last_copy_stays_in_use_while_dynamodb_does_not_answer(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked, revoked_meanwhile = make_customer(), make_customer()
    clients = api(revoked), api(revoked_meanwhile)
    revoke_tokens(revoked.user_id)
    assert [status(client) for client in clients] == [401, 200]
    revoke_tokens(revoked_meanwhile.user_id)
    tries = []

    def refuse(*arguments: Any, **options: Any) -> None:
        tries.append(arguments)
        raise BusyError

    with monkeypatch.context() as outage:
        outage.setattr("accounts.revocations.storage.get_rows", refuse)
        clock.seconds += 10.1
        assert [status(client) for client in clients for _ in range(3)] == [401] * 3 + [200] * 3
        assert len(tries) == 1

    clock.seconds += 10.1
    assert [status(client) for client in clients] == [401, 401]


def test_a_process_that_starts_in_an_outage_believes_tokens_until_it_can_look(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_customer()
    client = api(person)
    revoke_tokens(person.user_id)

    def refuse(*arguments: Any, **options: Any) -> None:
        raise BusyError

    with monkeypatch.context() as outage:
        outage.setattr("accounts.revocations.storage.get_rows", refuse)
        assert status(client) == 200
    clock.seconds += 10.1
    assert status(client) == 401


def test_threads_that_start_together_wait_for_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, issued_at = str(uuid4()), epoch(now())
    revoke_tokens(user_id)
    copy, get_rows = Revocations(), storage.get_rows
    readings = []

    def read_slowly(*arguments: Any, **options: Any) -> Any:
        readings.append(arguments)
        time.sleep(0.1)
        return get_rows(*arguments, **options)

    monkeypatch.setattr("accounts.revocations.storage.get_rows", read_slowly)
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(lambda _: copy.covers(user_id, issued_at), range(16)))
    assert len(readings) == 1


def test_a_copy_from_before_a_long_pause_serves_nobody(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, issued_at = str(uuid4()), epoch(now())
    copy, get_rows = Revocations(), storage.get_rows
    assert not copy.covers(user_id, issued_at)
    revoke_tokens(user_id)
    clock.seconds += 3600

    def read_slowly(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.1)
        return get_rows(*arguments, **options)

    monkeypatch.setattr("accounts.revocations.storage.get_rows", read_slowly)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: copy.covers(user_id, issued_at), range(8)))


def test_who_has_a_copy_does_not_wait_for_the_next(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, issued_at = str(uuid4()), epoch(now())
    revoke_tokens(user_id)
    copy = Revocations()
    assert copy.covers(user_id, issued_at)
    reading, answered = threading.Event(), threading.Event()

    def wait(*arguments: Any, **options: Any) -> list[None]:
        reading.set()
        assert answered.wait(60)
        return [None, None]

    monkeypatch.setattr("accounts.revocations.storage.get_rows", wait)
    clock.seconds += 10.1
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(copy.covers, user_id, issued_at)
        assert reading.wait(60)
        assert copy.covers(user_id, issued_at)
        answered.set()
        assert not slow.result()


def test_revocations_at_the_same_moment_are_all_kept(clock: Clock) -> None:
    people = [str(uuid4()) for _ in range(40)]
    issued_at = epoch(now())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(revoke_tokens, people))

    copy = Revocations()
    assert all(copy.covers(user_id, issued_at) for user_id in people)


def test_the_latest_revocation_counts(clock: Clock, moment: datetime) -> None:
    user_id = str(uuid4())
    for seconds in (5, 9, 2):
        with time_machine.travel(moment + timedelta(seconds=seconds), tick=False):
            revoke_tokens(user_id)

    copy = Revocations()

    assert copy.covers(user_id, epoch(moment) + 9)
    assert not copy.covers(user_id, epoch(moment) + 10)


@pytest.mark.parametrize("offset", [0, WINDOW_SECONDS // 2, WINDOW_SECONDS - 11])
def test_a_revocation_outlives_the_tokens_and_then_goes(clock: Clock, moment: datetime, offset: int) -> None:
    user_id = str(uuid4())
    revoked_at = moment + timedelta(seconds=offset)
    with time_machine.travel(revoked_at, tick=False):
        revoke_tokens(user_id)

    def is_refused_after(seconds: int) -> bool:
        with time_machine.travel(revoked_at + timedelta(seconds=seconds), tick=False):
            return Revocations().covers(user_id, epoch(revoked_at))

    assert is_refused_after(_longest_life())
    assert not is_refused_after(2 * WINDOW_SECONDS)


def test_ttl_removes_a_window_only_when_nobody_reads_it_any_more(moment: datetime) -> None:
    revoke_tokens(str(uuid4()))
    window_end = epoch(moment) // WINDOW_SECONDS * WINDOW_SECONDS + WINDOW_SECONDS
    row = storage.get_row(SessionItem, f"revoked-tokens#{window_end}")
    assert row is not None
    assert row["expires_at"] == window_end + WINDOW_SECONDS


def _longest_life() -> int:
    """For how many seconds a token may be believed, by the user pool's template and the leeway for clocks."""
    found = resources("identity").values()
    clients = [each["Properties"] for each in found if each["Type"] == "AWS::Cognito::UserPoolClient"]
    assert {client["TokenValidityUnits"]["AccessToken"] for client in clients} == {"minutes"}
    return max(int(client["AccessTokenValidity"]) for client in clients) * 60 + tokens._LEEWAY_SECONDS


def test_a_window_is_longer_than_a_token_lives() -> None:
    assert _longest_life() + 60 < WINDOW_SECONDS


def test_a_full_list_is_said_and_ends_the_sessions_all_the_same(
    clock: Clock, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.revocations._MAX_REVOCATIONS", 2)
    first, person = str(uuid4()), make_person()
    before = find_user(person.user_id)
    revoke_tokens(first)
    revoke_tokens(str(uuid4()))

    with pytest.raises(BusyError) as refused:
        sign_out(person)

    assert refused.value.retry_after == WINDOW_SECONDS - 10
    after = find_user(person.user_id)
    assert before is not None
    assert after is not None
    assert after.session_epoch == before.session_epoch + 1
    copy = Revocations()
    assert copy.covers(first, epoch(moment))
    assert not copy.covers(person.user_id, epoch(moment))


@pytest.mark.parametrize("end", [disable, sign_out])
def test_what_needs_no_cognito_ends_without_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, end: Callable[[Actor], None]
) -> None:
    person = make_person()
    before = find_user(person.user_id)
    issued_at = epoch(now())

    def refuse(*arguments: Any) -> None:
        raise BusyError

    monkeypatch.setattr(cognito, "disable", refuse)
    monkeypatch.setattr(cognito, "sign_out_everywhere", refuse)
    with pytest.raises(BusyError):
        end(person)

    after = find_user(person.user_id)
    assert before is not None
    assert after is not None
    assert after.session_epoch == before.session_epoch + 1
    assert Revocations().covers(person.user_id, issued_at)


@pytest.mark.parametrize("end", [disable, sign_out])
def test_a_token_issued_while_cognito_is_told_is_revoked_too(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, end: Callable[[Actor], None]
) -> None:
    person = make_person()
    told = now() + timedelta(minutes=1)
    with time_machine.travel(now(), tick=False) as time_of_day:
        tell = cognito.sign_out_everywhere

        def tell_slowly(username: str) -> None:
            time_of_day.move_to(told)
            tell(username)

        monkeypatch.setattr(cognito, "sign_out_everywhere", tell_slowly)
        end(person)

        assert Revocations().covers(person.user_id, epoch(told))


def test_a_person_who_never_signed_in_here_may_have_tokens_all_the_same(clock: Clock) -> None:
    email = f"{uuid4()}@example.com"
    cognito.sign_up(email=email, password=PASSWORD, name="Ada", time_zone="UTC", language="en")
    cognito.confirm_sign_up(email=email, code=mailed_code(email))
    user_id = str(find_user_id(email))
    issued_at = epoch(now())
    with pytest.raises(NotFoundError):
        sign_out_everywhere(user_id=user_id)

    assert Revocations().covers(user_id, issued_at)
