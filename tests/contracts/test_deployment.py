"""What the deployment repeats of the code, and what zappa_settings.json must never say."""

import json
import re
from argparse import ArgumentParser, _SubParsersAction
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

from manage import OPERATORS
from marketplace.background import metrics
from marketplace.background.wiring import wiring
from marketplace.laptop.cloudformation import read_template
from marketplace.laptop.metric_files import CHARTED
from marketplace.operations.deploy.artefact import RUNTIMES
from marketplace.operations.deploy.functions import OF_THE_SITE, variables_of
from marketplace.operations.deploy.packaging import LANGUAGES, SERVICES
from marketplace.operations.deploy.zappa import resolved, stage_settings
from marketplace.operations.provisioning import TEMPLATES, environment_name
from marketplace.settings import secret_store
from marketplace.settings.env import BASE_DIR
from tests.templates import resources

STAGES: dict[str, dict[str, Any]] = json.loads((BASE_DIR / "zappa_settings.json").read_text())
# Every other stage is deployed with production's settings under names of its own.
ENVIRONMENTS = ("production", "rehearsal")
# What only the deploying side and laptops do.
NOT_CALLED = re.compile(r"^marketplace/(operations|laptop|background/(pump|dead_letters))\b|/management/", re.ASCII)


def effective(name: str) -> dict[str, Any]:
    """A stage as Zappa is told of it."""
    return resolved(name) if name in STAGES else stage_settings(name)


def services_called() -> set[str]:
    """The services that the functions call, by boto3's names; DynamoDB has a transport of its own."""
    called = set()
    for app in ("kernel", "pages", "marketplace", *settings.APPS):
        for path in (BASE_DIR / app).rglob("*.py"):
            if not NOT_CALLED.search(path.relative_to(BASE_DIR).as_posix()):
                called |= set(re.findall(r'\bclient\("([a-z0-9-]+)"', path.read_text()))
    return called


def test_the_package_has_every_service_that_the_functions_call() -> None:
    assert services_called() <= SERVICES
    assert services_called() >= {"cognito-idp", "sns", "sqs", "ses"}


def test_a_network_without_the_internet_has_a_way_to_each_service_that_the_functions_call() -> None:
    endpoints = [each for each in resources("network").values() if each["Type"] == "AWS::EC2::VPCEndpoint"]
    ways = {
        (each["Properties"]["VpcEndpointType"], each["Properties"]["ServiceName"]["Fn::Sub"].rpartition(".")[2])
        for each in endpoints
        if each.get("Condition") != "Traced"
    }
    # As networks name them.
    names = {"cloudwatch": "monitoring", "ses": "email"}
    gateways = {"dynamodb", "s3"}
    # Secrets are read without a client, when a process starts.
    interfaces = {names.get(service, service) for service in services_called() - gateways} | {"ssm"}
    assert ways == {("Gateway", name) for name in gateways} | {("Interface", name) for name in interfaces}
    for endpoint in endpoints:
        if endpoint["Properties"]["VpcEndpointType"] == "Interface":
            # Else the services' names would lead to the internet, which cannot be reached.
            assert endpoint["Properties"]["PrivateDnsEnabled"] is True
    kinds = {each["Type"] for each in resources("network").values()}
    assert kinds.isdisjoint({"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route"})


def test_what_is_paid_for_is_an_option() -> None:
    """Without a word of the operator: no snapshots, traces or network."""
    assert (settings.WITH_SNAPSTART, settings.WITH_TRACING, settings.WITH_NETWORK) == (False, False, False)
    functions = read_template(BASE_DIR / "infrastructure" / "functions.yaml")
    for name, parameter in {"TracingPolicy": "WithTracing", "NetworkPolicy": "WithNetwork"}.items():
        condition = functions["Conditions"][functions["Resources"][name]["Condition"]]
        assert condition == {"Fn::Equals": [{"Ref": parameter}, "true"]}
        assert functions["Parameters"][parameter]["Default"] == "false"
    assert resources("api")["ApiStage"]["Properties"]["TracingEnabled"] == {"Fn::If": ["Traced", True, False]}


