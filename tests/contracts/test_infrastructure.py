"""The templates of `infrastructure/` say what was decided of queues, jobs, buckets and people, and the cloud has it.

Tables and the edge have files of their own.
"""

import json
import re

import orjson
import pytest
import yaml
from cfnlint.helpers import REGIONS
from django.conf import settings

from kernel.aws import client
from marketplace.background.jobs import JOBS, RUN_JOB
from marketplace.background.pump import checkpoints
from marketplace.background.queues import MAX_RECEIVES, _tasks
from marketplace.background.visibility import LEASE_SECONDS, LONGEST_WORK_SECONDS
from marketplace.background.worker import RetryPauses, app
from marketplace.laptop.cloudformation import read_template
from marketplace.operations.deploy.preflight import _OTHER_PARTITIONS, _WITHOUT_SES
from marketplace.operations.provisioning import (
    ALARMS,
    API,
    BUDGET,
    CERTIFICATE,
    EDGE,
    NETWORK,
    SCHEDULES,
    TEMPLATES,
    environment_name,
    provision,
)
from marketplace.settings.env import BASE_DIR, local_media_bucket_name
from notifications.deliveries.ledger import LEASE, SENDING
from tests.templates import resources

PREFIX = "test-"


@pytest.mark.parametrize("template", [template.name for template in TEMPLATES if template.holds_data])
def test_what_holds_data_is_kept_in_production(template: str) -> None:
    kept = {
        logical_id
        for logical_id, resource in resources(template).items()
        if resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == {"Ref": "DeletionPolicy"}
    }
    holding = {"AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::S3::Bucket"}
    assert kept
    assert kept == {logical_id for logical_id, each in resources(template).items() if each["Type"] in holding}


def test_templates_are_linted_for_every_region_that_a_stage_may_be_in() -> None:
    linted = set(yaml.safe_load((BASE_DIR / ".cfnlintrc").read_text())["regions"])
    assert linted == {
        region for region in REGIONS if not region.startswith(_OTHER_PARTITIONS) and region not in _WITHOUT_SES
    }
    # Those of one region alone are linted for that.
    for template in (CERTIFICATE, BUDGET):
        metadata = read_template(template.path)["Metadata"]
        assert metadata["cfn-lint"]["config"] == {"regions": [template.region]}


def test_what_auditors_are_told_to_leave_has_its_reason_beside_it() -> None:
    """`make audit` finds nothing else; an exception is of one rule, for one resource."""
    exceptions = 0
    for path in (BASE_DIR / "infrastructure").glob("*.yaml"):
        assert "checkov" not in read_template(path).get("Metadata", {})
        for name, resource in read_template(path)["Resources"].items():
            for skipped in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
                assert re.fullmatch(r"CKV2?_AWS_\d+", skipped["id"]), name
                assert len(skipped["comment"].split()) >= 5, (name, skipped)
                exceptions += 1
    assert exceptions
    assert "skip-check" not in (BASE_DIR / "Makefile").read_text()


def test_every_template_is_deployed() -> None:
    files = {path.stem for path in (BASE_DIR / "infrastructure").glob("*.yaml")}
    others = (NETWORK, API, EDGE, CERTIFICATE, SCHEDULES, ALARMS, BUDGET)
    assert files == {template.name for template in (*TEMPLATES, *others)}


def test_buckets_are_nobody_elses_and_photos_have_no_past() -> None:
    buckets = {
        name: each["Properties"] for name, each in resources("storage").items() if each["Type"].endswith("Bucket")
    }
    for properties in buckets.values():
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    media = buckets["MediaBucket"]
    # What was removed is gone, and what nobody claimed goes.
    assert "VersioningConfiguration" not in media
    (rule,) = [each for each in media["LifecycleConfiguration"]["Rules"] if each["Id"] == "remove-unclaimed-uploads"]
    assert (rule["Prefix"], rule["ExpirationInDays"], rule["Status"]) == ("uploads/", 1, "Enabled")
    (cors,) = media["CorsConfiguration"]["CorsRules"]
    assert (cors["AllowedOrigins"], cors["AllowedMethods"]) == ([{"Ref": "SiteOrigin"}], ["POST"])


def test_the_media_bucket_has_the_name_that_a_laptop_knows_before(cloud: str) -> None:
    rules = client("s3").get_bucket_lifecycle_configuration(Bucket=settings.MEDIA_BUCKET_NAME)["Rules"]
    assert {rule["ID"]: rule.get("Expiration") for rule in rules}["remove-unclaimed-uploads"] == {"Days": 1}
    assert local_media_bucket_name().removeprefix("local-") == settings.MEDIA_BUCKET_NAME.removeprefix("test-")


