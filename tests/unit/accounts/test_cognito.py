"""Cognito's refusals, told by a stub of its answers: of most the embedded pool knows nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from pytest_django import Settings

from accounts import cognito
from kernel.actors import Role
from kernel.aws import client
from kernel.errors import BusyError, DomainError, InvalidInputError, TooManyRequestsError

EMAIL = "ada@example.com"
PASSWORD = "Copper-Kettle-41"
# HMAC-SHA256 with the key "secret" of address and client id, as Cognito documents it.
SECRET_HASH = "pCfmF0r7Gu0NuqTNTEkVYGLmqkeLB+7ZDlvCeFKuOH0="
CHALLENGE = cognito.Challenge(name=cognito.CODE_OF_APP, session="s" * 20, username=EMAIL)


@pytest.fixture
def pool(settings: Settings) -> Iterator[Stubber]:
    """The pool's answers, in the order in which they are added."""
    settings.COGNITO_CLIENT_ID = "client"
    settings.COGNITO_CLIENT_SECRET = "secret"
    settings.COGNITO_API_CLIENT_ID = "api-client"
    settings.COGNITO_USER_POOL_ID = "us-east-1_pool"
    stub = Stubber(client("cognito-idp"))
    with stub:
        yield stub
    stub.assert_no_pending_responses()
    # This one may have been made before there is an embedded cloud to talk to.
    client.cache_clear()


def confirm() -> None:
    cognito.confirm_sign_up(email=EMAIL, code="000000")


def reset() -> None:
    cognito.reset_password(email=EMAIL, code="000000", password=PASSWORD)


def sign_in() -> None:
    cognito.sign_in(email=EMAIL, password=PASSWORD)


def answer_code() -> None:
    cognito.answer_challenge(CHALLENGE, "000000")


def confirm_app() -> None:
    cognito.confirm_app(access_token="token", code="000000")


def sign_up() -> None:
    cognito.sign_up(email=EMAIL, password=PASSWORD, name="Ada", time_zone="UTC", language="en")


@pytest.mark.parametrize(
    ("operation", "act", "code"),
    [
        ("confirm_sign_up", confirm, "CodeMismatchException"),
        ("confirm_sign_up", confirm, "ExpiredCodeException"),
        # Used before, so the account is confirmed; and: there is no such account.
        ("confirm_sign_up", confirm, "NotAuthorizedException"),
        ("confirm_sign_up", confirm, "UserNotFoundException"),
        ("confirm_forgot_password", reset, "CodeMismatchException"),
        ("confirm_forgot_password", reset, "ExpiredCodeException"),
        ("confirm_forgot_password", reset, "UserNotFoundException"),
        ("confirm_forgot_password", reset, "UserNotConfirmedException"),
        ("respond_to_auth_challenge", answer_code, "CodeMismatchException"),
        ("respond_to_auth_challenge", answer_code, "ExpiredCodeException"),
        ("verify_software_token", confirm_app, "EnableSoftwareTokenMFAException"),
        ("verify_software_token", confirm_app, "CodeMismatchException"),
    ],
)
def test_wrong_and_used_codes_are_refused_in_the_same_words(
    pool: Stubber, operation: str, act: Callable[[], None], code: str
) -> None:
    pool.add_client_error(operation, code)

    with pytest.raises(InvalidInputError) as refused:
        act()

    (error,) = refused.value.errors
    assert error.field == "code"
    assert str(error.message) == "This code is wrong or has expired. Check it, or ask for a new one."


@pytest.mark.parametrize(
    "code",
    [
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
    ],
)
def test_signing_in_is_refused_in_the_same_words(pool: Stubber, code: str) -> None:
    pool.add_client_error("initiate_auth", code)
    with pytest.raises(cognito.SignInRefusedError) as refused:
        sign_in()
    assert str(refused.value.message) == "The email address or the password is wrong."


def test_an_expired_challenge_is_refused(pool: Stubber) -> None:
    pool.add_client_error("respond_to_auth_challenge", "NotAuthorizedException", "Invalid session for the user.")
    with pytest.raises(cognito.SignInRefusedError):
        answer_code()


@pytest.mark.parametrize("code", ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"])
@pytest.mark.parametrize(("operation", "act"), [("sign_up", sign_up), ("confirm_forgot_password", reset)])
def test_a_password_against_the_policy(pool: Stubber, operation: str, act: Callable[[], None], code: str) -> None:
    pool.add_client_error(operation, code)
    with pytest.raises(InvalidInputError) as refused:
        act()
    assert [error.field for error in refused.value.errors] == ["password"]


@pytest.mark.parametrize("act", [lambda: cognito.resend_code(EMAIL), lambda: cognito.send_reset_code(EMAIL)])
@pytest.mark.parametrize("code", [None, "UserNotFoundException", "InvalidParameterException", "NotAuthorizedException"])
def test_sending_a_code_never_tells_whether_there_was_one_to_send(
    pool: Stubber, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], code: str | None
) -> None:
    for operation in ("resend_confirmation_code", "forgot_password"):
        monkeypatch.setattr(client("cognito-idp"), operation, _answers(operation, code))
    act()


