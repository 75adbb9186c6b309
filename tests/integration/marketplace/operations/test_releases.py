"""Going back to the release before, on the embedded cloud."""

import io
import zipfile
from collections.abc import Iterator

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.releases import KEPT, RollbackError, record_release, releases, roll_back
from marketplace.operations.deploy.zappa import resolved


def publish(text: str, *names: str) -> None:
    """As Zappa's update does."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr(zipfile.ZipInfo("function.py"), f"def handle(event, context):\n    return {text!r}\n")
    for name in names:
        client("lambda").update_function_code(FunctionName=name, ZipFile=code.getvalue(), Publish=True)


def answered(name: str) -> str:
    payload: str = client("lambda").invoke(FunctionName=name, Payload=b"{}")["Payload"].read().decode()
    return payload


@pytest.fixture(autouse=True)
def _no_releases() -> Iterator[None]:
    yield
    client("ssm").delete_parameter(Name="/test-marketplace/releases")


def test_both_functions_go_back_together_and_further(function: str, web: str) -> None:
    for text in ("first", "second", "third"):
        publish(f"web {text}", web)
        publish(f"events {text}", function)
        record_release(settings.STAGE)
    said: list[str] = []
    roll_back(settings.STAGE, report=said.append)
    assert (answered(web), answered(function)) == ('"web second"', '"events second"')
    roll_back(settings.STAGE, report=said.append)
    assert (answered(web), answered(function)) == ('"web first"', '"events first"')
    assert len(said) == 4
    with pytest.raises(RollbackError, match="no release of test before"):
        roll_back(settings.STAGE, report=said.append)


def test_a_deployment_that_ended_half_way_is_taken_back_and_no_way_back(function: str, web: str) -> None:
    publish("first", function, web)
    record_release(settings.STAGE)
    # The same once more is no other release.
    record_release(settings.STAGE)
    assert len(releases(settings.STAGE)) == 1
    publish("half a deployment", web)
    roll_back(settings.STAGE, report=lambda line: None)
    assert answered(web) == answered(function) == '"first"'


def test_as_many_are_remembered_as_lambda_keeps(function: str, web: str) -> None:
    for number in range(KEPT + 2):
        publish(str(number), function, web)
        record_release(settings.STAGE)
    assert len(releases(settings.STAGE)) == KEPT == resolved("production")["num_retained_versions"]
