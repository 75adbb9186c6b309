"""Going back to the release before, on the embedded cloud."""

import io
import zipfile

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.releases import RollbackError, releases, roll_back


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


def test_both_functions_go_back_together_and_further(function: str, web: str) -> None:
    for text in ("first", "second", "third"):
        publish(text, function, web)
    said: list[str] = []
    roll_back(settings.STAGE, report=said.append)
    assert answered(function) == answered(web) == '"second"'
    roll_back(settings.STAGE, report=said.append)
    assert answered(function) == answered(web) == '"first"'
    assert len(said) == 4
    with pytest.raises(RollbackError, match="none before it"):
        roll_back(settings.STAGE, report=said.append)


def test_a_release_that_only_one_of_them_had_is_no_way_back(function: str, web: str) -> None:
    publish("first", function, web)
    publish("half a deployment", web)
    publish("second", function, web)
    assert len(releases(settings.STAGE)) == 2
    roll_back(settings.STAGE, report=lambda line: None)
    assert answered(web) == answered(function) == '"first"'
