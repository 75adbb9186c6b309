"""The stacks that name a stage's functions, on the embedded cloud."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3
from django.conf import settings

from kernel.aws import client
from marketplace.background.jobs import JOBS
from marketplace.operations.deploy.stacks import deploy_api, deploy_stacks, remove_stacks, rules_calling
from marketplace.operations.provisioning import provision

RULES = {f"test-{name}" for name in JOBS}


@pytest.fixture
def reports(function: str, web: str) -> Iterator[list[str]]:
    """What was said; the stacks are deployed, and removed afterwards."""
    said: list[str] = []
    deploy_api(settings.STAGE, report=said.append)
    deploy_stacks(settings.STAGE, report=said.append)
    yield said
    remove_stacks(settings.STAGE, report=said.append)


def arn_of(function: str) -> str:
    arn: str = client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]
    return arn


def callers(function: str) -> list[dict[str, Any]]:
    """The statements of the function's policy that let somebody call it."""
    functions = client("lambda")
    try:
        policy = functions.get_policy(FunctionName=function)["Policy"]
    except functions.exceptions.ResourceNotFoundException:
        return []
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return statements


def trigger(name: str = "PreTokenGenerationConfig") -> Any:
    """What the user pool calls before it issues a token, or on another occasion."""
    pool_id = provision(settings.STAGE)["COGNITO_USER_POOL_ID"]
    pool = client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    return pool.get("LambdaConfig", {}).get(name)


def test_the_clock_and_the_user_pool_call_the_function_and_nobody_else_does(function: str, reports: list[str]) -> None:
    assert rules_calling(arn_of(function)) == RULES
    services = {statement["Principal"]["Service"] for statement in callers(function)}
    assert services == {"events.amazonaws.com", "cognito-idp.amazonaws.com"}


def test_the_pool_has_its_tokens_trimmed_until_the_function_goes(function: str, web: str) -> None:
    assert trigger() is None
    deploy_stacks(settings.STAGE, report=lambda line: None)
    try:
        # `provision`, which `trigger` calls, leaves it: only a deployment sets or removes it.
        assert trigger() == {"LambdaArn": arn_of(function), "LambdaVersion": "V2_0"}
        assert trigger("CustomMessage") == arn_of(function)
    finally:
        remove_stacks(settings.STAGE, report=lambda line: None)
    assert trigger() is None


def test_repeating_it_changes_nothing(function: str, reports: list[str]) -> None:
    reports.clear()
    deploy_api(settings.STAGE, report=reports.append)
    deploy_stacks(settings.STAGE, report=reports.append)
    assert reports == [
        "API Gateway writes no access logs: the account names no role for them (docs/deployment.md)",
        "test-marketplace-api: up to date",
        "test-marketplace-schedules: up to date",
        "test-marketplace-identity: up to date",
        "test-marketplace-alarms: up to date",
        "alarms are told to nobody: OPERATOR_EMAIL names no one",
    ]


def test_rules_that_were_deleted_are_made_again(function: str, reports: list[str]) -> None:
    # As Zappa does, for all rules that call the function.
    events = client("events")
    for name in RULES:
        (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
        events.remove_targets(Rule=name, Ids=[target["Id"]])
        events.delete_rule(Name=name)
    deploy_stacks(settings.STAGE, report=reports.append)
    assert "test-marketplace-schedules: not whole, made anew" in reports
    assert rules_calling(arn_of(function)) == RULES


@pytest.mark.parametrize("number", [0, 1, -1])
def test_a_permission_that_was_taken_away_is_given_again(function: str, reports: list[str], number: int) -> None:
    statement = callers(function)[number]
    client("lambda").remove_permission(FunctionName=function, StatementId=statement["Sid"])
    deploy_stacks(settings.STAGE, report=reports.append)
    assert len(callers(function)) == len(RULES) + 1


def test_each_caller_is_named(function: str, reports: list[str]) -> None:
    sources = {statement["Condition"]["ArnLike"]["AWS:SourceArn"] for statement in callers(function)}
    rules = {source.rpartition(":rule/")[2] for source in sources if ":rule/" in source}
    assert rules == RULES
    assert not [source for source in sources if "*" in source]


def test_removed_they_leave_nothing(function: str, reports: list[str]) -> None:
    for _ in range(2):
        remove_stacks(settings.STAGE, report=reports.append)
    assert rules_calling(arn_of(function)) == set()
    assert callers(function) == []
    assert client("cloudwatch").describe_alarms(AlarmNamePrefix="test-")["MetricAlarms"] == []
    topics = client("sns").list_topics()["Topics"]
    assert not [topic for topic in topics if topic["TopicArn"].endswith(":test-operator")]


@pytest.mark.parametrize("address", ["", "operator@example.com"])
def test_the_operator_is_told_if_there_is_one(
    function: str, web: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "OPERATOR_EMAIL", address)
    deploy_stacks(settings.STAGE, report=lambda line: None)
    try:
        subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=operator_topic())["Subscriptions"]
        assert [each["Endpoint"] for each in subscriptions] == ([address] if address else [])
    finally:
        remove_stacks(settings.STAGE, report=lambda line: None)


