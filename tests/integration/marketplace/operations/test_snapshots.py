"""SnapStart on the embedded cloud: visitors are led to the version with the newest snapshot, and no other has one."""

import io
import zipfile

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import Settings

from kernel.aws import client
from marketplace.operations.deploy.errors import DeploymentError
from marketplace.operations.deploy.releases import record_release, releases, roll_back
from marketplace.operations.deploy.secret_values import ensure_secret
from marketplace.operations.deploy.snapshots import ALIAS, called_arn, go_live, live_version, renew
from marketplace.operations.deploy.stacks import deploy_api, remove_stacks
from tests.integration.marketplace.operations.test_releases import publish


@pytest.fixture
def snapped(web: str, settings: Settings) -> str:
    """The name of a web function that visitors are led to a version of."""
    client("lambda").update_function_configuration(FunctionName=web, Runtime="python3.13")
    settings.WITH_SNAPSTART = True
    called_arn(settings.STAGE)
    return web


# Reads the key when it starts, as a process does, and tells which one it has.
_HOLDS_THE_KEY = """
import json, os, urllib.request

question = urllib.request.Request(
    os.environ["AWS_ENDPOINT_URL"],
    json.dumps({"Names": ["/test-marketplace/secret-key"], "WithDecryption": True}).encode(),
    {"X-Amz-Target": "AmazonSSM.GetParameters", "Content-Type": "application/x-amz-json-1.1"},
)
with urllib.request.urlopen(question) as answer:
    KEY = json.load(answer)["Parameters"][0]["Value"]

def handle(event, context):
    return KEY
"""


def give_code(name: str, source: str) -> None:
    """Let the function be another one, which is not published."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("function.py", source)
    client("lambda").update_function_code(FunctionName=name, ZipFile=code.getvalue())


def visitors_get(name: str) -> str:
    """What the version answers that visitors are led to."""
    answer = client("lambda").invoke(FunctionName=name, Qualifier=ALIAS, Payload=b"{}")
    said: str = answer["Payload"].read().decode().strip('"')
    return said


def say(line: str) -> None:
    """To nobody."""


def with_snapshot(name: str) -> set[str]:
    """The numbered versions of the function that have a snapshot."""
    found = client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    return {
        each["Version"]
        for each in found
        if each["Version"] != "$LATEST" and each["SnapStart"]["ApplyOn"] == "PublishedVersions"
    }


def configure(name: str, number: int) -> None:
    client("lambda").update_function_configuration(
        FunctionName=name, Environment={"Variables": {"STAGE": "test", "NUMBER": str(number)}}
    )


def test_without_it_the_function_itself_is_called(web: str) -> None:
    assert called_arn(settings.STAGE).endswith(f":function:{web}")
    go_live(settings.STAGE, report=say)
    assert live_version(settings.STAGE) is None
    assert with_snapshot(web) == set()


def test_visitors_are_led_to_the_newest_snapshot_and_no_other_is_paid_for(snapped: str) -> None:
    assert called_arn(settings.STAGE).endswith(f":function:{snapped}:{ALIAS}")
    for number in range(3):
        configure(snapped, number)
        go_live(settings.STAGE, report=say)
        live = live_version(settings.STAGE)
        assert live is not None
        assert with_snapshot(snapped) == {live}
        variables = client("lambda").get_function_configuration(FunctionName=snapped, Qualifier=ALIAS)["Environment"]
        assert variables["Variables"]["NUMBER"] == str(number)
    newest = client("lambda").get_function_configuration(FunctionName=snapped)
    # What Zappa publishes next has none.
    assert newest["SnapStart"]["ApplyOn"] == "None"


def test_switched_off_nothing_is_left_of_it(snapped: str, settings: Settings) -> None:
    go_live(settings.STAGE, report=say)
    settings.WITH_SNAPSTART = False
    assert called_arn(settings.STAGE).endswith(f":function:{snapped}")
    go_live(settings.STAGE, report=say)
    assert live_version(settings.STAGE) is None
    assert with_snapshot(snapped) == set()
    # A restart or a way back does nothing to it then.
    renew(settings.STAGE, report=say)
    assert with_snapshot(snapped) == set()


def test_a_way_back_is_taken_by_visitors_too(function: str, snapped: str) -> None:
    try:
        for text in ("first", "second"):
            publish(f"web {text}", snapped)
            publish(f"events {text}", function)
            go_live(settings.STAGE, report=say)
            record_release(settings.STAGE)
        # A version with a snapshot goes with the next: it is nothing to come back to.
        assert live_version(settings.STAGE) not in {each.versions[snapped] for each in releases(settings.STAGE)}
        roll_back(settings.STAGE, report=say)
        assert visitors_get(snapped) == "web first"
    finally:
        client("ssm").delete_parameter(Name="/test-marketplace/releases")


def test_another_key_is_in_another_snapshot_before_anything_is_signed_with_it(function: str, snapped: str) -> None:
    give_code(snapped, _HOLDS_THE_KEY)
    before = ensure_secret(settings.STAGE, "SECRET_KEY")
    go_live(settings.STAGE, report=say)
    assert visitors_get(snapped) == before

    heard: dict[str, tuple[str, bool]] = {}

    class Listener(io.StringIO):
        def write(self, line: str) -> int:
            variables = client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
            heard[line.strip()] = (visitors_get(snapped), "SECRETS_READ_AFTER" in variables)
            return len(line)

    call_command("rotate_key", stdout=Listener())
    key = ensure_secret(settings.STAGE, "SECRET_KEY")
    assert key != before
    # When visitors are led to the function that knows the key, the one that signs links has yet to hear of it.
    assert heard[f"{snapped}: starts from the snapshot of version {live_version(settings.STAGE)}"] == (key, False)
    assert heard["both functions begin anew"] == (key, True)


def test_a_function_that_does_not_start_leaves_visitors_what_they_have(snapped: str) -> None:
    give_code(snapped, "def handle(event, context):\n    return 'sound'\n")
    go_live(settings.STAGE, report=say)
    give_code(snapped, "raise ValueError('unsound')\n")
    # Once more: the version that does not start must not be in the way of the next.
    for _ in range(2):
        with pytest.raises(DeploymentError, match=r"does not start, visitors have the version before: .*unsound"):
            go_live(settings.STAGE, report=say)
        assert visitors_get(snapped) == "sound"
        assert with_snapshot(snapped) == {live_version(settings.STAGE)}
    give_code(snapped, "def handle(event, context):\n    return 'mended'\n")
    go_live(settings.STAGE, report=say)
    assert visitors_get(snapped) == "mended"


def test_the_api_calls_the_version_and_then_the_function_again(function: str, snapped: str, settings: Settings) -> None:
    def called() -> set[str]:
        gateway = client("apigateway")
        (api,) = gateway.get_rest_apis()["items"]
        uris = {
            gateway.get_method(restApiId=api["id"], resourceId=resource["id"], httpMethod=method)["methodIntegration"][
                "uri"
            ]
            for resource in gateway.get_resources(restApiId=api["id"])["items"]
            for method in resource.get("resourceMethods", {})
        }
        return {
            uri.partition("/functions/")[2].partition("/invocations")[0].rpartition(":function:")[2] for uri in uris
        }

    try:
        deploy_api(settings.STAGE, report=say)
        assert called() == {f"{snapped}:{ALIAS}"}
        settings.WITH_SNAPSTART = False
        deploy_api(settings.STAGE, report=say)
        assert called() == {snapped}
    finally:
        remove_stacks(settings.STAGE, report=say)
