"""The embedded cloud's Cognito accepts the codes that it mailed, and no others."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts import cognito
from kernel.errors import InvalidInputError
from tests.factories.accounts import mailed_code

PASSWORD, OTHER_PASSWORD = "Copper-Kettle-41", "Silver-Ladder-77"


def waiting_person() -> str:
    """The address of somebody who has signed up, and waits for the code."""
    email = f"ada-{uuid4()}@example.com"
    cognito.sign_up(email=email, password=PASSWORD, name="Ada Park", time_zone=None, language="en")
    return email


def forgetful_person() -> str:
    """The address of somebody who has asked for a code to set a new password with."""
    email = waiting_person()
    cognito.confirm_sign_up(email=email, code=mailed_code(email))
    cognito.send_reset_code(email)
    return email


def confirm(email: str, code: str) -> None:
    cognito.confirm_sign_up(email=email, code=code)


def reset(email: str, code: str) -> None:
    cognito.reset_password(email=email, code=code, password=OTHER_PASSWORD)


WAYS = pytest.mark.parametrize(
    ("make_person", "use", "ask_again"),
    [(waiting_person, confirm, cognito.resend_code), (forgetful_person, reset, cognito.send_reset_code)],
    ids=["sign-up", "reset"],
)
MakePerson = Callable[[], str]
Use = Callable[[str, str], None]
AskAgain = Callable[[str], None]


def assert_refused(use: Use, email: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        use(email, code)
    assert [error.field for error in refused.value.errors] == ["code"]


@WAYS
def test_the_mailed_code_is_accepted_once(make_person: MakePerson, use: Use, ask_again: AskAgain) -> None:
    email = make_person()
    code = mailed_code(email)

    use(email, code)

    assert_refused(use, email, code)


@WAYS
def test_another_code_is_refused(make_person: MakePerson, use: Use, ask_again: AskAgain) -> None:
    email = make_person()
    code = mailed_code(email)

    for wrong in ("123456", "654321", code[:5], f"{(int(code) + 1) % 10**6:06}", mailed_code(make_person())):
        if wrong != code:
            assert_refused(use, email, wrong)
    # A wrong one costs nobody the right one.
    use(email, code)


@WAYS
def test_a_new_code_ends_the_one_before(make_person: MakePerson, use: Use, ask_again: AskAgain) -> None:
    email = make_person()
    before = mailed_code(email)

    ask_again(email)

    after = mailed_code(email)
    if before != after:
        assert_refused(use, email, before)
    use(email, after)


def test_the_code_of_a_sign_up_sets_no_password() -> None:
    email = waiting_person()
    code = mailed_code(email)
    cognito.confirm_sign_up(email=email, code=code)

    assert_refused(reset, email, code)
    cognito.send_reset_code(email)
    if mailed_code(email) != code:
        assert_refused(reset, email, code)


def test_codes_differ() -> None:
    assert len({mailed_code(waiting_person()) for _ in range(5)}) > 1
