"""Secrets are in the Parameter Store alone, are read from there, and change without ending what they have signed."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from kernel.aws import client
from marketplace.operations.deploy.secret_values import ensure_secret, keep_secret, rotate_key, secrets_path
from marketplace.settings import secret_store
from marketplace.settings.secret_store import read_secrets


@pytest.fixture
def stage() -> Iterator[str]:
    yield "one"
    for each in client("ssm").get_parameters_by_path(Path=secrets_path("one"))["Parameters"]:
        client("ssm").delete_parameter(Name=each["Name"])


def read(stage: str) -> dict[str, str]:
    return read_secrets(secrets_path(stage), region=settings.AWS_REGION, endpoint_url=settings.AWS_ENDPOINT_URL)


def test_a_stage_keeps_its_secrets(stage: str) -> None:
    key = ensure_secret(stage, "SECRET_KEY")
    assert len(key) >= 50
    assert ensure_secret(stage, "SECRET_KEY") == key
    assert ensure_secret(stage, "FRONT_SECRET") != key
    described = client("ssm").get_parameter(Name="/one-marketplace/secret-key")["Parameter"]
    assert described["Type"] == "SecureString"


def test_a_process_reads_them_all_by_one_request(stage: str) -> None:
    key, front = ensure_secret(stage, "SECRET_KEY"), ensure_secret(stage, "FRONT_SECRET")
    keep_secret(stage, "COGNITO_CLIENT_SECRET", "cognito's")
    assert read(stage) == {"SECRET_KEY": key, "FRONT_SECRET": front, "COGNITO_CLIENT_SECRET": "cognito's"}


def test_what_the_key_before_has_signed_still_counts(stage: str) -> None:
    before = ensure_secret(stage, "SECRET_KEY")
    rotate_key(stage)
    secrets = read(stage)
    assert secrets["SECRET_KEY_BEFORE"] == before
    assert secrets["SECRET_KEY"] != before


def test_both_functions_begin_anew_with_another_key(function: str, web: str) -> None:
    key = ensure_secret(settings.STAGE, "SECRET_KEY")
    call_command("rotate_key")
    for name in (function, web):
        variables = client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        assert "SECRETS_READ_AFTER" in variables
        assert key not in variables.values()
    assert ensure_secret(settings.STAGE, "SECRET_KEY_BEFORE") == key


def test_a_store_that_cannot_be_asked_stops_the_start_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_store, "_PAUSE_SECONDS", 0)
    with pytest.raises(ImproperlyConfigured, match=r"^SECRETS_PATH: .* under /marketplace: "):
        read_secrets("/marketplace", region="us-east-1", endpoint_url="http://127.0.0.1:9")
