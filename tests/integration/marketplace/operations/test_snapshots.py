"""SnapStart on the embedded cloud: visitors are led to the version with the newest snapshot, and no other has one."""

import pytest
from django.conf import settings
from pytest_django import Settings

from kernel.aws import client
from marketplace.operations.deploy.releases import record_release, releases, roll_back
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
        answer = client("lambda").invoke(FunctionName=snapped, Qualifier=ALIAS, Payload=b"{}")
        assert answer["Payload"].read() == b'"web first"'
    finally:
        client("ssm").delete_parameter(Name="/test-marketplace/releases")


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
