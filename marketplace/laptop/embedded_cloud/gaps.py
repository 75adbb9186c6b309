"""What MiniStack's CloudFormation leaves out, applied afterwards through the services themselves.

It drops, without a word, a table's TTL, recovery and encryption, a topic's FIFO and encryption attributes, a bucket's
life cycle and the reports of SES. On AWS CloudFormation does all of this.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel.aws import client
from marketplace.laptop.cloudformation import read_template

Properties = Mapping[str, Any]


def close_gaps(stack_name: str, template: Path) -> None:
    """Apply to the stack's resources what MiniStack dropped. Can be repeated."""
    resources = read_template(template)["Resources"]
    for resource in client("cloudformation").describe_stack_resources(StackName=stack_name)["StackResources"]:
        close = _CLOSERS.get(resource["ResourceType"])
        if close:
            close(resource["PhysicalResourceId"], resources[resource["LogicalResourceId"]]["Properties"])


def _complete_table(name: str, properties: Properties) -> None:
    dynamodb = client("dynamodb")
    ttl = properties.get("TimeToLiveSpecification")
    if ttl and "AttributeName" not in dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
    )
    if "SSEDescription" not in dynamodb.describe_table(TableName=name)["Table"]:
        encryption = properties["SSESpecification"]
        dynamodb.update_table(
            TableName=name,
            SSESpecification={"Enabled": encryption["SSEEnabled"], "SSEType": encryption["SSEType"]},
        )


def _complete_topic(arn: str, properties: Properties) -> None:
    sns = client("sns")
    for name in {"FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId"} & properties.keys():
        value = properties[name]
        sns.set_topic_attributes(
            TopicArn=arn, AttributeName=name, AttributeValue=str(value).lower() if isinstance(value, bool) else value
        )


def _complete_sender(identity: str, properties: Properties) -> None:
    """MiniStack reports bounces and complaints to an identity's own topics only, not to a configuration set's."""
    # Making a topic that is there answers its ARN.
    topic_arn = client("sns").create_topic(Name=f"{settings.RESOURCE_PREFIX}email-feedback")["TopicArn"]
    for kind in ("Bounce", "Complaint"):
        client("ses").set_identity_notification_topic(Identity=identity, NotificationType=kind, SnsTopic=topic_arn)


def _complete_bucket(name: str, properties: Properties) -> None:
    rules = [_lifecycle_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
    client("s3").put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def _lifecycle_rule(rule: Properties) -> dict[str, Any]:
    """A rule of CloudFormation's as S3's own API takes it."""
    others = ("Id", "Prefix", "ExpirationInDays", "ExpiredObjectDeleteMarker")
    made = {
        "ID": rule["Id"],
        "Filter": {"Prefix": rule["Prefix"]} if "Prefix" in rule else {},
        **{key: value for key, value in rule.items() if key not in others},
    }
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        made["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    return made


_CLOSERS: dict[str, Callable[[str, Properties], None]] = {
    "AWS::DynamoDB::Table": _complete_table,
    "AWS::SNS::Topic": _complete_topic,
    "AWS::SES::EmailIdentity": _complete_sender,
    "AWS::S3::Bucket": _complete_bucket,
}