def test_eventbridge_runs_the_jobs_when_they_say() -> None:
    rules = [each["Properties"] for each in resources("schedules").values() if each["Type"] == "AWS::Events::Rule"]
    expressions = {}
    for rule in rules:
        (target,) = rule["Targets"]
        (name,) = json.loads(target["Input"]).values()
        assert json.loads(target["Input"]) == {"job": name}
        assert rule["Name"] == {"Fn::Sub": f"${{Prefix}}{name}"}
        # A run that comes too late does what the next one does.
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == JOBS[name].when.interval.total_seconds()
        expressions[name] = rule["ScheduleExpression"]
    assert expressions == {name: job.when.eventbridge for name, job in JOBS.items()}


def test_each_rule_may_call_the_function() -> None:
    found = resources("schedules")
    rules = {name for name, each in found.items() if each["Type"] == "AWS::Events::Rule"}
    permissions = [each["Properties"] for each in found.values() if each["Type"] == "AWS::Lambda::Permission"]
    of_rules = [each["SourceArn"] for each in permissions if each["Principal"] == "events.amazonaws.com"]
    assert {source["Fn::GetAtt"][0] for source in of_rules} == rules


def test_beat_runs_the_jobs_when_they_say(cloud: str) -> None:
    schedule = app.conf.beat_schedule
    assert {name: (entry["schedule"], entry["args"], entry["task"]) for name, entry in schedule.items()} == {
        name: (job.when.celery, [name], RUN_JOB) for name, job in JOBS.items()
    }


def test_a_message_may_ask_for_every_task_and_nothing_else(cloud: str) -> None:
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == set(_tasks())
    # Whoever adds a task looks at what a forged message could ask of it.
    assert set(_tasks()) == {
        "bookings.store_invoice",
        "notifications.deliver_email",
        "photos.process",
        "marketplace.run_job",
    }


def test_queues_give_up_when_the_code_expects_it(cloud: str) -> None:
    everything = [*resources("messaging").values(), *resources("email").values()]
    queues = [each["Properties"] for each in everything if each["Type"] == "AWS::SQS::Queue"]
    receives = {
        queue["QueueName"]["Fn::Sub"].removeprefix("${Prefix}"): queue["RedrivePolicy"]["maxReceiveCount"]
        for queue in queues
        if "RedrivePolicy" in queue
    }
    assert receives == {"notifications.fifo": MAX_RECEIVES, "tasks": 32, "email-feedback": 5}
    # No other function sees a message before its time limit has ended the first.
    assert {queue["VisibilityTimeout"] for queue in queues if "RedrivePolicy" in queue} == {180}
    functions = orjson.loads((BASE_DIR / "zappa_settings.json").read_bytes())
    assert LONGEST_WORK_SECONDS < functions["events"]["timeout_seconds"] < 180


def test_the_patience_with_tasks_outlasts_minutes_without_ses() -> None:
    receives = resources("messaging")["TasksQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    shortest = [min(RetryPauses().get(receive) for _ in range(200)) for receive in range(1, receives)]
    assert sum(shortest) >= 7 * 60


def test_a_dead_consumer_holds_nothing_up_for_longer_than_half_a_minute(cloud: str) -> None:
    # When its message is shown again, its email's lease has run out.
    assert LEASE.total_seconds() < LEASE_SECONDS <= 30
    assert checkpoints.LEASE.total_seconds() <= 30
    assert max(RetryPauses().get(receive) for receive in range(1, 100)) <= 30


def test_nobody_is_overtaken_while_ses_is_asked(cloud: str) -> None:
    config = client("ses", attempts=1).meta.config
    # Connecting, sending and reading each have their own limit.
    assert config.connect_timeout + 2 * config.read_timeout < SENDING.total_seconds()
    assert config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize("template", ["messaging", "email", "alarms"])
def test_every_queue_and_topic_refuses_plain_http(template: str) -> None:
    guarded = set()
    for resource in resources(template).values():
        properties = resource["Properties"]
        for statement in properties.get("PolicyDocument", {}).get("Statement", []):
            if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}:
                guarded |= {target["Ref"] for target in properties.get("Queues", properties.get("Topics"))}
    kinds = {"AWS::SQS::Queue", "AWS::SNS::Topic"}
    assert guarded == {logical_id for logical_id, each in resources(template).items() if each["Type"] in kinds}