def _answers(operation: str, code: str | None) -> Callable[..., dict[str, Any]]:
    def answer(**arguments: Any) -> dict[str, Any]:
        if code is not None:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)
        return {}

    return answer


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "TooManyRequestsException", "TooManyFailedAttemptsException"]
)
@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("initiate_auth", sign_in),
        ("confirm_sign_up", confirm),
        ("sign_up", sign_up),
        ("verify_software_token", confirm_app),
    ],
)
def test_cognitos_own_limits_are_passed_on(pool: Stubber, operation: str, act: Callable[[], None], code: str) -> None:
    pool.add_client_error(operation, code)
    with pytest.raises(TooManyRequestsError) as refused:
        act()
    assert refused.value.retry_after == 60


def test_a_pool_out_of_order_is_a_passing_failure(pool: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    pool.add_client_error("initiate_auth", "InternalErrorException")
    with pytest.raises(BusyError):
        sign_in()

    def refuse(**arguments: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    monkeypatch.setattr(client("cognito-idp"), "initiate_auth", refuse)
    with pytest.raises(BusyError):
        sign_in()


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidParameterException", "AccessDeniedException"])
def test_a_wrong_set_up_is_not_blamed_on_the_person(pool: Stubber, code: str) -> None:
    pool.add_client_error("initiate_auth", code)
    with pytest.raises(ClientError):
        sign_in()


def test_a_taken_address_is_no_error_for_people(pool: Stubber) -> None:
    pool.add_client_error("sign_up", "UsernameExistsException")
    with pytest.raises(cognito.AddressTakenError) as taken:
        sign_up()
    assert not isinstance(taken.value, DomainError)


def test_signing_in_ends_with_tokens_or_a_challenge(pool: Stubber) -> None:
    tokens = {"AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 900}
    pool.add_response("initiate_auth", {"AuthenticationResult": tokens})
    assert cognito.sign_in(email=EMAIL, password=PASSWORD) == cognito.Tokens("access", "id")

    pool.add_response(
        "initiate_auth",
        {
            "ChallengeName": cognito.CODE_OF_APP,
            "Session": "s" * 20,
            "ChallengeParameters": {"USER_ID_FOR_SRP": "the-user-id"},
        },
    )
    challenge = cognito.sign_in(email=EMAIL, password=PASSWORD)
    assert challenge == cognito.Challenge(cognito.CODE_OF_APP, "s" * 20, "the-user-id")


def test_a_temporary_password_has_to_be_replaced(pool: Stubber) -> None:
    pool.add_response("initiate_auth", {"ChallengeName": cognito.NEW_PASSWORD, "Session": "s" * 20})
    challenge = cognito.sign_in(email=EMAIL, password=PASSWORD)
    assert isinstance(challenge, cognito.Challenge)
    pool.add_response(
        "respond_to_auth_challenge",
        {"AuthenticationResult": {"AccessToken": "access", "IdToken": "id"}},
        {
            "ClientId": "client",
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": "s" * 20,
            "ChallengeResponses": {"USERNAME": EMAIL, "NEW_PASSWORD": "Silver-Ladder-77", "SECRET_HASH": SECRET_HASH},
        },
    )
    assert cognito.answer_challenge(challenge, "Silver-Ladder-77") == cognito.Tokens("access", "id")


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("confirm_sign_up", confirm),
        ("confirm_forgot_password", reset),
        ("resend_confirmation_code", lambda: cognito.resend_code(EMAIL)),
        ("forgot_password", lambda: cognito.send_reset_code(EMAIL)),
    ],
)
def test_the_site_shows_that_it_knows_its_clients_secret(
    pool: Stubber, operation: str, act: Callable[[], None]
) -> None:
    sent: dict[str, Any] = {}
    client("cognito-idp").meta.events.register_first(
        "before-parameter-build.cognito-identity-provider", lambda params, **_: sent.update(params), unique_id="sent"
    )
    pool.add_response(operation, {})
    act()
    assert (sent["ClientId"], sent["SecretHash"]) == ("client", SECRET_HASH)


def test_a_token_for_the_api_is_asked_for_without_the_secret(pool: Stubber) -> None:
    pool.add_response(
        "initiate_auth",
        {"AuthenticationResult": {"AccessToken": "access", "IdToken": "id"}},
        {
            "ClientId": "api-client",
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": EMAIL, "PASSWORD": PASSWORD},
        },
    )
    assert cognito.sign_in_to_api(email=EMAIL, password=PASSWORD) == cognito.Tokens("access", "id")


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("resend_confirmation_code", lambda: cognito.resend_code(EMAIL)),
        ("forgot_password", lambda: cognito.send_reset_code(EMAIL)),
    ],
)
def test_a_limit_of_one_account_does_not_tell_that_there_is_one(
    pool: Stubber, operation: str, act: Callable[[], None]
) -> None:
    pool.add_client_error(operation, "LimitExceededException")
    act()


def test_a_challenge_that_no_page_can_answer_is_refused(pool: Stubber) -> None:
    pool.add_response("initiate_auth", {"ChallengeName": "SMS_MFA", "Session": "s" * 20})
    with pytest.raises(cognito.SignInRefusedError):
        sign_in()


def test_the_role_is_given_as_a_group(pool: Stubber) -> None:
    pool.add_response(
        "admin_add_user_to_group",
        {},
        {"UserPoolId": "us-east-1_pool", "Username": "the-user-id", "GroupName": "providers"},
    )
    cognito.put_in_group("the-user-id", Role.PROVIDER)
