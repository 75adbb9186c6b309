from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.services import ensure_account
from accounts.tokens import UserPool, verify_access_token
from kernel.actors import Role
from kernel.aws import client
from kernel.clock import now


def make_account(password: str) -> tuple[str, str]:
    email = f"{uuid4()}@example.com"
    return email, ensure_account(email=email, password=password, name="Ada", role=Role.CUSTOMER, now=now())


def test_it_prints_the_token_alone(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    email, user_id = make_account(settings.DEMO_PASSWORD)

    call_command("token", email)

    output = capsys.readouterr()
    (line,) = output.out.splitlines()
    assert verify_access_token(line, UserPool.for_api())["sub"] == user_id
    assert output.err == ""


def test_it_takes_another_password(capsys: pytest.CaptureFixture[str]) -> None:
    email, user_id = make_account("Another-Password-1")

    call_command("token", email, password="Another-Password-1")

    assert verify_access_token(capsys.readouterr().out.strip(), UserPool.for_api())["sub"] == user_id


def test_an_unknown_account() -> None:
    with pytest.raises(CommandError, match=r"^There is no account nobody@example.com\."):
        call_command("token", "nobody@example.com")


@pytest.mark.parametrize("email", ["", "nobody", "@"])
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(CommandError, match=r"is no email address\.$"):
        call_command("token", email)


def test_a_wrong_password() -> None:
    email, _ = make_account("Another-Password-1")

    with pytest.raises(CommandError, match=r"^The email address or the password is wrong\.$"):
        call_command("token", email)


def test_an_unreachable_cloud(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def refuse(**request: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    monkeypatch.setattr(client("cognito-idp"), "initiate_auth", refuse)

    with pytest.raises(CommandError, match=r"cannot be reached\. Is `make run` running\?$"):
        call_command("token", "customer@example.com")


@pytest.mark.parametrize("password", [None, "Some-Password-1"])
def test_production_has_none(settings: Settings, password: str | None) -> None:
    email, _ = make_account("Some-Password-1")
    del settings.DEMO_PASSWORD

    with pytest.raises(CommandError, match=r"^Not available in production"):
        call_command("token", email, password=password)