def test_outputs_are_named_as_the_settings_read_them(cloud: str) -> None:
    assert environment_name("CognitoUserPoolId") == "COGNITO_USER_POOL_ID"
    assert {"COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID", "BOOKING_EVENTS_TOPIC_ARN"} <= provision("test").keys()


# --- What the embedded cloud really has ------------------------------------------------------------------------------


def test_booking_events_flow_in_order_to_notifications(cloud: str) -> None:
    outputs = provision("test")
    sns, sqs = client("sns"), client("sqs")
    topic_arn = outputs["BOOKING_EVENTS_TOPIC_ARN"]
    topic = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    assert topic_arn.endswith(":test-booking-events.fifo")
    assert (topic["FifoTopic"], topic["ContentBasedDeduplication"]) == ("true", "false")
    assert topic["KmsMasterKeyId"] == "alias/aws/sns"

    queue_url = sqs.get_queue_url(QueueName="test-notifications.fifo")["QueueUrl"]
    sns.publish(
        TopicArn=topic_arn, Message='{"probe": true}', MessageGroupId="booking-1", MessageDeduplicationId="booking-1#1"
    )
    received = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=2, AttributeNames=["MessageGroupId"])
    (message,) = received["Messages"]
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    # Raw delivery: the body is the event, without an envelope around it.
    assert json.loads(message["Body"]) == {"probe": True}
    assert message["Attributes"]["MessageGroupId"] == "booking-1"


@pytest.mark.parametrize(
    ("queue", "dead_letter_queue"),
    [
        ("notifications.fifo", "notifications-dlq.fifo"),
        ("tasks", "tasks-dlq"),
        ("email-feedback", "email-feedback-dlq"),
        ("stream-failures", None),
    ],
)
def test_a_message_that_always_fails_is_kept_for_fourteen_days(
    cloud: str, queue: str, dead_letter_queue: str | None
) -> None:
    def attributes(name: str) -> dict[str, str]:
        sqs = client("sqs")
        url = sqs.get_queue_url(QueueName=PREFIX + name)["QueueUrl"]
        found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert found["SqsManagedSseEnabled"] == "true"
        assert (found.get("FifoQueue") == "true") is name.endswith(".fifo")
        return found

    last = attributes(dead_letter_queue or queue)
    assert int(last["MessageRetentionPeriod"]) == 14 * 24 * 3600
    if dead_letter_queue:
        redrive = json.loads(attributes(queue)["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"] == last["QueueArn"]
        assert int(redrive["maxReceiveCount"]) == {"tasks": 32}.get(queue, 5)


def test_sign_in_is_strict(cloud: str) -> None:
    outputs = provision("test")
    cognito = client("cognito-idp")
    pool_id = outputs["COGNITO_USER_POOL_ID"]
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert mfa["MfaConfiguration"] == "OPTIONAL"
    assert mfa["SoftwareTokenMfaConfiguration"]["Enabled"] is True
    groups = cognito.list_groups(UserPoolId=pool_id)["Groups"]
    assert {group["GroupName"] for group in groups} == {"customers", "providers", "admins", "support", "auditors"}

    for name, has_secret, flows in (
        ("COGNITO_CLIENT_ID", True, {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}),
        (
            "COGNITO_API_CLIENT_ID",
            False,
            {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
        ),
    ):
        description = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=outputs[name])
        app = description["UserPoolClient"]
        assert ("ClientSecret" in app) is has_secret
        assert (app["AccessTokenValidity"], app["TokenValidityUnits"]["AccessToken"]) == (15, "minutes")
        assert app["EnableTokenRevocation"] is True
        assert app["PreventUserExistenceErrors"] == "ENABLED"
        assert set(app["ExplicitAuthFlows"]) == flows
    assert outputs["COGNITO_CLIENT_SECRET"]


def test_the_secret_of_the_sites_client_is_in_no_output(cloud: str) -> None:
    outputs = provision("test")
    described = json.dumps(client("cloudformation").describe_stacks(StackName="test-marketplace-identity"), default=str)
    assert outputs["COGNITO_CLIENT_ID"] in described
    assert outputs["COGNITO_CLIENT_SECRET"] not in described


def test_documents_are_private(cloud: str) -> None:
    s3 = client("s3")
    bucket = provision("test")["DOCUMENTS_BUCKET_NAME"]
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert any(rule.get("NoncurrentVersionExpiration") == {"NoncurrentDays": 30} for rule in rules)
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