def test_a_deployment_that_names_nobody_leaves_the_operator(
    function: str, reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "OPERATOR_EMAIL", "operator@example.com")
    deploy_stacks(settings.STAGE, report=reports.append)
    monkeypatch.setattr(settings, "OPERATOR_EMAIL", "")
    deploy_stacks(settings.STAGE, report=reports.append)
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=operator_topic())["Subscriptions"]
    assert [each["Endpoint"] for each in subscriptions] == ["operator@example.com"]
    assert reports[-1] == "alarms are told to operator@example.com"


def test_a_month_that_gets_dear_is_told_to_the_operator_whoever_that_is(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> dict[str, set[str]]:
        """Limit of each budget → who is told."""
        budgets, account = client("budgets", region="us-east-1"), {"AccountId": "000000000000"}
        found = {}
        for budget in budgets.describe_budgets(**account)["Budgets"]:
            named = {**account, "BudgetName": budget["BudgetName"]}
            (notification,) = budgets.describe_notifications_for_budget(**named)["Notifications"]
            subscribers = budgets.describe_subscribers_for_notification(**named, Notification=notification)
            found[budget["BudgetLimit"]["Amount"]] = {each["Address"] for each in subscribers["Subscribers"]}
        return found

    said: list[str] = []
    try:
        for dollars, operator in ((50, "operator@lintel.example"), (60, "another@lintel.example")):
            monkeypatch.setattr(settings, "MONTHLY_BUDGET", dollars)
            monkeypatch.setattr(settings, "OPERATOR_EMAIL", operator)
            deploy_stacks(settings.STAGE, report=said.append)
            assert told() == {f"{dollars}": {operator}}
        monkeypatch.setattr(settings, "MONTHLY_BUDGET", 0)
        deploy_stacks(settings.STAGE, report=said.append)
        assert "test-marketplace-budget: removed" in said
        assert told() == {}
    finally:
        remove_stacks(settings.STAGE, report=said.append)


def test_a_dead_letter_is_told_to_the_operator(function: str, reports: list[str]) -> None:
    """From the metric on: the embedded cloud's queues report none."""
    queue = provision(settings.STAGE)["STREAM_FAILURES_QUEUE_ARN"]
    sns, sqs = client("sns"), client("sqs")
    ears = sqs.create_queue(QueueName="test-ears")["QueueUrl"]
    ears_arn = sqs.get_queue_attributes(QueueUrl=ears, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=operator_topic(), Protocol="sqs", Endpoint=ears_arn)
    client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": queue.rsplit(":", 1)[1]}],
                "Timestamp": datetime.now(UTC),
                "Value": 1,
            }
        ],
    )
    told = set()
    while messages := sqs.receive_message(QueueUrl=ears, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in messages:
            told.add(json.loads(json.loads(message["Body"])["Message"])["AlarmName"])
            sqs.delete_message(QueueUrl=ears, ReceiptHandle=message["ReceiptHandle"])
    sqs.delete_queue(QueueUrl=ears)
    assert "test-stream-failures" in told
    # The queues' ages, and all that is no queue, were silent.
    assert told <= {"test-stream-failures", "test-dead-events", "test-dead-tasks", "test-dead-email-feedback"}


def operator_topic() -> str:
    (arn,) = [
        topic["TopicArn"]
        for topic in client("sns").list_topics()["Topics"]
        if topic["TopicArn"].endswith(":test-operator")
    ]
    return str(arn)


# --- The API ---------------------------------------------------------------------------------------------------------


def test_the_address_answers_what_the_function_says(function: str, web: str) -> None:
    api_id = deploy_api(settings.STAGE, report=lambda line: None).partition(".")[0]
    address = f"{settings.AWS_ENDPOINT_URL}/_aws/execute-api/{api_id}/{settings.STAGE}"
    try:
        for path in ("/", "/api/v1/services"):
            answer = urllib3.request("GET", f"{address}{path}", retries=False)
            assert (answer.status, answer.json()["path"]) == (200, path)
    finally:
        remove_stacks(settings.STAGE, report=lambda line: None)


def test_one_api_alone_may_call_the_web_function(web: str, reports: list[str]) -> None:
    (statement,) = callers(web)
    (api,) = client("apigateway").get_rest_apis()["items"]
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Action"] == "lambda:InvokeFunction"
    source = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
    assert source.endswith(f":{api['id']}/test/*")


def test_api_gateway_assumes_no_role(web: str, reports: list[str]) -> None:
    gateway = client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    methods = [
        gateway.get_method(restApiId=api["id"], resourceId=resource["id"], httpMethod=method)
        for resource in gateway.get_resources(restApiId=api["id"])["items"]
        for method in resource.get("resourceMethods", {})
    ]
    assert len(methods) == 6
    # Where an integrator asks, and nowhere else.
    assert [method["apiKeyRequired"] for method in methods].count(True) == 1
    assert all("credentials" not in method["methodIntegration"] for method in methods)
