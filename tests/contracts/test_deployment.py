"""What the deployment repeats of the code, and what zappa_settings.json must never say."""

import json
import re
from typing import Any

import pytest
from django.conf import settings

from marketplace.deploy.packaging import LANGUAGES, SERVICES
from marketplace.embedded_cloud.gaps import read_template
from marketplace.provisioning import TEMPLATES, environment_name
from marketplace.settings.env import BASE_DIR, resource_prefix

STAGES: dict[str, dict[str, Any]] = json.loads((BASE_DIR / "zappa_settings.json").read_text())
ENVIRONMENTS = ("production", "rehearsal")
# What only the deploying side and laptops do.
NOT_CALLED = re.compile(
    r"^marketplace/(deploy|demo|embedded_cloud|pump|dead_letters|provisioning)\b|/management/", re.ASCII
)


def effective(name: str) -> dict[str, Any]:
    """A stage with what it extends."""
    stage = STAGES[name]
    return {**effective(stage["extends"]), **stage} if "extends" in stage else dict(stage)


def test_the_package_has_every_service_that_the_functions_call() -> None:
    called = set()
    for app in ("marketplace", "accounts", "catalog", "bookings", "reviews", "notifications"):
        for path in (BASE_DIR / app).rglob("*.py"):
            if not NOT_CALLED.search(path.relative_to(BASE_DIR).as_posix()):
                called |= set(re.findall(r'\bclient\("([a-z0-9-]+)"', path.read_text()))
    assert called <= SERVICES
    assert called >= {"cognito-idp", "sns", "sqs", "ses"}


def test_the_package_has_every_language() -> None:
    assert set(dict(settings.LANGUAGES)) == LANGUAGES


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_has_a_web_and_an_events_function(environment: str) -> None:
    web, events = effective(environment), effective(f"{environment}_events")
    assert web["lambda_handler"] == "marketplace.entrypoints.http.handle"
    assert events["lambda_handler"] == "marketplace.entrypoints.events.handle"
    assert events["apigateway_enabled"] is False
    # Zappa gives the web function's stage name to the application as its STAGE.
    assert web["aws_environment_variables"]["STAGE"] == environment
    roles = read_template(BASE_DIR / "infrastructure" / "functions.yaml")["Resources"].values()
    names = {role["Properties"]["RoleName"]["Fn::Sub"] for role in roles if role["Type"] == "AWS::IAM::Role"}
    prefix = resource_prefix(environment)
    assert {web["role_name"], events["role_name"]} == {name.replace("${Prefix}", prefix) for name in names}


@pytest.mark.parametrize("name", [*ENVIRONMENTS, *(f"{environment}_events" for environment in ENVIRONMENTS)])
def test_each_function_is_given_what_it_does_not_start_without(name: str) -> None:
    required = set(re.findall(r'env\.\w+\("(\w+)"\)', (BASE_DIR / "marketplace/settings/production.py").read_text()))
    outputs = {environment_name(key) for template in TEMPLATES for key in read_template(template.path)["Outputs"]}
    assert len(required) > 10
    # `manage.py deploy` makes the key.
    assert required - outputs - {"SECRET_KEY"} <= effective(name)["aws_environment_variables"].keys()


@pytest.mark.parametrize("name", STAGES)
def test_zappas_dangerous_defaults_are_switched_off(name: str) -> None:
    stage = effective(name)
    assert (stage["debug"], stage["log_level"]) == (False, "INFO")
    assert stage["manage_roles"] is False
    assert "remote_env" not in stage
    assert "environment_variables" not in stage


@pytest.mark.parametrize("name", STAGES)
def test_there_is_no_secret_in_the_settings(name: str) -> None:
    variables = effective(name).get("aws_environment_variables", {})
    assert not {key for key in variables if any(word in key for word in ("SECRET", "PASSWORD", "TOKEN", "KEY"))}


def test_a_function_ends_before_its_message_is_shown_again() -> None:
    resources = read_template(BASE_DIR / "infrastructure" / "messaging.yaml")["Resources"].values()
    shown_again = [
        queue["Properties"]["VisibilityTimeout"]
        for queue in resources
        if queue["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in queue["Properties"]
    ]
    assert shown_again
    assert effective("production_events")["timeout_seconds"] < min(shown_again)


def test_the_web_function_may_manage_people_as_it_does() -> None:
    called = re.findall(r'"admin_(\w+)"', (BASE_DIR / "accounts/cognito.py").read_text())
    policy = read_template(BASE_DIR / "infrastructure" / "functions.yaml")["Resources"]["WebPolicy"]["Properties"]
    (statement,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Sid"] == "ManagePeople")
    assert {f"cognito-idp:Admin{name.title().replace('_', '')}" for name in called} == set(statement["Action"])


def test_no_role_may_do_everything_of_a_service() -> None:
    for resource in read_template(BASE_DIR / "infrastructure" / "functions.yaml")["Resources"].values():
        for statement in resource["Properties"].get("PolicyDocument", {}).get("Statement", []):
            actions = statement["Action"]
            assert "*" not in "".join(actions if isinstance(actions, list) else [actions]), statement["Sid"]