def test_the_functions_own_code_leaves_the_network_alone() -> None:
    statements = resources("functions")["NetworkPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed, denied = statements
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert allowed["Action"] == denied["Action"]
    functions = {
        arn["Fn::Sub"].rpartition(":")[2] for arn in denied["Condition"]["ArnLike"]["lambda:SourceFunctionArn"]
    }
    assert functions == {"lintel-${Stage}", "lintel-${Stage}-events"}


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
    roles = resources("functions").values()
    names = {role["Properties"]["RoleName"]["Fn::Sub"] for role in roles if role["Type"] == "AWS::IAM::Role"}
    assert {web["role_name"], events["role_name"]} == {name.replace("${Stage}", environment) for name in names}


@pytest.mark.parametrize("name", [*ENVIRONMENTS, *(f"{environment}_events" for environment in ENVIRONMENTS)])
def test_each_function_is_given_what_it_does_not_start_without(name: str) -> None:
    required = set(re.findall(r'env\.\w+\("(\w+)"\)', (BASE_DIR / "marketplace/settings/production.py").read_text()))
    outputs = {environment_name(key) for template in TEMPLATES for key in read_template(template.path)["Outputs"]}
    assert len(required) > 10
    # `manage.py deploy` makes the key, asks Cognito for the secret of the site's client, and knows the addresses.
    given = {"SECRET_KEY", "COGNITO_CLIENT_SECRET", "SITE_URL", "ALLOWED_HOSTS", "EMAIL_FROM_ADDRESS"}
    assert required - outputs - given <= effective(name)["aws_environment_variables"].keys()


def test_whatever_the_site_reads_is_told_to_the_functions_or_is_not_for_them() -> None:
    folder = BASE_DIR / "marketplace" / "settings"
    read = {
        name
        for file in ("base.py", "production.py")
        for name in re.findall(r'env\.\w+\("(\w+)"', (folder / file).read_text())
    }
    outputs = {environment_name(key): "" for template in TEMPLATES for key in read_template(template.path)["Outputs"]}
    told = {*variables_of("production", outputs, "host"), *OF_THE_SITE, *secret_store.NAMES}
    told |= effective("production")["aws_environment_variables"].keys()
    # What only who deploys wants to know, Lambda says itself, and is for laptops, proxies and tests.
    of_deployments = {"OPERATOR_EMAIL", "HOSTED_ZONE_ID", "MONTHLY_BUDGET"} | {
        name for name in read if name.startswith("WITH_")
    }
    elsewhere = {name for name in read if name.startswith("AWS_")} | {"REQUESTS_CA_BUNDLE", "CLOCK_OFFSET_SECONDS"}
    assert read - of_deployments - elsewhere <= told


def parsers() -> dict[str, CommandParser]:
    """The commands of `manage.py` by name."""
    return {
        name: load_command_class(app, name).create_parser("manage.py", name) for name, app in get_commands().items()
    }


def options_of(parser: ArgumentParser) -> set[str]:
    """What may follow the command, or one of the words that it begins with."""
    found = {option for action in parser._actions for option in action.option_strings}
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            found = found.union(*map(options_of, action.choices.values()))
    return found


def test_every_command_of_the_documents_is_there_with_its_options() -> None:
    commands = parsers()
    for path in (BASE_DIR / "README.md", *(BASE_DIR / "docs").rglob("*.md")):
        for command, rest in re.findall(r"manage\.py ([a-z_]+)([^`\n|]*)", path.read_text()):
            assert command in commands, (path.name, command)
            known = options_of(commands[command])
            assert set(re.findall(r"(?<![\w-])--[a-z-]+", rest)) <= known, (path.name, command, rest)


def test_whoever_takes_a_stage_has_its_settings() -> None:
    taking = {
        name
        for name, parser in parsers().items()
        if any(action.dest == "stage" and not action.option_strings for action in parser._actions)
    }
    assert taking == set(OPERATORS)


def test_every_option_of_a_deployment_is_explained() -> None:
    base = (BASE_DIR / "marketplace" / "settings" / "base.py").read_text()
    options = set(re.findall(r'"(WITH_\w+|MONTHLY_BUDGET|HOSTED_ZONE_ID|OPERATOR_EMAIL)"', base))
    text = (BASE_DIR / "docs" / "deployment.md").read_text()
    assert len(options) >= 7
    assert [name for name in (*options, *OF_THE_SITE) if f"`{name}`" not in text] == []


def test_a_rehearsal_is_deployed_with_productions_settings() -> None:
    for kind in ("", "_events"):
        production, rehearsal = effective(f"production{kind}"), effective(f"rehearsal{kind}")
        assert rehearsal["aws_environment_variables"].pop("STAGE") == "rehearsal"
        assert production["aws_environment_variables"].pop("STAGE") == "production"
        assert rehearsal.pop("role_name") != production.pop("role_name")
        assert rehearsal == production


@pytest.mark.parametrize("name", STAGES)
def test_functions_run_where_their_wheels_load(name: str) -> None:
    stage = effective(name)
    makefile = (BASE_DIR / "Makefile").read_text()
    (platform,) = re.findall(r"^LAMBDA_PLATFORM = (.+)$", makefile, re.MULTILINE)
    (version, machine, major, minor) = re.findall(
        r"--python-version (\S+) --python-platform (\w+)-manylinux_(\d+)_(\d+)", platform
    )[0]
    assert stage["runtime"] == f"python{version}"
    assert stage["architecture"] == {"x86_64": "x86_64", "aarch64": "arm64"}[machine]
    # Wheels for the packaging machine's glibc would not load on an older one; none is built on it either.
    assert (int(major), int(minor)) <= RUNTIMES[stage["runtime"]]
    assert "--only-binary :all:" in platform


@pytest.mark.parametrize("name", STAGES)
def test_zappas_dangerous_defaults_are_switched_off(name: str) -> None:
    stage = effective(name)
    assert (stage["debug"], stage["log_level"]) == (False, "INFO")
    assert stage["manage_roles"] is False
    assert "remote_env" not in stage
    assert "environment_variables" not in stage


@pytest.mark.parametrize("name", STAGES)
def test_zappa_makes_no_api_and_asks_no_function_before_it_is_configured(name: str) -> None:
    stage = effective(name)
    # Its API would assume the function's role, and its request would come before the function can start.
    assert stage["apigateway_enabled"] is False
    assert stage["touch"] is False


@pytest.mark.parametrize("name", STAGES)
def test_old_versions_of_a_function_are_removed(name: str) -> None:
    assert 1 <= effective(name)["num_retained_versions"] <= 10


def test_a_role_names_every_table_and_no_other_stages() -> None:
    tables = {
        each["Properties"]["TableName"]["Fn::Sub"]
        for each in resources("data").values()
        if each["Type"] == "AWS::DynamoDB::Table"
    }
    indexed = {
        each["Properties"]["TableName"]["Fn::Sub"]
        for each in resources("data").values()
        if each["Type"] == "AWS::DynamoDB::Table" and "GlobalSecondaryIndexes" in each["Properties"]
    }
    statements = resources("functions")["SharedPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = {
        each["Sid"]: {arn["Fn::Sub"].rpartition(":table/")[2] for arn in each["Resource"]}
        for each in statements
        if each["Sid"] in ("UseTables", "KeepAuditLog")
    }
    assert allowed["UseTables"] | allowed["KeepAuditLog"] == tables | {f"{table}/index/*" for table in indexed}
    assert allowed["UseTables"].isdisjoint(allowed["KeepAuditLog"])


def test_no_role_may_touch_what_another_stage_has() -> None:
    """Pools, identities, rules, topics, queues, buckets by name: production has no prefix to tell its own by."""
    # These read, of no thing in particular.
    anywhere = {"CheckHealth", "ListStreams", "WatchAlarms", "SendTraces", "JoinNetwork", "LeaveNetworkAlone"}
    for template in ("functions", "schedules"):
        for resource in resources(template).values():
            for statement in resource["Properties"].get("PolicyDocument", {}).get("Statement", []):
                arns = str(statement["Resource"]).replace("/index/*", "").replace("/stream/*", "")
                # The stage's own buckets, all that is in them.
                arns = re.sub(r"(documents|media)-\$\{AWS::AccountId\}-\$\{AWS::Region\}/(\w+/)?\*", "", arns)
                assert ("*" not in arns) or statement["Sid"] in anywhere, statement["Sid"]
            assert "*" not in str(resource["Properties"].get("SourceArn", ""))


def test_codes_come_through_ses_in_our_words() -> None:
    pool = resources("identity")["UserPool"]["Properties"]
    sender, otherwise = pool["EmailConfiguration"]["Fn::If"][1:]
    assert sender["EmailSendingAccount"] == "DEVELOPER"
    assert sender["ConfigurationSet"] == {"Fn::Sub": "${Prefix}email"}
    assert otherwise == {"EmailSendingAccount": "COGNITO_DEFAULT"}
    assert pool["LambdaConfig"]["Fn::If"][1]["CustomMessage"] == {"Ref": "EventsFunctionArn"}


def test_what_an_account_has_once_says_whose_it_is() -> None:
    for resource in resources("functions").values():
        name = {"AWS::IAM::Role": "RoleName", "AWS::IAM::ManagedPolicy": "ManagedPolicyName"}.get(resource["Type"])
        if name:
            assert resource["Properties"][name]["Fn::Sub"].startswith("lintel-${Stage}-")
    identity = resources("email")["SenderIdentity"]
    assert {each["Key"] for each in identity["Properties"]["Tags"]} == {"project", "stage"}
    # A second stage of the same domain does without.
    assert identity["Condition"] == "HasIdentity"


def test_what_admins_did_is_neither_changed_nor_deleted() -> None:
    statements = resources("functions")["SharedPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    touching = [each for each in statements if "audit-log-table" in str(each["Resource"])]
    actions = {action for each in touching for action in each["Action"]}
    assert actions == {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}


def test_the_functions_logs_end() -> None:
    logs = [each["Properties"] for each in resources("functions").values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert {each["LogGroupName"]["Fn::Sub"] for each in logs} == {
        "/aws/lambda/lintel-${Stage}",
        "/aws/lambda/lintel-${Stage}-events",
    }
    assert all(each["RetentionInDays"] <= 90 for each in logs)


@pytest.mark.parametrize("name", STAGES)
def test_zappa_leaves_the_rules_of_eventbridge_alone(name: str) -> None:
    stage = effective(name)
    # With either, each update deletes all rules that call the function, those of infrastructure/schedules.yaml too.
    assert stage["keep_warm"] is False
    assert "events" not in stage


@pytest.mark.parametrize("name", STAGES)
def test_there_is_no_secret_in_the_settings(name: str) -> None:
    variables = effective(name).get("aws_environment_variables", {})
    assert not {key for key in variables if any(word in key for word in ("SECRET", "PASSWORD", "TOKEN", "KEY"))}


def test_a_function_may_read_the_secrets_that_there_are_and_no_others() -> None:
    statements = resources("functions")["SharedPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (reading,) = [each for each in statements if each["Sid"] == "ReadSecrets"]
    assert reading["Action"] == "ssm:GetParameters"
    readable = {arn["Fn::Sub"].rpartition(":parameter/${Prefix}marketplace/")[2] for arn in reading["Resource"]}
    assert readable == set(secret_store.NAMES.values())


def test_no_template_names_a_secret() -> None:
    for path in (BASE_DIR / "infrastructure").glob("*.yaml"):
        outputs = read_template(path).get("Outputs", {})
        assert not {name for name in outputs if environment_name(name) in secret_store.NAMES}


def test_a_function_ends_before_its_message_is_shown_again() -> None:
    shown_again = [
        queue["Properties"]["VisibilityTimeout"]
        for queue in resources("messaging").values()
        if queue["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in queue["Properties"]
    ]
    assert shown_again
    assert effective("production_events")["timeout_seconds"] < min(shown_again)


def test_the_functions_may_manage_people_as_they_do() -> None:
    called = re.findall(r'"admin_(\w+)"', (BASE_DIR / "accounts/cognito.py").read_text())
    actions = {f"cognito-idp:Admin{name.title().replace('_', '')}" for name in called}
    # An account is opened again by order alone.
    assert allowed("WebPolicy", "ManagePeople") == actions - {"cognito-idp:AdminEnableUser"}
    # What only its owner does.
    own = {"cognito-idp:AdminSetUserPassword", "cognito-idp:AdminUpdateUserAttributes"}
    assert allowed("EventsPolicy", "AdministerAccounts") == actions - own | {"cognito-idp:ListUsers"}


def test_the_web_function_only_looks_at_queues_and_alarms() -> None:
    actions = allowed("WebPolicy", "WatchQueues") | allowed("WebPolicy", "WatchAlarms")
    assert actions == {
        "sqs:GetQueueAttributes",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
    }


def allowed(policy: str, sid: str) -> set[str]:
    """The actions of one statement of a policy of the functions."""
    properties = resources("functions")[policy]["Properties"]
    (statement,) = (each for each in properties["PolicyDocument"]["Statement"] if each["Sid"] == sid)
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def queues(*, keeps_failures: bool) -> set[str]:
    """The names of all queues that keep what failed, or of those that work is taken from."""
    everything = [*resources("messaging").values(), *resources("email").values()]
    properties = [each["Properties"] for each in everything if each["Type"] == "AWS::SQS::Queue"]
    # What cannot be given up any further is kept.
    return {each["QueueName"]["Fn::Sub"] for each in properties if ("RedrivePolicy" not in each) is keeps_failures}


def alarms() -> dict[str, dict[str, Any]]:
    """The alarms by name, without the prefix."""
    found = [each["Properties"] for each in resources("alarms").values() if "Alarm" in each["Type"]]
    return {alarm["AlarmName"]["Fn::Sub"].removeprefix("${Prefix}"): alarm for alarm in found}


def watched(metric: str) -> dict[str, dict[str, Any]]:
    """Queue → its alarm on the metric."""
    return {
        alarm["Dimensions"][0]["Value"]["Fn::Sub"]: alarm
        for alarm in alarms().values()
        if alarm.get("MetricName") == metric
    }


def test_whatever_is_given_up_raises_an_alarm_at_once() -> None:
    found = watched("ApproximateNumberOfMessagesVisible")
    assert set(found) == queues(keeps_failures=True)
    assert len(found) == 4
    for alarm in found.values():
        assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Maximum", 1, 1)
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_whatever_waits_too_long_raises_an_alarm() -> None:
    found = watched("ApproximateAgeOfOldestMessage")
    assert set(found) == queues(keeps_failures=False)
    assert len(found) == 3


def test_every_alarm_tells_the_operator_and_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z-]+)` \|", (BASE_DIR / "docs/operations.md").read_text(), re.MULTILINE)
    assert set(alarms()) <= set(explained)
    for alarm in alarms().values():
        assert alarm["AlarmActions"] == [{"Ref": "OperatorTopic"}]
        # A metric that nobody reports is no news, but for the function that the clock calls all the time.
        silent = alarm.get("MetricName") == "Invocations"
        assert alarm["TreatMissingData"] == ("breaching" if silent else "notBreaching")


def test_the_dashboard_counts_what_the_functions_count() -> None:
    body = resources("alarms")["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[A-Za-z:]+\}", "x", body))["widgets"]
    assert len(widgets) == 8
    counted = set(re.findall(r'"Lintel", "([a-z._]+)"', body))
    # A laptop's page shows the same.
    assert counted == set(CHARTED)
    assert counted <= wiring().event_types.keys()
    quiet = resources("alarms")["QuietBookingsAlarm"]["Properties"]["Metrics"][0]["MetricStat"]["Metric"]
    assert (quiet["Namespace"], quiet["MetricName"] in counted) == (metrics.NAMESPACE, True)


def test_functions_end_long_before_their_alarm_on_slowness_is_useless() -> None:
    slow = {name: alarm["Threshold"] / 1000 for name, alarm in alarms().items() if name.endswith("-slow")}
    assert slow["web-slow"] < effective("production")["timeout_seconds"]
    assert slow["events-slow"] < effective("production_events")["timeout_seconds"]


def test_no_role_may_do_everything_of_a_service() -> None:
    for resource in resources("functions").values():
        for statement in resource["Properties"].get("PolicyDocument", {}).get("Statement", []):
            actions = statement["Action"]
            assert "*" not in "".join(actions if isinstance(actions, list) else [actions]), statement["Sid"]
